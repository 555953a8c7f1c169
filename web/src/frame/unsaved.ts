import type { Schemas } from "@/api/client";

/** What a person chose of how Omna looks. */
export type Choice = Partial<Pick<Schemas["Profile"], "theme" | "language">>;

const NAME = "omna.unsaved";

/** Return what was chosen in this tab and is not known to have reached the account: it is newer than the account. */
export function unsaved(): Choice {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "{}") as Choice;
  } catch {
    return {};
  }
}

export function addUnsaved(choice: Choice): void {
  write({ ...unsaved(), ...choice });
}

/** Forget what was sent, unless something else was chosen meanwhile. */
export function saved(sent: Choice): void {
  const left = Object.entries(unsaved()).filter(([name, value]) => sent[name as keyof Choice] !== value);
  write(Object.fromEntries(left));
}

function write(choice: Choice): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(choice));
  } catch {
    // Then it lasts as long as the page.
  }
}
