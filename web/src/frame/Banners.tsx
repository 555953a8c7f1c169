import { IconAlertOctagon, IconAlertTriangle, IconClock, IconSnowflake, IconWifiOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { installationQuery, type Workspace } from "@/api/queries";
import { absolute } from "@/lib/time";
import { Rich, useWords } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { Banner } from "./Banner";
import { LowBalance } from "./LowBalance";

/** One banner for each state that concerns every page: reason, since when, what still works, where to ask. */
export function Banners({ workspace }: { workspace: Workspace | undefined }) {
  const { t, tag } = useWords();
  const installation = useQuery(installationQuery).data;
  const offline = !useSyncExternalStore(onConnection, () => navigator.onLine);
  const notice = installation?.notice;
  return (
    <>
      {offline && (
        <Banner kind="quiet" icon={IconWifiOff}>
          {t("banner.offline")}
        </Banner>
      )}
      {notice && (
        <Banner kind="stop" icon={IconAlertOctagon}>
          <Rich k="banner.stop" values={{ reason: notice.reason, since: absolute(notice.since, tag) }} />
        </Banner>
      )}
      {workspace?.frozen_at && (
        <Banner kind="bad" icon={IconSnowflake}>
          <Rich
            k="banner.frozen"
            values={{
              reason: workspace.frozen_reason ?? "",
              since: absolute(workspace.frozen_at, tag),
              where: (
                <AnchorLink to="/w/$ws/support" params={{ ws: workspace.id }} search={{ new: "1", category: "account" } as never}>
                  {t("nav.support")}
                </AnchorLink>
              ),
            }}
          />
        </Banner>
      )}
      {workspace?.pending === "verification" && (
        <Banner kind="warn" icon={IconAlertTriangle}>
          <Rich
            k="banner.verification"
            values={{
              link: (
                <AnchorLink to="/settings/$section" params={{ section: "profile" }}>
                  {t("banner.verification_link")}
                </AnchorLink>
              ),
            }}
          />
        </Banner>
      )}
      {workspace?.pending === "approval" && (
        <Banner kind="warn" icon={IconClock}>
          {t("banner.approval")}
        </Banner>
      )}
      {workspace && <LowBalance key={workspace.id} workspace={workspace} />}
    </>
  );
}

function onConnection(changed: () => void): () => void {
  addEventListener("online", changed);
  addEventListener("offline", changed);
  return () => {
    removeEventListener("online", changed);
    removeEventListener("offline", changed);
  };
}
