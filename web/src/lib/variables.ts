/* PURE  Prompts with {{variables}}, found as the server finds them (omna.chat.shelf.model). */

const VARIABLE = /\{\{\s*([^{}\s][^{}\n]{0,38}[^{}\s]|[^{}\s])\s*\}\}/g;

/** Return the names, each once, in the order in which they stand in a prompt. */
export function variablesOf(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(VARIABLE), (found) => found[1] ?? ""))];
}

/** Return a prompt with its variables filled in; what was left empty stays as it stands. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (whole, name: string) => {
    const value = values[name] ?? "";
    return value === "" ? whole : value;
  });
}
