import { api, ask, type Schemas } from "@/api/client";
import type { Message, Setup } from "./types";

/* A temporary chat is kept by the page alone: every request carries all that was said, and its connection is the run. */

type Said = Schemas["TemporaryMessage"];

/** Return what was said as a request says it: files of text stand before the words they came with. */
export function saidIn(branch: readonly Message[]): Said[] {
  return branch
    .filter((message) => message.content !== "" || message.attachments.length > 0)
    .map((message) => {
      const files = message.attachments as { name: string; kind: string; inline?: string }[];
      const texts = files.filter((file) => file.kind !== "image").map((file) => `${file.name}:\n${file.inline ?? ""}`);
      return {
        role: message.role,
        content: [...texts, message.content].filter((text) => text !== "").join("\n\n"),
        images: files.filter((file) => file.kind === "image").map((file) => file.inline ?? ""),
      };
    });
}

/** Have the last of a branch answered. Errors: ApiError, also when it is refused before it begins. */
export function openTemporary(workspace: string, branch: readonly Message[], setup: Setup, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const body: Schemas["TemporaryChat"] = {
    messages: saidIn(branch),
    model: setup.model ?? "",
    system_prompt: setup.system_prompt,
    parameters: setup.parameters,
  };
  return ask(api.POST("/api/workspaces/{workspace}/chat/temporary", { params: { path: { workspace } }, body, parseAs: "stream", signal })) as unknown as Promise<
    ReadableStream<Uint8Array>
  >;
}
