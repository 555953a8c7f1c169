import { Button } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";

import { type Key, Rich, useWords } from "@/locales";
import { ButtonLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./message.module.css";
import { ModelMenu } from "./ModelMenu";
import type { Reason as Why } from "./reason";
import type { Answer, Model } from "./types";

interface ReasonProps {
  why: Why;
  answer: Answer;
  /** Something of it arrived. */
  delivered: boolean;
  models: readonly Model[];
  busy: boolean;
  onContinue: () => void;
  onRetry: () => void;
  onSwitch: (model: string) => void;
}

/** Why an answer is not complete, whether it cost something, and what to do now. */
export function Reason({ why, answer, delivered, models, busy, onContinue, onRetry, onSwitch }: ReasonProps) {
  const { t, language } = useWords();
  const { id } = useWorkspace();
  const pays = useMay("billing");
  const calm = answer.state === "stopped" || answer.state === "complete";
  const Picture = calm ? IconInfoCircle : IconAlertTriangle;
  const own = why.precise && language === "en" ? (answer.error?.message ?? "") : "";
  return (
    <div className={styles.reason} data-calm={calm}>
      <Picture size={18} stroke={1.5} aria-hidden />
      <p>
        {own === "" ? (t as (key: Key) => string)(why.words) : own} <Charged answer={answer} delivered={delivered} />
      </p>
      {why.help.length > 0 && <div className={styles.help}>
        {why.help.includes("recharge") && pays && (
          <ButtonLink size="compact-sm" to="/w/$ws/recharge" params={{ ws: id }}>
            {t("nav.recharge")}
          </ButtonLink>
        )}
        {why.help.includes("continue") && (
          <Button size="compact-sm" variant="default" disabled={busy} onClick={onContinue}>
            {t("chat.continue")}
          </Button>
        )}
        {why.help.includes("retry") && (
          <Button size="compact-sm" variant="default" disabled={busy} onClick={onRetry}>
            {t("chat.retry")}
          </Button>
        )}
        {why.help.includes("switch") && (
          <ModelMenu models={models} current={answer.wanted_model} onChoose={onSwitch}>
            <Button size="compact-sm" variant="default" disabled={busy}>
              {t("chat.switch_model")}
            </Button>
          </ModelMenu>
        )}
      </div>}
    </div>
  );
}

function Charged({ answer, delivered }: { answer: Answer; delivered: boolean }) {
  const { t } = useWords();
  if (answer.state === "complete") return null;
  if (answer.charge === null) return answer.state === "refused" ? <>{t("chat.charged_nothing")}</> : null;
  if (/^0(\.0*)?$/.test(answer.charge)) return <>{t(delivered ? "chat.charged_free" : "chat.charged_zero")}</>;
  return <Rich k="chat.charged" values={{ amount: <Money value={answer.charge} unit inert /> }} />;
}
