import { ActionIcon, Drawer, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconLayoutSidebar } from "@tabler/icons-react";
import { useMemo } from "react";

import { useT } from "@/locales";
import { openPalette } from "@/ui/palette";
import { modifier, useShortcuts } from "@/ui/shortcuts";
import { Contents } from "./Contents";
import styles from "./shelf.module.css";
import { setShelf, shelfState, useShelf } from "./state";

export interface ShelfProps {
  workspace: string;
  /** The chat that is open; null: a new one. */
  chat: string | null;
  /** Begin a new chat ("New chat"). */
  onNew: () => void;
}

/** Below this the shelf lies over the thread. */
const NARROW = "(max-width: 1100px)";

/** The chats there are: beside the thread, or over it on a narrow window. */
export function Shelf({ workspace, chat, onNew }: ShelfProps) {
  const t = useT();
  const narrow = useNarrow();
  const { open, drawer, asking } = useShelf();
  const closeDrawer = () => {
    setShelf({ drawer: false });
  };
  const begin = () => {
    closeDrawer();
    onNew();
  };
  useShortcuts(
    useMemo(
      () => ({
        "shift+o": () => {
          setShelf({ drawer: false });
          onNew();
        },
        "shift+s": () => {
          toggle(narrow);
        },
        k: () => {
          setShelf({ drawer: false });
          openPalette();
        },
      }),
      [narrow, onNew],
    ),
    "page",
  );
  const contents = <Contents key={workspace} workspace={workspace} current={chat} onNew={begin} onDone={closeDrawer} onHide={() => { toggle(narrow); }} />;
  if (!narrow) return open ? <aside className={styles.shelf} aria-label={t("chat.list")}>{contents}</aside> : null;
  return (
    <Drawer.Root opened={drawer} onClose={closeDrawer} closeOnEscape={!asking} size="min(20rem, 86vw)" padding={0}>
      <Drawer.Overlay />
      <Drawer.Content aria-label={t("chat.list")}>
        <Drawer.Body h="100%">{contents}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

/** Brings the shelf back: while it is closed, and on narrow windows. */
export function ShelfButton() {
  const t = useT();
  const narrow = useNarrow();
  const { open } = useShelf();
  if (!narrow && open) return null;
  return (
    <Tooltip label={`${t("shelf.show")} · ${modifier} Shift S`}>
      <ActionIcon
        aria-label={t("shelf.show")}
        onClick={() => {
          toggle(narrow);
        }}
      >
        <IconLayoutSidebar size={20} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  );
}

function useNarrow(): boolean {
  return useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
}

function toggle(narrow: boolean): void {
  const { open, drawer } = shelfState();
  setShelf(narrow ? { drawer: !drawer } : { open: !open });
}
