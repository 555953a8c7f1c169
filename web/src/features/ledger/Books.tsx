import { Button } from "@mantine/core";
import { IconAlertTriangle, IconChevronDown, IconClock, IconShieldCheck } from "@tabler/icons-react";
import { useId, useState } from "react";

import { absolute } from "@/lib/time";
import { Rich, useWords } from "@/locales";
import styles from "./ledger.module.css";
import type { Head } from "./model";

/** Whether the books are right: the last full check, and what it looks at. */
export function Books({ verified, zone }: { verified: Head["verified"]; zone: string }) {
  const { t, tag } = useWords();
  const [open, setOpen] = useState(false);
  const details = useId();
  const state = verified.at === null ? "waiting" : verified.ok ? "right" : "wrong";
  const Picture = { waiting: IconClock, right: IconShieldCheck, wrong: IconAlertTriangle }[state];
  const at = verified.at ?? "";
  return (
    <div className={styles.books} data-state={state}>
      <div className={styles.verdict}>
        <Picture size={20} stroke={1.5} aria-hidden />
        <p>
          {state === "waiting" ? (
            t("ledger.books_waiting")
          ) : (
            <Rich
              k={state === "right" ? "ledger.books_right" : "ledger.books_wrong"}
              values={{ time: <time dateTime={at}>{absolute(at, tag, zone)}</time> }}
            />
          )}
        </p>
        <Button
          variant="subtle"
          size="compact-sm"
          aria-expanded={open}
          aria-controls={details}
          rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden className={styles.turn} data-open={open} />}
          onClick={() => {
            setOpen(!open);
          }}
        >
          {t("ledger.books_meaning")}
        </Button>
      </div>
      <div id={details} hidden={!open} className={styles.proof}>
        {state === "wrong" && <p>{t("ledger.books_wrong_text")}</p>}
        <p>{t("ledger.books_checks")}</p>
        <ul>
          <li>{t("ledger.books_zero")}</li>
          <li>{t("ledger.books_chain")}</li>
          <li>{t("ledger.books_usage")}</li>
          <li>
            {verified.sealed_until === null ? (
              t("ledger.books_unsealed")
            ) : (
              <Rich
                k="ledger.books_sealed"
                values={{
                  height: new Intl.NumberFormat(tag).format(verified.height),
                  time: <time dateTime={verified.sealed_until}>{absolute(verified.sealed_until, tag, zone)}</time>,
                }}
              />
            )}
          </li>
        </ul>
      </div>
    </div>
  );
}
