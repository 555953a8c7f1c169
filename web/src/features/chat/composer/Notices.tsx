import { Button } from "@mantine/core";
import { IconAlertTriangle, IconEyeOff, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { ApiError } from "@/api/problem";
import { Rich, useWords } from "@/locales";
import { ErrorNotice, inWords } from "@/ui/ErrorNotice";
import { ButtonLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { useMay, useWorkspace } from "@/ui/workspace";
import type { Model } from "../types";
import styles from "./composer.module.css";
import { type Estimate, gaugeOf, told } from "./estimating";

/** The chosen model cannot read what is attached: said before anything is sent, with one that can. */
export function Unreadable({ model, reader, onSwitch }: { model: Model; reader: Model | null; onSwitch: (id: string) => void }) {
  const { t } = useWords();
  return (
    <Note icon={<IconEyeOff size={18} stroke={1.5} aria-hidden />} tone="warn">
      {t("composer.unreadable", { name: model.name })} {reader === null ? t("composer.unreadable.none") : t("composer.unreadable.reader", { name: reader.name })}
      {reader !== null && (
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => {
            onSwitch(reader.id);
          }}
        >
          {t("composer.switch", { name: reader.name })}
        </Button>
      )}
    </Note>
  );
}

/** What is worth a word before a message is sent: a large price, a low balance, no balance, a context nearly full. */
export function Before({ estimate }: { estimate: Estimate }) {
  const { t, tag, language } = useWords();
  const says = told(estimate);
  const gauge = gaugeOf(estimate);
  const count = (tokens: number) => new Intl.NumberFormat(tag).format(tokens);
  return (
    <>
      {estimate.refusal !== null && (
        <Note icon={<IconAlertTriangle size={18} stroke={1.5} aria-hidden />} tone="bad">
          {inWords({ ...EMPTY_PROBLEM, ...estimate.refusal }, t, language === "en")}
          <Recharge code={estimate.refusal.code} />
        </Note>
      )}
      {says.scarce && (
        <Note icon={<IconAlertTriangle size={18} stroke={1.5} aria-hidden />} tone="warn">
          {t("composer.scarce", { tokens: count(estimate.answer_tokens_affordable ?? 0) })}
          <Recharge code="insufficient_credits" />
        </Note>
      )}
      {gauge !== null && gauge.full !== "no" && (
        <Note icon={<IconAlertTriangle size={18} stroke={1.5} aria-hidden />} tone="warn">
          {gauge.full === "over" ? t("composer.context.over") : t("composer.context.soon")}
          {estimate.dropped > 0 && ` ${t("composer.context.dropped", { count: estimate.dropped })}`}
        </Note>
      )}
      {says.price && estimate.prompt_charge !== null && (
        <Note icon={<IconInfoCircle size={18} stroke={1.5} aria-hidden />} tone="plain">
          <span>
            <Rich k="composer.price" values={{ amount: <Money value={estimate.prompt_charge} form="short" rounding="charge" unit />, tokens: count(estimate.prompt_tokens) }} />
          </span>
        </Note>
      )}
    </>
  );
}

const EMPTY_PROBLEM = { request_id: "", field: null, fields: [], limit: null, retry_after: null, details: {} };

/** Why the last message was not sent. The draft is still there. */
export function NotSent({ error }: { error: unknown }) {
  const code = error instanceof ApiError ? error.code : "";
  return <ErrorNotice error={error} action={<Recharge code={code} />} />;
}

/** The way to more Credits, for those who may buy them. */
function Recharge({ code }: { code: string }) {
  const { t } = useWords();
  const workspace = useWorkspace();
  const may = useMay("billing");
  if (code !== "insufficient_credits") return null;
  if (!may) return <span className={styles.who}>{t("composer.ask_owner")}</span>;
  return (
    <ButtonLink to="/w/$ws/recharge" params={{ ws: workspace.id }} size="compact-sm">
      {t("composer.recharge")}
    </ButtonLink>
  );
}

export function Note({ icon, tone, children }: { icon: ReactNode; tone: "plain" | "warn" | "bad"; children: ReactNode }) {
  return (
    <div className={styles.note} data-tone={tone}>
      {icon}
      <div className={styles.said}>{children}</div>
    </div>
  );
}
