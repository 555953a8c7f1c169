import { IconAlertOctagon } from "@tabler/icons-react";

import type { Schemas } from "@/api/client";
import { absolute } from "@/lib/time";
import { type Key, Rich, useWords } from "@/locales";
import { Banner } from "./Banner";
import { ofScope } from "@/lib/stops";

/** A line for each emergency stop in force: what stands still, since when, what the operator says, and what still works. */
export function StopBanners({ notices }: { notices: readonly Schemas["Notice"][] }) {
  const { t, tag } = useWords();
  return notices.map((notice) => {
    const { kind, name } = ofScope(notice.scope);
    return (
      <Banner key={notice.scope} kind="stop" icon={IconAlertOctagon}>
        <Rich
          k="banner.stop"
          values={{
            what: <strong>{(t as (key: Key, values: object) => string)(`banner.stop.${kind}` as Key, { name })}</strong>,
            since: absolute(notice.since, tag),
            message: notice.message,
          }}
        />
      </Banner>
    );
  });
}
