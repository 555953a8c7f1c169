/* Filters, tabs and sorting live in the address, as plain text: `?q=small&sort=-price&tools=1`. */

export type Search = Record<string, string | string[]>;

/** Return the query of an address. A name that stands twice is a list. */
export function parseSearch(text: string): Search {
  const search: Search = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = search[name];
    search[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return search;
}

/** Return the query of an address, "?" included; what is empty is left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === "string" && one !== "") parameters.append(name, one);
    }
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** Return all values of a name. */
export function valuesOf(search: Search, name: string): string[] {
  const value = search[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** Return the first value of a name, "" for none. */
export function valueOf(search: Search, name: string): string {
  return valuesOf(search, name)[0] ?? "";
}
