import { Button } from "@mantine/core";
import { IconArrowRight, IconPlayerStopFilled } from "@tabler/icons-react";

import { duration } from "@/lib/time";
import { useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { ErrorNotice } from "@/ui/ErrorNotice";
import type { Conversation } from "../conversation";
import { Cost } from "../Cost";
import { Markdown } from "../markdown/Markdown";
import { Reason } from "../Reason";
import { reasonOf } from "../reason";
import { Reasoning } from "../Reasoning";
import type { Message, Model } from "../types";
import { useAct } from "../useAct";
import { useLive } from "../useLive";
import styles from "./compare.module.css";

interface ColumnProps {
  message: Message;
  name: string;
  conversation: Conversation;
  models: readonly Model[];
  onContinue: (message: Message) => void;
}

/** One of several answers to a question: it runs, ends and fails by itself. */
export function Column({ message, name, conversation, models, onContinue }: ColumnProps) {
  const { t, tag } = useWords();
  const act = useAct();
  const live = useLive(message.id);
  const answer = live?.answer ?? message.answer;
  if (answer === null) return null;
  const running = answer.state === "running";
  const text = live?.text ?? message.content;
  const reasoning = live?.reasoning ?? answer.reasoning;
  const why = reasonOf({ ...message, content: text }, answer);
  const again = (model: string | null) => {
    if (message.parent !== null && model !== null) void act.run(() => conversation.again(message.parent ?? "", model));
  };
  return (
    <>
      <div className={styles.head}>
        <h2>{name}</h2>
        {answer.first_delta_ms !== null && <span className={styles.latency}>{t("compare.first", { time: duration(answer.first_delta_ms, tag) })}</span>}
      </div>
      <div className={styles.words}>
        {reasoning !== "" && (
          <Reasoning text={reasoning} streaming={running && text === ""} milliseconds={answer.reasoning_ms} tokens={answer.reasoning_tokens} charge={null} />
        )}
        {text !== "" && <Markdown text={text} streaming={running} />}
        {running && text === "" && reasoning === "" && <p className={styles.waiting}>{t("chat.waiting")}</p>}
        {why !== null && (
          <Reason
            why={{ ...why, help: why.help.filter((help) => help === "retry" || help === "recharge") }}
            answer={answer}
            delivered={text !== "" || reasoning !== ""}
            models={models}
            busy={act.busy}
            onContinue={() => undefined}
            onRetry={() => {
              again(answer.wanted_model ?? answer.model);
            }}
            onSwitch={again}
          />
        )}
        <ErrorNotice error={act.error} />
      </div>
      <div className={styles.foot}>
        {running ? (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlayerStopFilled size={12} aria-hidden />}
            disabled={act.busy}
            onClick={() => void act.run(() => conversation.stop([message.id]))}
          >
            {t("chat.stop")} <span className="visually-hidden">{name}</span>
          </Button>
        ) : (
          <>
            <Cost parts={[message]} models={models} />
            <div className={styles.acts}>
              {text !== "" && (
                <Button size="compact-sm" variant="default" rightSection={<IconArrowRight size={14} stroke={1.5} aria-hidden />} onClick={() => {
                  onContinue(message);
                }}>
                  {t("compare.go_on")}
                  <span className="visually-hidden">: {name}</span>
                </Button>
              )}
              {text !== "" && <CopyButton text={text} label={t("chat.copy_answer")} />}
            </div>
          </>
        )}
      </div>
    </>
  );
}
