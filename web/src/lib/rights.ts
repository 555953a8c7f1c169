/* What a member may do, as /api names it (omna.http.principal.Right). A control one may not use is not drawn. */

export type Right =
  | "view"
  | "chat"
  | "own_keys"
  | "all_keys"
  | "own_usage"
  | "all_usage"
  | "ledger"
  | "billing"
  | "members"
  | "limits"
  | "management_keys"
  | "ownership";

/** What somebody of the staff may do in the console (omna.http.principal.StaffRight). */
export type StaffRight = "see" | "money" | "tickets" | "freeze" | "audit" | "configuration" | "own";

export function may(who: { rights: readonly string[] }, ...rights: Right[]): boolean {
  return rights.some((right) => who.rights.includes(right));
}
