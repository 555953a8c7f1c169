import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChevronRight, IconFolder, IconFolderPlus } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";

import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { type Folder, useChatActs } from "./queries";
import styles from "./shelf.module.css";
import { DRAGGED } from "./ShelfList";
import { setShelf } from "./state";
import type { Filing } from "./useFiling";

/** The folders; a chat can be dropped on one. */
export function Folders({ workspace, query, filing }: { workspace: string; query: UseQueryResult<Folder[]>; filing: Filing }) {
  const t = useT();
  const [open, setOpen] = useState(true);
  const folders = query.data ?? [];
  return (
    <section className={styles.folders} aria-label={t("shelf.folders")}>
      <div className={styles.caption}>
        <h2>
          <button
            type="button"
            aria-expanded={open}
            onClick={() => {
              setOpen(!open);
            }}
          >
            <IconChevronRight size={14} stroke={1.5} aria-hidden />
            {t("shelf.folders")}
          </button>
        </h2>
        <Tooltip label={t("shelf.folder_new")}>
          <ActionIcon
            size={28}
            aria-label={t("shelf.folder_new")}
            onClick={() => {
              filing.askFolder(null);
            }}
          >
            <IconFolderPlus size={16} stroke={1.5} />
          </ActionIcon>
        </Tooltip>
      </div>
      <ErrorNotice error={query.error} />
      {open && folders.length > 0 && (
        <ul>
          {folders.map((folder) => (
            <FolderRow key={folder.id} workspace={workspace} folder={folder} filing={filing} />
          ))}
        </ul>
      )}
    </section>
  );
}

function FolderRow({ workspace, folder, filing }: { workspace: string; folder: Folder; filing: Filing }) {
  const t = useT();
  const { rows } = useChatActs(workspace);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const ids = JSON.parse(event.dataTransfer.getData(DRAGGED) || "[]") as string[];
    const moved = rows(ids).filter((row) => row.folder !== folder.id);
    if (moved.length > 0) filing.move(moved, folder.id);
  };
  return (
    <li>
      <button
        type="button"
        className={styles.folder}
        data-over={over}
        onClick={() => {
          setShelf({ view: { kind: "folder", folder: folder.id } });
        }}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes(DRAGGED)) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={drop}
      >
        <IconFolder size={16} stroke={1.5} aria-hidden />
        <span className={styles.title}>{folder.name}</span>
        <span className={styles.count}>
          {folder.chats}
          <span className="visually-hidden"> {t("shelf.chats_in", { count: folder.chats })}</span>
        </span>
      </button>
    </li>
  );
}
