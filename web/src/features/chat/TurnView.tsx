import { memo, useCallback, useRef } from "react";

import { useT } from "@/locales";
import { AnswerView } from "./AnswerView";
import type { Acts } from "./conversation";
import { FarTurn } from "./FarTurn";
import styles from "./message.module.css";
import { Question } from "./Question";
import { lastOf, type Place, type Turn } from "./tree";
import type { Model } from "./types";
import { useNear } from "./useNear";

interface TurnProps {
  turn: Turn;
  place: Place;
  acts: Acts;
  onStep: (place: Place, step: number) => void;
  models: readonly Model[];
  chat: string | null;
  mine: boolean;
  /** It is drawn at once, wherever it is. */
  near: boolean;
  last: boolean;
  editing: boolean;
  onEdit: (message: string | null) => void;
}

/** One thing to read. Drawn again only when it changed: its parts, its alternatives, or that it is edited. */
export const TurnView = memo(function TurnView({ turn, place, onStep, near, editing, onEdit, ...rest }: TurnProps) {
  const t = useT();
  const [first] = turn.parts;
  const go = useCallback((step: number) => { onStep(place, step); }, [onStep, place]);
  const article = useRef<HTMLElement>(null);
  const [drawn, come] = useNear(article, near || editing || lastOf(turn).answer?.state === "running");
  const model = lastOf(turn).answer?.model ?? first.answer?.wanted_model ?? "";
  const name = first.role === "user" ? t("chat.you") : t("chat.answer_of", { model });
  return (
    <article
      ref={article}
      id={first.id}
      className={styles.turn}
      data-role={first.role}
      data-turn
      tabIndex={-1}
      aria-label={name}
      onFocus={come}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === "ArrowLeft") go(-1);
        else if (event.key === "ArrowRight") go(1);
      }}
    >
      <h2 className="visually-hidden">{name}</h2>
      {!drawn ? (
        <FarTurn turn={turn} />
      ) : first.role === "user" ? (
        <Question message={first} place={place} go={go} editing={editing} onEdit={onEdit} acts={rest.acts} chat={rest.chat} mine={rest.mine} />
      ) : (
        <AnswerView turn={turn} place={place} go={go} editing={editing} onEdit={onEdit} {...rest} />
      )}
    </article>
  );
}, same);

function same(before: TurnProps, after: TurnProps): boolean {
  return (
    before.turn.parts.length === after.turn.parts.length &&
    before.turn.parts.every((part, index) => part === after.turn.parts[index]) &&
    before.place.index === after.place.index &&
    before.place.ids.join() === after.place.ids.join() &&
    before.acts === after.acts &&
    before.onStep === after.onStep &&
    before.models === after.models &&
    before.chat === after.chat &&
    before.mine === after.mine &&
    before.near === after.near &&
    before.last === after.last &&
    before.editing === after.editing &&
    before.onEdit === after.onEdit
  );
}
