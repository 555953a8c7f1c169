import { ActionIcon } from "@mantine/core";
import { IconCoins, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import type { Workspace } from "@/api/queries";
import { may } from "@/lib/rights";
import { Rich, useT } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { Banner } from "./Banner";
import { dismissedLevel, dismissLevel, forgetDismissal, hasRecovered, isDismissed, type Level, levelOf } from "./lowBalance";

const TEXTS = { low: "banner.low", very_low: "banner.very_low", empty: "banner.empty" } as const;

/** The balance runs low: one banner, dismissed for each level and workspace in this browser. */
export function LowBalance({ workspace }: { workspace: Workspace }) {
  const t = useT();
  const [dismissed, setDismissed] = useState(() => dismissedLevel(workspace.id));
  const recovered = hasRecovered(workspace);
  useEffect(() => {
    if (recovered) forgetDismissal(workspace.id);
  }, [recovered, workspace.id]);
  // Fallen again after a recovery, it is said again.
  if (recovered && dismissed !== null) setDismissed(null);
  const level: Level | null = levelOf(workspace);
  // Nothing can be spent there anyway, and another banner says so.
  const silent = workspace.frozen_at !== null || workspace.pending !== null;
  if (level === null || silent || isDismissed(level, dismissed)) return null;
  const recharge = may(workspace, "billing") ? (
    <AnchorLink to="/w/$ws/recharge" params={{ ws: workspace.id }}>
      {t("banner.recharge")}
    </AnchorLink>
  ) : (
    t("banner.ask_billing")
  );
  return (
    <Banner
      kind={level === "low" ? "quiet" : "warn"}
      icon={IconCoins}
      action={
        <ActionIcon
          size={28}
          aria-label={t("banner.dismiss")}
          onClick={() => {
            dismissLevel(workspace.id, level);
            setDismissed(level);
          }}
        >
          <IconX size={18} stroke={1.5} aria-hidden />
        </ActionIcon>
      }
    >
      <Rich k={TEXTS[level]} values={{ amount: <Money value={workspace.balance} form="short" inert unit />, recharge }} />
    </Banner>
  );
}
