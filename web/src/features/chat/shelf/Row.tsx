import { ActionIcon } from "@mantine/core";
import { IconDots, IconPin, IconUsers } from "@tabler/icons-react";
import { type KeyboardEvent, memo, useEffect, useRef } from "react";

import type { ChatRow } from "@/api/chats";
import { composing } from "@/lib/keystroke";
import { useT } from "@/locales";
import { Link } from "@/ui/links";
import styles from "./shelf.module.css";

/** What a row tells its list; the same object for as long as the list stands. */
export interface RowEvents {
  onFocus: (id: string) => void;
  onOpen: () => void;
  onMenu: (row: ChatRow, anchor: HTMLElement) => void;
  /** null: the title stays as it is. back: the focus was in the field until then. */
  onTitle: (row: ChatRow, title: string | null, back: boolean) => void;
  onTick: (row: ChatRow, range: boolean) => void;
  onDrag: (row: ChatRow, transfer: DataTransfer) => void;
}

interface RowProps {
  workspace: string;
  row: ChatRow;
  events: RowEvents;
  current: boolean;
  /** The one row of the list that Tab reaches. */
  reachable: boolean;
  renaming: boolean;
  /** null: nothing is being selected. */
  selected: boolean | null;
}

/** A chat in the list. */
export const Row = memo(function Row({ workspace, row, events, current, reachable, renaming, selected }: RowProps) {
  const t = useT();
  const title = row.title === "" ? t("shelf.untitled") : row.title;
  const marks = (
    <>
      {row.running && (
        <span className={styles.running}>
          <span className="visually-hidden">{t("shelf.running")}</span>
        </span>
      )}
      {row.shared && (
        <span className={styles.mark}>
          <IconUsers size={14} stroke={1.5} aria-hidden />
          <span className="visually-hidden">{t(row.mine ? "shelf.is_shared" : "shelf.is_theirs")}</span>
        </span>
      )}
      {row.pinned && (
        <span className={styles.mark}>
          <IconPin size={14} stroke={1.5} aria-hidden />
          <span className="visually-hidden">{t("shelf.is_pinned")}</span>
        </span>
      )}
    </>
  );
  if (renaming) {
    return (
      <li className={styles.row}>
        <Rename row={row} events={events} />
      </li>
    );
  }
  if (selected !== null && row.mine) {
    return (
      <li className={styles.row} data-selected={selected}>
        <label className={styles.tick}>
          <input
            type="checkbox"
            data-row={row.id}
            tabIndex={reachable ? 0 : -1}
            checked={selected}
            onFocus={() => {
              events.onFocus(row.id);
            }}
            onChange={(event) => {
              events.onTick(row, (event.nativeEvent as MouseEvent).shiftKey);
            }}
          />
          <span className={styles.title}>{title}</span>
          {marks}
        </label>
      </li>
    );
  }
  return (
    <li className={styles.row} data-current={current}>
      <Link
        to="/w/$ws/chat/$chat"
        params={{ ws: workspace, chat: row.id }}
        className={styles.open}
        data-row={row.id}
        tabIndex={reachable ? 0 : -1}
        aria-current={current ? "page" : undefined}
        preload={false}
        title={title}
        onClick={events.onOpen}
        onFocus={() => {
          events.onFocus(row.id);
        }}
        onDragStart={(event) => {
          if (row.mine) events.onDrag(row, event.dataTransfer);
        }}
      >
        <span className={styles.title}>{title}</span>
        {marks}
      </Link>
      {row.mine && (
        <ActionIcon
          className={styles.more}
          size={28}
          tabIndex={reachable ? 0 : -1}
          aria-label={t("shelf.acts", { title })}
          aria-haspopup="menu"
          onClick={(event) => {
            events.onMenu(row, event.currentTarget);
          }}
        >
          <IconDots size={16} stroke={1.5} />
        </ActionIcon>
      )}
    </li>
  );
});

/** The title, in place: Enter keeps, Esc leaves it as it was, and so does leaving an empty one. */
function Rename({ row, events }: { row: ChatRow; events: RowEvents }) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const finish = (keep: boolean, back: boolean) => {
    // Once: losing the focus comes after Enter and Esc, too.
    if (over.current) return;
    over.current = true;
    events.onTitle(row, keep ? (input.current?.value.trim() ?? "") : null, back);
  };
  const key = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (composing(event.nativeEvent)) return;
    if (event.key === "Enter") finish(true, true);
    if (event.key === "Escape") finish(false, true);
  };
  return (
    <input
      ref={input}
      className={styles.rename}
      aria-label={t("shelf.new_title")}
      defaultValue={row.title}
      maxLength={200}
      autoComplete="off"
      // Esc is the field's own, not that of the drawer around it.
      data-mantine-stop-propagation
      onKeyDown={key}
      onBlur={() => {
        finish(true, false);
      }}
    />
  );
}
