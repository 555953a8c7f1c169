import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { useT } from "@/locales";
import type { View } from "./model";
import { FolderRemoval } from "./FolderRemoval";
import type { Folder } from "./queries";
import styles from "./shelf.module.css";
import { setShelf } from "./state";
import type { Filing } from "./useFiling";

const HEADS = { archived: "shelf.archive_list", shared: "shelf.shared_list" } as const;

/** Which list this is, and the way back to all. */
export function ViewHead({ view, folder, filing }: { view: View; folder: Folder | undefined; filing: Filing }) {
  const t = useT();
  const [removing, setRemoving] = useState(false);
  const back = () => {
    setShelf({ view: { kind: "all" } });
  };
  const name = view.kind === "folder" ? (folder?.name ?? "") : view.kind === "archived" || view.kind === "shared" ? t(HEADS[view.kind]) : "";
  return (
    <div className={styles.view}>
      <Tooltip label={t("shelf.back")}>
        <ActionIcon aria-label={t("shelf.back")} size={32} onClick={back}>
          <IconArrowLeft size={18} stroke={1.5} />
        </ActionIcon>
      </Tooltip>
      <h2>{name}</h2>
      {folder && (
        <>
          <Tooltip label={t("shelf.folder_edit")}>
            <ActionIcon
              size={32}
              aria-label={t("shelf.folder_edit")}
              onClick={() => {
                filing.askFolder(folder);
              }}
            >
              <IconPencil size={16} stroke={1.5} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("shelf.folder_delete")}>
            <ActionIcon
              size={32}
              aria-label={t("shelf.folder_delete")}
              onClick={() => {
                setRemoving(true);
              }}
            >
              <IconTrash size={16} stroke={1.5} />
            </ActionIcon>
          </Tooltip>
          <FolderRemoval
            folder={folder}
            opened={removing}
            onClose={() => {
              setRemoving(false);
            }}
            onGone={back}
          />
        </>
      )}
    </div>
  );
}
