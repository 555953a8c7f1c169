import type { Schemas } from "@/api/client";
import { inTab } from "@/lib/kept";

/** What a person chose of how Omna looks. */
export type Choice = Partial<Pick<Schemas["Profile"], "theme" | "language">>;

const NAME = "omna.unsaved";

/** Return what was chosen in this tab and is not known to have reached the account: it is newer than the account. */
export function unsaved(): Choice {
  return (inTab.readValue(NAME) ?? {}) as Choice;
}

export function addUnsaved(choice: Choice): void {
  inTab.writeValue(NAME, { ...unsaved(), ...choice });
}

/** Forget what was sent, unless something else was chosen meanwhile. */
export function saved(sent: Choice): void {
  const left = Object.entries(unsaved()).filter(([name, value]) => sent[name as keyof Choice] !== value);
  inTab.writeValue(NAME, Object.fromEntries(left));
}
