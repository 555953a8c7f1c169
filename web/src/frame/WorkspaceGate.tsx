import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useMatches, useParams } from "@tanstack/react-router";

import { workspacesQuery } from "@/api/queries";
import { may } from "@/lib/rights";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Waiting } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { lastWorkspace } from "./lastWorkspace";
import { NotFound } from "./NotFound";

/** Lets a page of a workspace through once we know it, and only to those who may see it. */
export function WorkspaceGate() {
  const { ws } = useParams({ strict: false });
  const workspaces = useQuery(workspacesQuery);
  const rights = useMatches({ select: (matches) => matches.at(-1)?.staticData.rights });
  if (workspaces.data === undefined) return <Early query={workspaces} />;
  const workspace = workspaces.data.find((one) => one.id === ws);
  if (workspace === undefined || (rights !== undefined && !may(workspace, ...rights))) return <NotFound />;
  // A page belongs to one workspace: another one begins afresh.
  return <Outlet key={workspace.id} />;
}

const SHORT = /^\/?(chat|models|keys|usage|ledger|recharge|orders|refunds|support|team)(\/.*)?$/;

/** The short addresses /app, /app/keys, …: the same page of the last workspace. */
export function ShortAddress() {
  const workspaces = useQuery(workspacesQuery);
  const { _splat: rest = "" } = useParams({ strict: false });
  if (rest !== "" && !SHORT.test(rest)) return <NotFound />;
  if (workspaces.data === undefined) return <Early query={workspaces} />;
  const workspace = lastWorkspace(workspaces.data);
  if (workspace === undefined) return <NotFound />;
  return <Navigate to={`/w/${workspace.id}/${rest}` as "/"} search={(before) => before} replace />;
}

function Early({ query }: { query: { error: unknown; isError: boolean; refetch: () => unknown } }) {
  if (query.isError) return <ErrorNotice error={query.error} retry={() => void query.refetch()} />;
  return <Waiting skeleton={<RowsSkeleton />} retry={() => void query.refetch()} />;
}
