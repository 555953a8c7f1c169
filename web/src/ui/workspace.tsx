import { createContext, use } from "react";

import type { Workspace } from "@/api/queries";
import { may, type Right } from "@/lib/rights";

/* The workspace of the address. Pages below /w/{ws} always have one. */

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useWorkspace(): Workspace {
  const workspace = use(WorkspaceContext);
  if (workspace === null) throw new Error("this page is not below /w/{ws}");
  return workspace;
}

/** Whether the reader may do one of these here. */
export function useMay(...rights: Right[]): boolean {
  return may(useWorkspace(), ...rights);
}

/** Its name, "" where there is none. */
export function useWorkspaceName(): string {
  return use(WorkspaceContext)?.name ?? "";
}
