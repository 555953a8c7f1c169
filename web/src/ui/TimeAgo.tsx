import { Tooltip } from "@mantine/core";
import { useSyncExternalStore } from "react";

import { absolute, relative } from "@/lib/time";
import { useWords } from "@/locales";
import { useZone } from "./zone";

const TICK_MS = 20_000;
let now = Date.now();

function subscribe(changed: () => void): () => void {
  const timer = setInterval(() => {
    now = Date.now();
    changed();
  }, TICK_MS);
  return () => {
    clearInterval(timer);
  };
}

/** The present, as milliseconds, again every 20 seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** "3 hours ago", with the absolute time and its zone on hover and focus. moment: ISO 8601; null reads "—". zone: else the person's. */
export function TimeAgo({ moment, zone }: { moment: string | null | undefined; zone?: string }) {
  const { tag } = useWords();
  const present = useNow();
  const own = useZone();
  if (!moment) return <>—</>;
  // The present is up to a tick old: what happened since is now, not to come.
  const at = Date.parse(moment);
  const seen = at > present && at - present < TICK_MS ? at : present;
  return (
    <Tooltip label={absolute(moment, tag, zone ?? own)}>
      <time dateTime={moment} tabIndex={0}>
        {relative(moment, seen, tag)}
      </time>
    </Tooltip>
  );
}
