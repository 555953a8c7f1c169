import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";

import { type Key, useWords } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import { ConsoleLink } from "../links";
import { useStaffMay } from "../session";
import { ActedMark } from "./Marks";
import { worded } from "./model";
import { type Hit, useActs } from "./queries";
import styles from "./risk.module.css";

const AMOUNTS = new Set(["spent", "before", "fresh"]);
/** In this order; what is not here is in the sentence already. */
const NUMBERS = ["spent", "hours", "before", "history_days", "fresh", "fresh_models", "known_models", "accounts", "marker", "count"] as const;
const PAGES = { workspace: "/workspaces", recharge: "/recharges", dispute: "/disputes" } as const;

/** What a rule found: why, the numbers it decided by, what it did about it, and the way back. */
export function Found({ hit, caseId, yours }: { hit: Hit; caseId: string; yours: boolean }) {
  const { t, language } = useWords();
  const say = t as (key: Key) => string;
  const facts = NUMBERS.filter((name) => name in hit.numbers).map((name): readonly [string, ReactNode] => {
    const value = worded(hit.numbers[name]);
    return [say(`console_risk.number_${name}` as Key), AMOUNTS.has(name) ? <Money key={name} value={value} /> : value || "—"];
  });
  return (
    <article className={styles.hit} aria-label={hit.rule.name}>
      <div className={styles.head}>
        <h3>{hit.rule.name}</h3>
        <span className={styles.marks}>
          <ActedMark hit={hit} />
        </span>
      </div>
      <p>{hit.because[language === "zh" ? "zh" : "en"]}</p>
      {facts.length > 0 && <Facts facts={facts} />}
      {hit.acted === "limit" && (
        <p className={styles.quiet}>
          {t("console_risk.changed", { before: limitOf(hit.before) || t("console_risk.nothing"), after: limitOf(hit.after) })}
        </p>
      )}
      {hit.related.length > 0 && (
        <ul className={styles.links} aria-label={t("console_risk.related")}>
          {hit.related.map((one) => (
            <li key={one.id}>
              <ConsoleLink to={`${PAGES[one.kind]}/${one.id}`}>{one.name || `${say(`console_risk.related_${one.kind}` as Key)} …${one.id.slice(-6)}`}</ConsoleLink>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.head}>
        <span className={styles.quiet}>
          {t("console_risk.version", { version: hit.rule.version })} · <TimeAgo moment={hit.at} />
        </span>
        {hit.reversible && !yours && <Reverse hit={hit} caseId={caseId} />}
      </div>
    </article>
  );
}

function Reverse({ hit, caseId }: { hit: Hit; caseId: string }) {
  const { t } = useWords();
  const may = useStaffMay("freeze");
  const acts = useActs(caseId);
  const [opened, setOpened] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => {
          setOpened(true);
        }}
      >
        {t("console_risk.reverse")}
      </Button>
      <ActDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("console_risk.reverse_title", { rule: hit.rule.name })}
        verb={t("console_risk.reverse")}
        onConfirm={(values) => acts.reverse(hit.id, values.reason ?? "")}
        done={t("console_risk.reverse_done")}
      >
        {t("console_risk.reverse_text")}
      </ActDialog>
    </>
  );
}

function limitOf(state: Record<string, unknown> | null): string {
  return worded(state?.daily_limit);
}
