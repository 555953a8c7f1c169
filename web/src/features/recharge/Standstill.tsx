import { type Icon, IconHourglass, IconPlayerPause, IconSnowflake } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { absolute } from "@/lib/time";
import { useT, useWords } from "@/locales";
import { useZone } from "@/ui/zone";
import type { Options } from "./model";
import styles from "./recharge.module.css";

/** No new orders at the moment. Those that exist stay where they are. */
export function Paused({ pause }: { pause: NonNullable<Options["paused"]> }) {
  const { t, tag } = useWords();
  const zone = useZone();
  return (
    <Notice icon={IconPlayerPause} title={t("recharge.paused")}>
      {t("recharge.paused_text", { reason: pause.reason, since: absolute(pause.since, tag, zone) })}
    </Notice>
  );
}

/** A frozen workspace neither spends nor buys. */
export function Frozen() {
  const t = useT();
  return (
    <Notice icon={IconSnowflake} title={t("recharge.frozen")}>
      {t("recharge.frozen_text")}
    </Notice>
  );
}

/** Who is not verified or approved yet cannot buy; the banner has the way there. */
export function Pending() {
  const t = useT();
  return (
    <Notice icon={IconHourglass} title={t("recharge.pending")}>
      {t("recharge.pending_text")}
    </Notice>
  );
}

function Notice({ icon: Picture, title, children }: { icon: Icon; title: string; children: ReactNode }) {
  return (
    <section className={styles.notice} aria-label={title}>
      <Picture size={24} stroke={1.5} aria-hidden />
      <div>
        <h2>{title}</h2>
        <p>{children}</p>
      </div>
    </section>
  );
}
