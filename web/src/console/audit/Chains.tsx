import { Badge, Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { absolute } from "@/lib/time";
import { type Key, Rich, useT, useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useZone } from "@/ui/zone";
import { ConsoleLink } from "../links";
import styles from "./audit.module.css";
import { type Chain, type ChainName, statusQuery, verify } from "./queries";

const COLORS = { whole: "ok", broken: "bad", unchecked: "warn" } as const;

/** The proof that nobody rewrote what happened: audit log and ledger, when they were checked, and what is wrong. */
export function Chains() {
  const status = useQuery(statusQuery);
  return (
    <Result query={status} skeleton={<BlockSkeleton height={200} />}>
      {(data) => (
        <div className={styles.chains}>
          <ChainPanel name="audit" chain={data.audit} />
          <ChainPanel name="ledger" chain={data.ledger} />
        </div>
      )}
    </Result>
  );
}

function ChainPanel({ name, chain }: { name: ChainName; chain: Chain }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const client = useQueryClient();
  const asking = useMutation({
    mutationFn: () => verify(name),
    onSettled: () => client.invalidateQueries({ queryKey: statusQuery.queryKey }),
  });
  const waiting = chain.asked !== null || asking.isPending;
  const title = say(`console_audit.chain_${name}`);
  return (
    <Section
      title={title}
      mark={
        <Badge variant="light" color={COLORS[chain.state]}>
          {say(`console_audit.state_${chain.state}`)}
        </Badge>
      }
      actions={
        <Button
          variant="default"
          loading={waiting}
          aria-label={t("console_audit.verify_chain", { chain: title })}
          onClick={() => {
            asking.mutate();
          }}
        >
          {t("console_audit.verify")}
        </Button>
      }
    >
      <Facts
        facts={[
          [t("console_audit.checked"), <TimeAgo key="checked" moment={chain.checked_all_at} />],
          [name === "audit" ? t("console_audit.head_row") : t("console_audit.head_block"), <Head key="head" chain={chain} name={name} />],
        ]}
      />
      <div role="status">{waiting && <p>{t("console_audit.waiting")}</p>}</div>
      <ErrorNotice error={asking.error} />
      {chain.state === "broken" && <Broken name={name} chain={chain} />}
    </Section>
  );
}

function Head({ chain, name }: { chain: Chain; name: ChainName }) {
  const t = useT();
  return (
    <span className={styles.seal}>
      <span>{chain.head.number}</span>
      <code>{chain.head.seal.slice(0, 12)}…</code>
      <CopyButton text={`${chain.head.number}:${chain.head.seal}`} label={name === "audit" ? t("console_audit.copy_head_audit") : t("console_audit.copy_head_ledger")} />
    </span>
  );
}

function Broken({ name, chain }: { name: ChainName; chain: Chain }) {
  const t = useT();
  const { tag } = useWords();
  const zone = useZone();
  const at = (moment: string | null) => (moment === null ? t("console_audit.never") : absolute(moment, tag, zone));
  return (
    <div className={styles.broken} role="alert">
      <p>
        <strong>{t("console_audit.broken", { count: chain.findings })}</strong>{" "}
        {t("console_audit.broken_when", { since: at(chain.broken_since), whole: at(chain.whole_at) })}
      </p>
      <ul tabIndex={0} aria-label={name === "audit" ? t("console_audit.broken_rows") : t("console_audit.broken_books")}>
        {chain.broken.map((one, index) => (
          <li key={index}>
            {one.seq === null ? (
              <code>{one.where}</code>
            ) : (
              <Rich k="console_audit.row" values={{ row: <ConsoleLink to={`/audit/${one.seq}`}>{one.where}</ConsoleLink> }} />
            )}
            : {one.problem}
          </li>
        ))}
      </ul>
      {chain.findings > chain.broken.length && <p>{t("console_audit.broken_more", { count: chain.findings - chain.broken.length })}</p>}
    </div>
  );
}
