import { Modal, type ModalRootProps } from "@mantine/core";
import type { ReactNode } from "react";

import { useT } from "@/locales";

interface DialogProps extends Omit<ModalRootProps, "title" | "children"> {
  /** Names the dialog. */
  title: ReactNode;
  children: ReactNode;
  withCloseButton?: boolean;
}

/** Mantine's modal with a named close button; its head is no banner of the page. */
export function Dialog({ title, children, withCloseButton = true, ...root }: DialogProps) {
  const t = useT();
  return (
    <Modal.Root centered {...root}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Header component="div">
          <Modal.Title>{title}</Modal.Title>
          {withCloseButton && <Modal.CloseButton aria-label={t("dialog.close")} />}
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
