import { Drawer, Popover } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactElement, ReactNode } from "react";

import { useT } from "@/locales";
import styles from "./composer.module.css";

interface SheetProps {
  opened: boolean;
  onClose: () => void;
  /** Names it. */
  title: string;
  /** What it hangs on, where there is room for more than a sheet; a sheet hangs on nothing and leaves it out. */
  target: ReactElement;
  width?: number;
  children: ReactNode;
}

/** Whether there is no room for anything beside the composer: sheets instead of popovers, one row instead of two. */
export function useNarrow(): boolean {
  return useMediaQuery("(max-width: 640px)", false, { getInitialValueInEffect: false });
}

/** What opens above the composer: a popover, and on phones a sheet from below. */
export function Sheet({ opened, onClose, title, target, width = 384, children }: SheetProps) {
  const t = useT();
  if (useNarrow()) {
    return (
      <Drawer.Root opened={opened} onClose={onClose} position="bottom" size="auto" padding="md">
        <Drawer.Overlay />
        <Drawer.Content classNames={{ content: styles.sheet }} radius="xl">
          <Drawer.Header component="div">
            <Drawer.Title>{title}</Drawer.Title>
            <Drawer.CloseButton aria-label={t("dialog.close")} />
          </Drawer.Header>
          <Drawer.Body>{children}</Drawer.Body>
        </Drawer.Content>
      </Drawer.Root>
    );
  }
  return (
    <Popover
      opened={opened}
      onChange={(next) => {
        if (!next) onClose();
      }}
      width={width}
      position="top-start"
      trapFocus
      returnFocus
      shadow="md"
      floatingStrategy="fixed"
    >
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown aria-label={title} className={styles.popover}>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
