import { queryOptions } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

/** What the next message would go out with. */
export interface Intent {
  chat: string | null;
  parent: string | null;
  content: string;
  attachments: string[];
  model: string;
  system_prompt: string;
  parameters: Schemas["Parameters"];
}

export function estimateQuery(workspace: string, intent: Intent | null) {
  return queryOptions({
    queryKey: [workspace, "chat-estimate", intent],
    queryFn: async ({ signal }) => {
      if (intent === null) throw new Error("nothing to estimate");
      const { model, chat, parent, ...rest } = intent;
      const body = { ...rest, ...(chat === null ? {} : { chat }), ...(parent === null ? {} : { parent }), models: [model] };
      const found = await ask(api.POST("/api/workspaces/{workspace}/chat/estimate", { params: { path: { workspace } }, body, signal }));
      return found.items[0] ?? null;
    },
    enabled: intent !== null,
    // What was refused may be paid for by now.
    staleTime: (query) => (query.state.data?.refusal ? 0 : 20_000),
    // The text of drafts does not stay in memory longer than it is of use.
    gcTime: 30_000,
    retry: false,
  });
}
