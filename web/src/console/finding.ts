/* PURE  What the one box of the console needs to know. */

/** Whether a key opens the box: `/` alone, while nobody types into something. */
export function startsSearch(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing" | "target">): boolean {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const where = event.target as { tagName?: string; isContentEditable?: boolean } | null;
  return !["INPUT", "TEXTAREA", "SELECT"].includes(where?.tagName ?? "") && where?.isContentEditable !== true;
}

const STATES: Readonly<Record<string, string>> = {
  workspace: "console_people.kind_",
  recharge: "order.state_",
  refund: "refund.state_",
  dispute: "dispute.state_",
  ticket: "console_people.ticket_",
  request: "usage.outcome_",
};

/** The key of the words for what stands beside something that was found; undefined for what is written as it is. */
export function wordOf(kind: string, detail: string): string | undefined {
  const prefix = STATES[kind];
  return prefix === undefined ? undefined : prefix + detail;
}

/** An address below /console as a link takes it. */
export function placeOf(path: string): { to: string; search: Record<string, string> } {
  const [to = "/", query = ""] = path.split("?", 2);
  return { to, search: Object.fromEntries(new URLSearchParams(query)) };
}
