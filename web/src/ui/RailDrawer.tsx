import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";

import { useT } from "@/locales";

/** The rail on a narrow screen: it lies over the page until something in it was chosen. */
export function RailDrawer({ opened, onClose, children }: { opened: boolean; onClose: () => void; children: ReactNode }) {
  const t = useT();
  return (
    <Drawer.Root opened={opened} onClose={onClose} size="min(20rem, 86vw)" padding={0}>
      <Drawer.Overlay />
      <Drawer.Content aria-label={t("frame.menu")}>
        <Drawer.Body h="100%">{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
