import { useQuery } from "@tanstack/react-query";

import { exact, parse } from "@/lib/money";
import { type Key, Rich, useT, useWords } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./ledger.module.css";
import type { Line } from "./model";
import { causeQuery } from "./queries";

/** Tokens × price = the amount of this line, in short; the receipt has the rest. */
export function Arithmetic({ request, line }: { request: string; line: Line }) {
  const { t, tag } = useWords();
  const workspace = useWorkspace();
  const receipt = useQuery(causeQuery(workspace.id, request, useMay("all_usage"))).data;
  if (receipt === undefined) return null;
  const count = new Intl.NumberFormat(tag);
  return (
    <section className={styles.section} aria-labelledby="arithmetic">
      <h2 id="arithmetic">{t("usage.arithmetic")}</h2>
      <div className={styles.sheet}>
        <ul className={styles.sums}>
          {receipt.lines.map((part) => (
            <li key={part.name}>
              <span>
                {t(part.per === 1 ? "ledger.times_each" : "ledger.times_million", {
                  count_text: count.format(part.count),
                  what: (t as (key: Key) => string)(`usage.class_${part.name}` as Key),
                  price: exact(parse(part.price), tag),
                })}
              </span>
              <code>{part.cost}</code>
            </li>
          ))}
          <li data-sum="true">
            <span>{t("usage.charge")}</span>
            <Money value={receipt.cost} />
          </li>
        </ul>
        <p className={styles.sheetfoot}>
          <Rich k={parse(receipt.cost) === -parse(line.amount) ? "ledger.is_amount" : "ledger.is_request"} values={{ receipt: <ReceiptLink request={request} /> }} />
        </p>
      </div>
    </section>
  );
}

function ReceiptLink({ request }: { request: string }) {
  const t = useT();
  const { id } = useWorkspace();
  return (
    <AnchorLink to="/w/$ws/usage/$request" params={{ ws: id, request }}>
      {t("ledger.full_receipt")}
    </AnchorLink>
  );
}
