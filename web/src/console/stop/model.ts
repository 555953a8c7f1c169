/** What can be stopped: kinds of scopes, those of a name last. */
export const KINDS = ["all", "api", "chat", "provider", "model", "recharge", "signup"] as const;
export type Kind = (typeof KINDS)[number];

/** The scope of what was chosen; "" while the name of a provider or model is missing. */
export function scopeOf(kind: Kind, name: string): string {
  if (kind !== "provider" && kind !== "model") return kind;
  return name === "" ? "" : `${kind}:${name}`;
}

/** Whether running answers are what this scope is about: orders and sign-ups do not run. */
export function canCut(kind: Kind): boolean {
  return kind !== "recharge" && kind !== "signup";
}
