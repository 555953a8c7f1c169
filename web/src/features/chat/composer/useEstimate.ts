import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Setup } from "../types";
import { type Estimate, worthAsking } from "./estimating";
import { estimateQuery, type Intent } from "./queries";

const PAUSE_MS = 700;

interface Asked {
  workspace: string;
  /** False: the server keeps nothing it could count with. */
  kept: boolean;
  chat: string | null;
  parent: string | null;
  content: string;
  attachments: readonly string[];
  setup: Setup;
}

/** What the next message would cost and fill; null while nobody knows. fresh: it is about what stands there now. */
export function useEstimate({ workspace, kept, chat, parent, content, attachments, setup }: Asked): { estimate: Estimate | null; fresh: boolean } {
  const files = attachments.join(" ");
  const { model, system_prompt, parameters } = setup;
  const intent = useMemo<Intent | null>(() => {
    if (!kept || model === null || (chat === null && !worthAsking(content.trim().length, files.length))) return null;
    return { chat, parent, content, attachments: files === "" ? [] : files.split(" "), model, system_prompt, parameters };
  }, [kept, chat, parent, content, files, model, system_prompt, parameters]);
  const [settled] = useDebouncedValue(intent, PAUSE_MS);
  const query = useQuery({ ...estimateQuery(workspace, settled), placeholderData: keepPreviousData });
  const estimate = intent === null || query.isError ? null : (query.data ?? null);
  return { estimate: estimate?.model === model ? estimate : null, fresh: settled === intent && !query.isPlaceholderData && !query.isFetching };
}
