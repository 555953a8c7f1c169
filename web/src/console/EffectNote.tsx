import { IconUsers } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";

import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Money } from "@/ui/Money";
import styles from "./console.module.css";
import type { Effect } from "./effect";

/** The entries an act would book, and the balance after. */
export function EffectNote({ query }: { query: UseQueryResult<Effect> }) {
  const t = useT();
  if (query.isError) return <ErrorNotice error={query.error} />;
  const effect = query.data;
  return (
    <div className={styles.effect} role="group" aria-label={t("console.effect")} aria-busy={query.isFetching}>
      {effect === undefined ? (
        <span>{query.fetchStatus === "idle" ? t("console.effect_waits") : t("wait.loading")}</span>
      ) : (
        <>
          {effect.sentence !== "" && <p>{effect.sentence}</p>}
          <dl>
            {effect.entries.map((entry, index) => (
              <Row key={index} name={<code>{entry.account}</code>} value={<Money value={entry.amount} signed />} />
            ))}
            <Row name={t("console.balance_before")} value={<Money value={effect.available_before} />} />
            <Row after name={t("console.balance_after")} value={<Money value={effect.available_after} />} />
            {(effect.debt_before !== "0" || effect.debt_after !== "0") && (
              <Row name={t("console.debt_after")} value={<Money value={effect.debt_after} />} />
            )}
          </dl>
          {(effect.needs_second_person || effect.alone) && (
            <p className={styles.notice}>
              <IconUsers size={16} stroke={1.5} aria-hidden />
              {effect.needs_second_person ? t("console.second_person") : t("console.alone")}
            </p>
          )}
        </>
      )}
    </div>
  );
}

function Row({ name, value, after }: { name: React.ReactNode; value: React.ReactNode; after?: boolean }) {
  const style = after ? styles.after : undefined;
  return (
    <>
      <dt className={style}>{name}</dt>
      <dd className={style}>{value}</dd>
    </>
  );
}
