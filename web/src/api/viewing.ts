/* Somebody of the staff sees the app as a customer does: below /console/view/{id}. Every request of such a page names the
   viewing in a header; a page at any other address, in another tab of the same browser, is its own person's. */

const FOUND = /^\/console\/view\/(vw_[0-9a-f]{32})(?=\/|$)/;
const HEADER = "x-omna-viewing";

/** Return the viewing that an address is of; null: it is not of one. */
export function viewingOf(path: string): string | null {
  return FOUND.exec(path)?.[1] ?? null;
}

/** The viewing this page belongs to. It never changes while the page is open. */
export const viewing = viewingOf(location.pathname);

/** Where the app stands: below /app, or in a viewing. */
export const base = viewing === null ? "/app" : `/console/view/${viewing}`;

/** Name the viewing in a request, so that nothing of this page is done as oneself. */
export function markViewing(set: (name: string, value: string) => void): void {
  if (viewing !== null) set(HEADER, viewing);
}
