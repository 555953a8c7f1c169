import type { Workspace } from "@/api/queries";
import { viewing } from "@/api/viewing";
import { inBrowser } from "@/lib/kept";

/* Which workspace the short addresses lead to. Its id is no secret. */

const NAME = "omna.workspace";

export function rememberWorkspace(id: string): void {
  // Of whoever is looked at: it is not the reader's own.
  if (viewing === null) inBrowser.write(NAME, id);
}

/** Return the last workspace that was used and still exists, else the personal one. */
export function lastWorkspace(workspaces: readonly Workspace[]): Workspace | undefined {
  const last = inBrowser.read(NAME);
  return (
    workspaces.find((one) => one.id === last) ?? workspaces.find((one) => one.kind === "personal") ?? workspaces[0]
  );
}
