import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { parse, plain } from "@/lib/money";
import { absolute } from "@/lib/time";
import { type Key, useT, useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { AnchorLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { ReportProblem } from "@/ui/ReportProblem";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { useMay, useWorkspace } from "@/ui/workspace";
import { Arithmetic } from "./Arithmetic";
import { Corrections } from "./Cause";
import { Equation } from "./Equation";
import { KindWord, StatusBadge } from "./kinds";
import styles from "./ledger.module.css";
import { before, type Line } from "./model";
import { lineQuery } from "./queries";
import { useZone } from "./useZone";

/** One line: what it did to the balance, and why. */
export default function LinePage() {
  const t = useT();
  const { line: transfer = "" } = useParams({ strict: false });
  const workspace = useWorkspace();
  const line = useQuery(lineQuery(workspace.id, transfer));
  const kind = line.data && (t as (key: Key) => string)(`kind.${line.data.kind}`);
  return (
    <>
      <p className={styles.back}>
        <AnchorLink to="/w/$ws/ledger" params={{ ws: workspace.id }}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden /> {t("nav.ledger")}
        </AnchorLink>
      </p>
      <PageHeader
        title={kind === undefined ? t("ledger.line") : t("ledger.line_of", { kind })}
        lead={<code className={styles.id}>{transfer}</code>}
        actions={
          <>
            <ReportProblem kind="ledger" id={transfer} />
            <CopyButton text={transfer} label={t("ledger.copy_id")} wide />
          </>
        }
      />
      <Result query={line} skeleton={<BlockSkeleton height={320} />}>
        {(data) => (
          <div className={styles.stack}>
            <Effect line={data} />
            <Facts line={data} />
            {data.request !== null && data.kind === "usage" && <Arithmetic request={data.request} line={data} />}
          </div>
        )}
      </Result>
    </>
  );
}

/** The balance before, what the line added to it or took away, and the balance after. */
function Effect({ line }: { line: Line }) {
  const t = useT();
  const amount = parse(line.amount);
  return (
    <section className={styles.standing} aria-label={t("ledger.effect")}>
      <Equation
        terms={[
          { name: t("ledger.before"), value: plain(before(line)) },
          { name: t("ledger.amount"), sign: amount < 0n ? "−" : "+", value: plain(amount < 0n ? -amount : amount) },
        ]}
        result={{ name: t("overview.after"), value: line.balance_after }}
      />
    </section>
  );
}

function Facts({ line }: { line: Line }) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  const { ownZone } = useZone();
  const seesUsage = useMay("all_usage");
  const buys = useMay("billing");
  return (
    <dl className={styles.facts}>
      <Fact name={t("ledger.type")}>
        <KindWord kind={line.kind} />
      </Fact>
      <Fact name={t("usage.status")}>
        <StatusBadge status={line.status} />
      </Fact>
      <Fact name={t("ledger.time")}>
        <time dateTime={line.time}>{absolute(line.time, tag, ownZone)}</time>
        {ownZone !== "UTC" && <small>{absolute(line.time, tag, "UTC")}</small>}
      </Fact>
      {line.description !== "" && <Fact name={t("ledger.cause")}>{line.description}</Fact>}
      {line.request !== null && (
        <Fact name={t("ledger.request")}>
          {line.model}
          <small>
            {seesUsage ? (
              <AnchorLink to="/w/$ws/usage/$request" params={{ ws: id, request: line.request }}>
                <code className={styles.id}>{line.request}</code>
              </AnchorLink>
            ) : (
              <code className={styles.id}>{line.request}</code>
            )}
          </small>
        </Fact>
      )}
      {buys && line.order !== null && (
        <Fact name={t("ledger.order")}>
          <AnchorLink to="/w/$ws/orders/$order" params={{ ws: id, order: line.order }}>
            <code className={styles.id}>{line.order}</code>
          </AnchorLink>
        </Fact>
      )}
      {buys && line.refund !== null && (
        <Fact name={t("kind.refund")}>
          <AnchorLink to="/w/$ws/refunds/$refund" params={{ ws: id, refund: line.refund }}>
            <code className={styles.id}>{line.refund}</code>
          </AnchorLink>
        </Fact>
      )}
      {line.key_name && <Fact name={t("usage.key")}>{line.key_name}</Fact>}
      {line.source === "chat" && <Fact name={t("usage.by_source")}>{t("usage.source_chat")}</Fact>}
      {(line.corrects !== null || line.corrected_by !== null) && (
        <Fact name={t("ledger.correction")}>
          <span className={styles.cause}>
            <Corrections line={line} />
          </span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
