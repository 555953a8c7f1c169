import type { Workspace } from "@/api/queries";
import { viewing } from "@/api/viewing";

/* Which workspace the short addresses lead to. Its id is no secret. */

const NAME = "omna.workspace";

export function rememberWorkspace(id: string): void {
  // Of whoever is looked at: it is not the reader's own.
  if (viewing !== null) return;
  try {
    localStorage.setItem(NAME, id);
  } catch {
    // A browser without storage starts in the personal workspace.
  }
}

/** Return the last workspace that was used and still exists, else the personal one. */
export function lastWorkspace(workspaces: readonly Workspace[]): Workspace | undefined {
  let last: string | null = null;
  try {
    last = localStorage.getItem(NAME);
  } catch {
    // As above.
  }
  return (
    workspaces.find((one) => one.id === last) ?? workspaces.find((one) => one.kind === "personal") ?? workspaces[0]
  );
}
