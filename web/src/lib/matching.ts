/* PURE  Which entries of a list some letters mean. */

interface Entry {
  label?: string;
  description?: string;
  keywords?: string | string[];
}

/** Return the entries that have these letters, those whose name has them first. */
export function matching<T extends Entry>(letters: string, entries: readonly T[]): T[] {
  const wanted = letters.trim().toLowerCase();
  const has = (text: string | undefined) => text?.toLowerCase().includes(wanted) ?? false;
  const named = entries.filter((entry) => has(entry.label));
  const told = entries.filter((entry) => !has(entry.label) && (has(entry.description) || has([entry.keywords ?? []].flat().join(","))));
  return [...named, ...told];
}
