import { Rich, useT } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./ledger.module.css";
import type { Line } from "./model";

/** Why there is a line: the request, the order or the refund that it belongs to, or what was written when it was booked; and what corrects what. */
export function Cause({ line }: { line: Line }) {
  const t = useT();
  const { id } = useWorkspace();
  const seesUsage = useMay("all_usage");
  const buys = useMay("billing");
  const name = line.description || (line.model ?? t("ledger.open_line"));
  return (
    <span className={styles.cause}>
      <span>
        {line.request !== null && seesUsage ? (
          <AnchorLink to="/w/$ws/usage/$request" params={{ ws: id, request: line.request }}>
            {name}
          </AnchorLink>
        ) : buys && line.refund !== null ? (
          <AnchorLink to="/w/$ws/refunds/$refund" params={{ ws: id, refund: line.refund }}>
            {name}
          </AnchorLink>
        ) : buys && line.order !== null ? (
          <AnchorLink to="/w/$ws/orders/$order" params={{ ws: id, order: line.order }}>
            {name}
          </AnchorLink>
        ) : (
          <AnchorLink to="/w/$ws/ledger/$line" params={{ ws: id, line: line.id }}>
            {name}
          </AnchorLink>
        )}
        {line.key_name && <small> {t("ledger.with_key", { key: line.key_name })}</small>}
        {line.source === "chat" && <small> · {t("usage.source_chat")}</small>}
      </span>
      <Corrections line={line} />
    </span>
  );
}

/** Both ways: what a line puts right, and what put it right. */
export function Corrections({ line }: { line: Pick<Line, "corrects" | "corrected_by"> }) {
  const t = useT();
  const { id } = useWorkspace();
  const link = (transfer: string, key: "ledger.that_line" | "ledger.that_correction") => (
    <AnchorLink to="/w/$ws/ledger/$line" params={{ ws: id, line: transfer }}>
      {t(key)}
    </AnchorLink>
  );
  return (
    <>
      {line.corrects !== null && (
        <small>
          <Rich k="ledger.corrects" values={{ line: link(line.corrects, "ledger.that_line") }} />
        </small>
      )}
      {line.corrected_by !== null && (
        <small>
          <Rich k="ledger.corrected_by" values={{ line: link(line.corrected_by, "ledger.that_correction") }} />
        </small>
      )}
    </>
  );
}
