import { IconAlertTriangle, IconClock, IconSnowflake, IconWifiOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { accountQuery, installationQuery, type Workspace } from "@/api/queries";
import { absolute } from "@/lib/time";
import { Rich, useWords } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { Announcements } from "./Announcements";
import { Banner } from "./Banner";
import { LowBalance } from "./LowBalance";
import { StopBanners } from "./StopBanners";

/** One banner for each state that concerns every page: reason, since when, what still works, where to ask. */
export function Banners({ workspace }: { workspace: Workspace | undefined }) {
  const { t, tag } = useWords();
  const installation = useQuery(installationQuery).data;
  const offline = !useSyncExternalStore(onConnection, () => navigator.onLine);
  const frozen = useQuery(accountQuery).data?.frozen;
  const support = workspace ? (
    <AnchorLink to="/w/$ws/support" params={{ ws: workspace.id }} search={{ new: "1", category: "account" } as never}>
      {t("nav.support")}
    </AnchorLink>
  ) : (
    t("nav.support")
  );
  const untilOf = (moment: string | null) => (moment === null ? "" : t("banner.until", { moment: absolute(moment, tag) }));
  return (
    <>
      {offline && (
        <Banner kind="quiet" icon={IconWifiOff}>
          {t("banner.offline")}
        </Banner>
      )}
      <StopBanners notices={installation?.notices ?? []} />
      {frozen && (
        <Banner kind="bad" icon={IconSnowflake}>
          <Rich
            k="banner.account_frozen"
            values={{ reason: frozen.reason, since: absolute(frozen.since, tag), until: untilOf(frozen.until), where: support }}
          />
        </Banner>
      )}
      {workspace?.frozen_at && !(frozen && workspace.kind === "personal") && (
        <Banner kind="bad" icon={IconSnowflake}>
          <Rich
            k="banner.frozen"
            values={{
              reason: workspace.frozen_reason ?? "",
              since: absolute(workspace.frozen_at, tag),
              until: untilOf(workspace.frozen_until),
              where: support,
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
      <Announcements lines={installation?.announcements ?? []} />
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
