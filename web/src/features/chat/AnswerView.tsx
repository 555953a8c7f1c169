import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPencil, IconRefresh, IconSwitchHorizontal } from "@tabler/icons-react";

import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { useWorkspace } from "@/ui/workspace";
import { Alternatives } from "./Alternatives";
import type { Acts } from "./conversation";
import { Cost } from "./Cost";
import { EditBox } from "./EditBox";
import { ForkButton } from "./ForkButton";
import styles from "./message.module.css";
import { ModelMenu } from "./ModelMenu";
import { Reason } from "./Reason";
import { reasonOf } from "./reason";
import { Reasoning } from "./Reasoning";
import { lastOf, type Place, type Turn } from "./tree";
import type { Model } from "./types";
import { useAct } from "./useAct";
import { useLive } from "./useLive";
import { Words } from "./Words";

interface AnswerProps {
  turn: Turn;
  place: Place;
  go: (step: number) => void;
  acts: Acts;
  models: readonly Model[];
  chat: string | null;
  mine: boolean;
  /** Its end is the end of the branch. */
  last: boolean;
  editing: boolean;
  onEdit: (message: string | null) => void;
}

/** An answer, with all that continues it: what was thought, said, and what it cost. */
export function AnswerView({ turn, place, go, acts, models, chat, mine, last, editing, onEdit }: AnswerProps) {
  const t = useT();
  const { id: workspace } = useWorkspace();
  const act = useAct();
  const end = lastOf(turn);
  const live = useLive(end.id);
  const first = turn.parts[0];
  const answer = live?.answer ?? end.answer;
  if (answer === null) return null;
  const running = answer.state === "running";
  const text = [...turn.parts.slice(0, -1).map((part) => part.content), live?.text ?? end.content].join("");
  const reasoning = turn.parts.length === 1 ? (live?.reasoning ?? answer.reasoning) : (first.answer?.reasoning ?? "");
  const thinking = running && turn.parts.length === 1 && text === "";
  const why = reasonOf({ ...end, content: text }, answer);
  const again = (model: string | null) => {
    if (first.parent !== null && model !== null) void act.run(() => acts.again(first.parent ?? "", model));
  };
  return (
    <>
      {reasoning !== "" && (
        <Reasoning
          text={reasoning}
          streaming={thinking}
          milliseconds={first.answer?.reasoning_ms ?? answer.reasoning_ms}
          tokens={first.answer?.reasoning_tokens ?? null}
          charge={null}
        />
      )}
      {editing ? (
        <EditBox
          text={end.content}
          label={t("chat.edit_answer")}
          onSave={(content) => acts.correct(end.id, content)}
          onClose={() => {
            onEdit(null);
          }}
        />
      ) : (
        text !== "" && <Words text={text} streaming={running} />
      )}
      {running && text === "" && reasoning === "" && <p className={styles.waiting}>{t("chat.waiting")}</p>}
      {why !== null && (
        <Reason
          why={mine && last ? why : { ...why, help: [] }}
          answer={answer}
          delivered={text !== "" || reasoning !== ""}
          models={models}
          busy={act.busy}
          onContinue={() => void act.run(() => acts.goOn(end.id))}
          onRetry={() => {
            again(answer.wanted_model ?? answer.model);
          }}
          onSwitch={again}
        />
      )}
      <ErrorNotice error={act.error} />
      {!editing && (
        <div className={styles.acts}>
          <Alternatives place={place} go={go} />
          {!running && <Cost parts={turn.parts} models={models} />}
          {end.edited_at !== null && <span className={styles.mark}>{t("chat.edited")}</span>}
          {!running && (
            <span className={styles.buttons}>
              {text !== "" && <CopyButton text={text} label={t("chat.copy_answer")} />}
              {mine && turn.parts.length === 1 && text !== "" && (
                <Tooltip label={t("chat.edit")}>
                  <ActionIcon
                    size={28}
                    aria-label={t("chat.edit_answer")}
                    onClick={() => {
                      onEdit(end.id);
                    }}
                  >
                    <IconPencil size={16} stroke={1.5} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              )}
              {mine && (
                <>
                  <Tooltip label={t("chat.regenerate")}>
                    <ActionIcon
                      size={28}
                      aria-label={t("chat.regenerate")}
                      disabled={act.busy}
                      onClick={() => {
                        again(first.answer?.wanted_model ?? answer.model);
                      }}
                    >
                      <IconRefresh size={16} stroke={1.5} aria-hidden />
                    </ActionIcon>
                  </Tooltip>
                  <ModelMenu models={models} current={first.answer?.wanted_model ?? null} onChoose={again}>
                    <ActionIcon size={28} aria-label={t("chat.regenerate_other")} disabled={act.busy} title={t("chat.regenerate_other")}>
                      <IconSwitchHorizontal size={16} stroke={1.5} aria-hidden />
                    </ActionIcon>
                  </ModelMenu>
                  {chat !== null && <ForkButton workspace={workspace} chat={chat} message={end.id} />}
                </>
              )}
            </span>
          )}
        </div>
      )}
    </>
  );
}
