import { ActionIcon, Button, CloseButton, Tooltip } from "@mantine/core";
import { IconEdit, IconLayoutSidebarLeftCollapse, IconMessages, IconSearch, IconSquareCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { ButtonLink } from "@/ui/links";
import { openPalette } from "@/ui/palette";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { modifier } from "@/ui/shortcuts";
import { Bulk } from "./Bulk";
import { Folders } from "./Folders";
import { type View, viewName } from "./model";
import { Places } from "./Places";
import { foldersQuery, useList } from "./queries";
import styles from "./shelf.module.css";
import { ShelfList } from "./ShelfList";
import { setShelf, useShelf } from "./state";
import { useFiling } from "./useFiling";
import { useSelection } from "./useSelection";
import { ViewHead } from "./ViewHead";

interface ContentsProps {
  workspace: string;
  current: string | null;
  onNew: () => void;
  /** Something was chosen: a drawer closes. */
  onDone: () => void;
  onHide: () => void;
}

const PINNED: View = { kind: "pinned" };
const NOTHING = { rows: [], next: null };

/** What stands in the shelf: acts, folders, chats by day, other lists. */
export function Contents({ workspace, current, onNew, onDone, onHide }: ContentsProps) {
  const t = useT();
  const folders = useQuery(foldersQuery(workspace));
  const wanted = useShelf().view;
  const folder = wanted.kind === "folder" ? folders.data?.find((one) => one.id === wanted.folder) : undefined;
  // A folder of another workspace, or one that went.
  const view: View = wanted.kind === "folder" && folders.data !== undefined && folder === undefined ? { kind: "all" } : wanted;
  const list = useList(workspace, view);
  const pinnedList = useList(workspace, PINNED);
  const pinned = view.kind === "all" ? (pinnedList.data ?? NOTHING).rows : NOTHING.rows;
  const filing = useFiling({ workspace, current, onNew });
  const { asking } = filing;
  useEffect(() => {
    setShelf({ asking });
  }, [asking]);
  const rows = list.data?.rows ?? NOTHING.rows;
  const selection = useSelection(rows);
  const several = useRef<HTMLButtonElement>(null);
  const selecting = selection.ids !== null;
  const before = useRef(selecting);
  useEffect(() => {
    // The bar that had the focus is gone.
    if (before.current && !selecting && document.activeElement === document.body) several.current?.focus();
    before.current = selecting;
  }, [selecting]);
  const chosen = selection.ids === null ? [] : rows.filter((row) => selection.ids?.has(row.id));
  return (
    <div className={styles.contents}>
      {selection.ids === null ? (
        <div className={styles.head}>
          {view.kind === "folder" ? (
            <ButtonLink
              className={styles.new}
              to="/w/$ws/chat"
              params={{ ws: workspace }}
              search={{ folder: view.folder } as never}
              leftSection={<IconEdit size={16} stroke={1.5} aria-hidden />}
              onClick={onDone}
            >
              {t("chat.new")}
            </ButtonLink>
          ) : (
            <Button className={styles.new} leftSection={<IconEdit size={16} stroke={1.5} aria-hidden />} onClick={onNew}>
              {t("chat.new")}
            </Button>
          )}
          <Tooltip label={`${t("shelf.search")} · ${modifier} K`}>
            <ActionIcon
              aria-label={t("shelf.search")}
              onClick={() => {
                onDone();
                openPalette();
              }}
            >
              <IconSearch size={18} stroke={1.5} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("shelf.select_several")}>
            <ActionIcon
              ref={several}
              aria-label={t("shelf.select_several")}
              onClick={() => {
                selection.start();
              }}
            >
              <IconSquareCheck size={18} stroke={1.5} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={`${t("shelf.hide")} · ${modifier} Shift S`}>
            <ActionIcon aria-label={t("shelf.hide")} onClick={onHide}>
              <IconLayoutSidebarLeftCollapse size={18} stroke={1.5} />
            </ActionIcon>
          </Tooltip>
        </div>
      ) : (
        <Bulk
          rows={chosen}
          archived={view.kind === "archived"}
          filing={filing}
          onAll={() => {
            selection.set(rows.filter((row) => row.mine).map((row) => row.id));
          }}
          onEnd={selection.end}
        />
      )}
      {filing.error !== null && filing.error !== undefined && (
        <div className={styles.refused}>
          <ErrorNotice error={filing.error} />
          <CloseButton aria-label={t("shelf.dismiss")} onClick={filing.forget} />
        </div>
      )}
      <div className={styles.scroll}>
        {view.kind === "all" ? <Folders workspace={workspace} query={folders} filing={filing} /> : <ViewHead view={view} folder={folder} filing={filing} />}
        <Result query={list} skeleton={<RowsSkeleton rows={7} />}>
          {(listed) =>
            listed.rows.length === 0 ? (
              <Empty view={view} />
            ) : (
              <ShelfList
                key={viewName(view)}
                workspace={workspace}
                view={view}
                listed={listed}
                pinned={pinned}
                current={current}
                filing={filing}
                selection={selection}
                onOpen={onDone}
              />
            )
          }
        </Result>
      </div>
      <Places
        workspace={workspace}
        view={view}
        onView={(next) => {
          selection.end();
          setShelf({ view: next });
        }}
        onDone={onDone}
      />
      {filing.dialogs}
    </div>
  );
}

function Empty({ view }: { view: View }) {
  const t = useT();
  switch (view.kind) {
    case "archived":
      return <EmptyState title={t("shelf.none_archived")}>{t("shelf.none_archived_text")}</EmptyState>;
    case "shared":
      return <EmptyState title={t("shelf.none_shared")}>{t("shelf.none_shared_text")}</EmptyState>;
    case "folder":
      return <EmptyState title={t("shelf.none_in_folder")}>{t("shelf.none_in_folder_text")}</EmptyState>;
    default:
      return (
        <EmptyState icon={IconMessages} title={t("shelf.none")}>
          {t("shelf.none_text")}
        </EmptyState>
      );
  }
}
