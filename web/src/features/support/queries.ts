import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import { supportKey } from "@/api/queries";

export type TicketRow = Schemas["TicketRow"];
export type Ticket = Schemas["TicketDetail"];
export type TicketNew = Schemas["TicketNew"];
export type Message = Schemas["MessageRow"];
export type Attachment = Schemas["AttachmentRow"];

const POLL_MS = 20_000;

export function ticketsQuery(workspace: string, state: string, cursor: string) {
  const query = { state: state === "" ? undefined : (state as Ticket["state"]), cursor: cursor === "" ? undefined : cursor, limit: 25 };
  return queryOptions({
    queryKey: [...supportKey(workspace), "list", state, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/tickets", { params: { path: { workspace }, query }, signal })),
    refetchInterval: POLL_MS,
  });
}

export function ticketQuery(workspace: string, ticket: string) {
  return queryOptions({
    queryKey: [...supportKey(workspace), ticket],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/tickets/{ticket}", { params: { path: { workspace, ticket } }, signal })),
    refetchInterval: POLL_MS,
  });
}

/** What can be done with one request; each answers it as it is then. */
export function useTicketActs(workspace: string, ticket: string) {
  const client = useQueryClient();
  const params = { params: { path: { workspace, ticket } } };
  // Not waited for: what was typed leaves its field when it stands in the thread.
  const keep = (changed: Ticket) => {
    client.setQueryData(ticketQuery(workspace, ticket).queryKey, changed);
    void client.invalidateQueries({ queryKey: supportKey(workspace) });
  };
  const answer = useMutation({
    mutationFn: (body: Schemas["MessageNew"]) => ask(api.POST("/api/workspaces/{workspace}/tickets/{ticket}/messages", { ...params, body })),
    onSuccess: keep,
  });
  const solve = useMutation({
    mutationFn: () => ask(api.POST("/api/workspaces/{workspace}/tickets/{ticket}/solve", params)),
    onSuccess: keep,
  });
  const reopen = useMutation({
    mutationFn: () => ask(api.POST("/api/workspaces/{workspace}/tickets/{ticket}/reopen", params)),
    onSuccess: keep,
  });
  return { answer, solve, reopen };
}

export function useOpenTicket(workspace: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TicketNew) => ask(api.POST("/api/workspaces/{workspace}/tickets", { params: { path: { workspace } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: supportKey(workspace) }),
  });
}

export function markRead(workspace: string, ticket: string) {
  return ask(api.POST("/api/workspaces/{workspace}/tickets/{ticket}/read", { params: { path: { workspace, ticket } } }));
}

/** Hand in a file that is to go with a message. Errors: ApiError with what is wrong with it. */
export function handIn(workspace: string, file: File): Promise<Schemas["UploadRow"]> {
  return ask(
    api.POST("/api/workspaces/{workspace}/uploads", {
      params: { path: { workspace } },
      body: { file: "", purpose: "support" },
      bodySerializer: () => {
        const form = new FormData();
        form.append("purpose", "support");
        form.append("file", file);
        return form;
      },
    }),
  );
}
