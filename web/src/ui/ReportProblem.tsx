import { IconFlag } from "@tabler/icons-react";
import { use } from "react";

import { useT } from "@/locales";
import styles from "./ReportProblem.module.css";
import { Link } from "./links";
import { WorkspaceContext } from "./workspace";

export type ReportKind = "order" | "refund" | "request" | "ledger" | "key";

const CATEGORIES: Record<ReportKind, string> = { order: "billing", refund: "billing", request: "api_error", ledger: "billing", key: "api_error" };

interface ReportProblemProps {
  /** What of the workspace it is about. */
  kind: ReportKind;
  id: string;
  /** Else what fits the kind: billing, api_error, model_quality, account, other. */
  category?: string;
}

/** "Report a problem": opens a new request for support with this thing attached. Nothing where there is no workspace. */
export function ReportProblem({ kind, id, category = CATEGORIES[kind] }: ReportProblemProps) {
  const t = useT();
  const workspace = use(WorkspaceContext);
  if (workspace === null) return null;
  return (
    <Link to="/w/$ws/support" params={{ ws: workspace.id }} search={{ about: `${kind}:${id}`, category } as never} className={styles.link}>
      <IconFlag size={16} stroke={1.5} aria-hidden />
      {t("report.problem")}
    </Link>
  );
}
