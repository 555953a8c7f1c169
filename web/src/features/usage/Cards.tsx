import { IconArrowDownRight, IconArrowUpRight } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { Schemas } from "@/api/client";
import { parse } from "@/lib/money";
import { duration } from "@/lib/time";
import { useWords } from "@/locales";
import { Money } from "@/ui/Money";
import { useAddress } from "@/ui/useAddress";
import { change } from "./model";
import styles from "./usage.module.css";

/** The period in numbers, against the one before. A card opens the requests behind it. */
export function Cards({ summary, dimmed }: { summary: Schemas["UsageSummary"]; dimmed: boolean }) {
  const { t, tag } = useWords();
  const address = useAddress();
  const { current, previous } = summary;
  const count = new Intl.NumberFormat(tag);
  const compact = new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 });
  const errors = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 });
  const tokens = current.tokens;

  function open(changes: Record<string, string | string[]>) {
    address.set({ ...changes, cursor: "" });
    document.getElementById("log")?.scrollIntoView({ block: "start" });
  }

  return (
    <ul className={styles.cards} data-dimmed={dimmed}>
      <Card
        label={t("usage.spent")}
        value={
          <>
            <Money value={current.spend} form="short" rounding="charge" inert /> <small>Credits</small>
          </>
        }
        change={change(Number(parse(current.spend)), Number(parse(previous.spend)))}
        onOpen={() => {
          open({});
        }}
      />
      <Card
        label={t("usage.requests")}
        value={count.format(current.requests)}
        change={change(current.requests, previous.requests)}
        onOpen={() => {
          open({});
        }}
      />
      <Card
        label={t("usage.tokens")}
        value={compact.format(tokens.prompt + tokens.completion)}
        change={change(tokens.prompt + tokens.completion, previous.tokens.prompt + previous.tokens.completion)}
        detail={t("usage.tokens_in_out", {
          input: compact.format(tokens.prompt),
          output: compact.format(tokens.completion),
          cached: compact.format(tokens.cached),
          reasoning: compact.format(tokens.reasoning),
        })}
        onOpen={() => {
          open({});
        }}
      />
      <Card
        label={t("usage.errors")}
        value={count.format(current.errors)}
        change={change(current.errors, previous.errors)}
        detail={current.requests === 0 ? undefined : t("usage.errors_share", { share: errors.format(current.errors / current.requests) })}
        onOpen={() => {
          open({ outcome: ["failed"] });
        }}
      />
      <Card
        label={t("usage.latency")}
        value={current.latency_ms === null ? "—" : duration(current.latency_ms, tag)}
        change={current.latency_ms === null ? null : change(current.latency_ms, previous.latency_ms ?? 0)}
        detail={current.first_token_ms === null ? undefined : t("usage.first_after", { time: duration(current.first_token_ms, tag) })}
        onOpen={() => {
          open({});
        }}
      />
    </ul>
  );
}

interface CardProps {
  label: string;
  value: ReactNode;
  /** By which part it changed; null where there is nothing to compare with. */
  change: number | null;
  detail?: string;
  onOpen: () => void;
}

function Card({ label, value, change: part, detail, onOpen }: CardProps) {
  const { t, tag } = useWords();
  const Arrow = (part ?? 0) < 0 ? IconArrowDownRight : IconArrowUpRight;
  return (
    <li>
      <button type="button" className={styles.card} onClick={onOpen}>
        <span className={styles.label}>{label}</span>
        <span className={styles.value}>{value}</span>
        <span className={styles.detail}>
          {part === null ? (
            t("usage.nothing_before")
          ) : (
            <>
              {part !== 0 && <Arrow size={14} stroke={1.5} aria-hidden />}
              {t("usage.change", { change: new Intl.NumberFormat(tag, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 }).format(part) })}
            </>
          )}
        </span>
        {detail && <span className={styles.detail}>{detail}</span>}
      </button>
    </li>
  );
}
