import { Button } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { type RefObject, useCallback, useEffect, useMemo } from "react";

import { useT } from "@/locales";
import type { Conversation } from "./conversation";
import styles from "./message.module.css";
import { type Forest, headAt, type Place, placeOf, type Turn } from "./tree";
import { TurnView } from "./TurnView";
import type { Model } from "./types";
import { useNow } from "./useNow";
import { useSlices } from "./useSlices";

/** So many of the last ones are drawn at once: as many as are seen. */
const AT_ONCE = 4;

interface ThreadProps {
  conversation: Conversation;
  forest: Forest;
  turns: readonly Turn[];
  models: readonly Model[];
  list: RefObject<HTMLDivElement | null>;
  news: boolean;
  onEnd: () => void;
  editing: string | null;
  onEdit: (message: string | null) => void;
}

/** What was said, from the first question to the end of the branch. */
export function Thread({ conversation, forest, turns, models, list, news, onEnd, editing, onEdit }: ThreadProps) {
  const t = useT();
  const { show } = conversation;
  // The acts of a conversation never change: what is drawn anew is what was said anew.
  const { send, again, goOn, stop, correct, change, rename } = conversation;
  const acts = useMemo(() => ({ send, again, goOn, stop, correct, show, change, rename }), [send, again, goOn, stop, correct, show, change, rename]);
  const known = useNow(forest);
  const step = useCallback(
    (place: Place, by: number) => {
      const head = headAt(known(), place, by);
      if (head !== null) show(head);
    },
    [show, known],
  );
  useWalk(list);
  const left = useSlices(turns.length);
  return (
    <>
      <div ref={list} className={styles.list}>
        {turns.slice(left).map((turn, index) => (
          <TurnView
            key={turn.id}
            turn={turn}
            place={placeOf(forest, turn.parts[0])}
            acts={acts}
            onStep={step}
            models={models}
            chat={conversation.chat?.id ?? null}
            mine={conversation.mine}
            near={index >= turns.length - left - AT_ONCE}
            last={index === turns.length - left - 1}
            editing={turn.parts.some((part) => part.id === editing)}
            onEdit={onEdit}
          />
        ))}
      </div>
      {news && (
        <div className={styles.news}>
          <Button size="compact-sm" variant="default" radius="xl" leftSection={<IconArrowDown size={14} stroke={1.5} aria-hidden />} onClick={onEnd}>
            {t("chat.news")}
          </Button>
        </div>
      )}
    </>
  );
}

/** Alt ↑ and Alt ↓ go from message to message, from the composer too. */
function useWalk(list: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
      const turns = [...(list.current?.querySelectorAll<HTMLElement>("[data-turn]") ?? [])];
      if (turns.length === 0) return;
      const here = turns.findIndex((turn) => turn.contains(document.activeElement));
      const next = event.key === "ArrowUp" ? (here < 0 ? turns.length - 1 : here - 1) : here + 1;
      const turn = turns[next];
      if (turn === undefined || (here < 0 && event.key === "ArrowDown")) return;
      event.preventDefault();
      turn.focus({ preventScroll: true });
      turn.scrollIntoView({ block: "start", behavior: "instant" });
    };
    addEventListener("keydown", walk);
    return () => {
      removeEventListener("keydown", walk);
    };
  }, [list]);
}
