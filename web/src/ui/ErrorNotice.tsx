import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { ApiError, isCancelled, type Problem, problemOf } from "@/api/problem";
import { type Key, type Translate, useWords } from "@/locales";
import { CopyButton } from "./CopyButton";
import { ReportProblem } from "./ReportProblem";
import styles from "./states.module.css";

interface ErrorNoticeProps {
  error: unknown;
  /** Offers "Try again". */
  retry?: () => void;
  /** The next step, where there is a better one. */
  action?: ReactNode;
}

/** What happened, whether money moved, the next step; small, the request id with copy. */
export function ErrorNotice({ error, retry, action }: ErrorNoticeProps) {
  const { t, language } = useWords();
  if (error === null || error === undefined || isCancelled(error)) return null;
  const problem = error instanceof ApiError ? error.problem : problemOf(null, null);
  // A form shows what is wrong beside its fields; here stand only what has no field of its own.
  const more = problem.fields.length > 1 ? problem.fields : [];
  return (
    <div className={styles.notice} role="alert">
      <IconAlertTriangle size={20} stroke={1.5} aria-hidden />
      <p className={styles.message}>{inWords(problem, t, language === "en")}</p>
      {more.length > 0 && (
        <ul className={styles.fields}>
          {more.map((one) => (
            <li key={one.field}>
              {one.field}: {one.message}
            </li>
          ))}
        </ul>
      )}
      {(problem.request_id !== "" || retry || action) && (
        <div className={styles.meta}>
          {action}
          {retry && (
            <Button variant="default" size="compact-sm" onClick={retry}>
              {t("error.retry")}
            </Button>
          )}
          {problem.request_id !== "" && (
            <span className={styles.id}>
              <code>{problem.request_id}</code>
              <CopyButton text={problem.request_id} label={t("error.copy_id")} />
            </span>
          )}
          {REQUEST.test(problem.request_id) && <ReportProblem kind="request" id={problem.request_id} category="other" />}
        </div>
      )}
    </div>
  );
}

const REQUEST = /^req_[0-9a-f]{32}$/;

const KNOWN: Partial<Record<string, Key>> = {
  network: "error.network",
  unreadable: "error.unreadable",
  internal_error: "error.internal",
  service_unavailable: "error.away",
  not_found: "error.not_found",
  forbidden: "error.forbidden",
  rate_limited: "error.rate",
  too_many_requests: "error.rate",
  email_not_verified: "error.unverified",
  awaiting_approval: "error.unapproved",
  invalid_value: "error.invalid",
  console_closed: "console.closed_title",
  second_factor_required: "console.factor_title",
};

/** Return the sentence. The API's own is the most precise; it is English, so other languages have theirs by code. */
export function inWords(problem: Problem, t: Translate, english: boolean): string {
  const key = KNOWN[problem.code];
  if (english && problem.message !== "") return problem.message;
  if (key !== undefined) return (t as (key: Key) => string)(key);
  return problem.message !== "" ? problem.message : t("error.unreadable");
}
