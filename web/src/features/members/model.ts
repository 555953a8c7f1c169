import { parse, typed } from "@/lib/money";
import type { Key } from "@/locales";
import type { Period } from "@/ui/SpendLimit";
import type { Member, Role } from "./queries";

/* Who may do what to whom. Pure; /api decides, this only leaves out what it would refuse. */

export const ROLES: readonly Role[] = ["owner", "admin", "billing", "member"];
export const MEMBER_PERIODS: readonly Period[] = ["day", "week", "month"];

export const ROLE_NAMES: Record<Role, Key> = { owner: "role.owner", admin: "role.admin", billing: "role.billing", member: "role.member" };
export const ROLE_TEXTS: Record<Role, Key> = {
  owner: "team.role_owner",
  admin: "team.role_admin",
  billing: "team.role_billing",
  member: "team.role_member",
};

/** Roles that a member may give: only an owner makes owners. */
export function givable(own: Role): Role[] {
  return ROLES.filter((role) => role !== "owner" || own === "owner");
}

/** Whether a member may change or remove another one. */
export function mayTouch(own: Role, other: Member): boolean {
  return !other.you && (other.role !== "owner" || own === "owner");
}

/** Roles that may have API keys: who gets another role parts from them. */
export function hasKeys(role: Role): boolean {
  return role !== "billing";
}

/** Whether a text is an amount above zero, or nothing. */
export function isLimit(text: string): boolean {
  const amount = typed(text);
  return text.trim() === "" || (amount !== null && parse(amount) > 0n);
}
