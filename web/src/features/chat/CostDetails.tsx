import { useQuery } from "@tanstack/react-query";

import { type Key, useT, useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { ReportProblem } from "@/ui/ReportProblem";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./message.module.css";
import { receiptQuery } from "./queries";

/** What one request cost, and where that stands: count × price for each kind of token, receipt, ledger. */
export function CostDetails({ request }: { request: string }) {
  const t = useT();
  const { tag } = useWords();
  const say = t as (key: Key) => string;
  const { id } = useWorkspace();
  const seesLedger = useMay("ledger");
  const receipt = useQuery(receiptQuery(id, request));
  const count = new Intl.NumberFormat(tag);
  return (
    <Result query={receipt} skeleton={<BlockSkeleton height={96} />}>
      {(data) => (
        <>
          <dl className={styles.lines}>
            {data.lines.map((line) => (
              <div key={line.name}>
                <dt>{say(`usage.class_${line.name}` as Key)}</dt>
                <dd>
                  {count.format(line.count)} × <Money value={line.price} inert /> {t(line.per === 1 ? "usage.each" : "usage.per_million")}
                </dd>
              </div>
            ))}
            <div>
              <dt>{t("usage.charge")}</dt>
              <dd>
                <b>
                  <Money value={data.cost} unit inert />
                </b>
                {data.estimated && ` · ${t("usage.estimated")}`}
              </dd>
            </div>
          </dl>
          <p className={styles.ways}>
            <span className={styles.id}>
              <code>{request}</code>
              <CopyButton text={request} label={t("error.copy_id")} />
            </span>
            <AnchorLink to="/w/$ws/usage/$request" params={{ ws: id, request }}>
              {t("chat.receipt")}
            </AnchorLink>
            {seesLedger && !data.running && data.ledger.length > 0 && (
              <AnchorLink to="/w/$ws/ledger/$line" params={{ ws: id, line: data.ledger.at(-1) ?? "" }}>
                {t("chat.ledger_line")}
              </AnchorLink>
            )}
            <ReportProblem kind="request" id={request} category="model_quality" />
          </p>
        </>
      )}
    </Result>
  );
}
