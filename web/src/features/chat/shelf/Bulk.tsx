import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { type Icon, IconArchive, IconArchiveOff, IconFolder, IconPin, IconPinnedOff, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import type { ChatRow } from "@/api/chats";
import { type Key, useT } from "@/locales";
import styles from "./shelf.module.css";
import type { Filing } from "./useFiling";

interface BulkProps {
  rows: readonly ChatRow[];
  archived: boolean;
  filing: Filing;
  onAll: () => void;
  onEnd: () => void;
}

/** What is done with all chats that are selected. */
export function Bulk({ rows, archived, filing, onAll, onEnd }: BulkProps) {
  const t = useT();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where the button stood that began this.
    if (!document.activeElement?.closest("[data-row]")) bar.current?.querySelector("button")?.focus();
  }, []);
  const pinned = rows.length > 0 && rows.every((row) => row.pinned);
  const acts: [label: Key, picture: Icon, act: () => void][] = [
    [pinned ? "shelf.unpin" : "shelf.pin", pinned ? IconPinnedOff : IconPin, () => { filing.pin(rows, !pinned); }],
    ["shelf.move_to", IconFolder, () => { filing.askMove(rows); }],
    [archived ? "shelf.unarchive" : "shelf.archive", archived ? IconArchiveOff : IconArchive, () => { filing.archive(rows, !archived); }],
    ["shelf.delete", IconTrash, () => { filing.remove(rows); }],
  ];
  return (
    <div
      ref={bar}
      className={styles.bulk}
      role="group"
      aria-label={t("shelf.several")}
      onKeyDown={(event) => {
        if (event.key === "Escape") onEnd();
      }}
    >
      <div className={styles.bulkLine}>
        <span role="status">{t("shelf.selected", { count: rows.length })}</span>
        <Button variant="subtle" size="compact-sm" onClick={onAll}>
          {t("shelf.select_all")}
        </Button>
        <Button variant="subtle" size="compact-sm" onClick={onEnd}>
          {t("shelf.select_end")}
        </Button>
      </div>
      <div className={styles.bulkLine}>
        {acts.map(([label, Picture, act]) => {
          const name = (t as (key: Key) => string)(label);
          return (
            <Tooltip key={label} label={name}>
              <ActionIcon
                aria-label={name}
                disabled={rows.length === 0}
                onClick={() => {
                  act();
                  if (label !== "shelf.move_to") onEnd();
                }}
              >
                <Picture size={18} stroke={1.5} />
              </ActionIcon>
            </Tooltip>
          );
        })}
      </div>
    </div>
  );
}
