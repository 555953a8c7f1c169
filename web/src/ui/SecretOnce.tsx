import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";

import { useT } from "@/locales";
import { CopyButton } from "./CopyButton";
import { Dialog } from "./Dialog";
import styles from "./SecretOnce.module.css";

interface SecretOnceProps {
  title: string;
  /** Shown now and never again; null closes the dialog. */
  secret: string | null;
  /** The name of the copy button: "Copy key". */
  copyLabel: string;
  /** What to do with it: snippets. */
  children?: ReactNode;
  onClose: () => void;
}

/** A secret, once. Neither a click outside nor Esc closes it before "I have stored it" is ticked. */
export function SecretOnce({ title, secret, copyLabel, children, onClose }: SecretOnceProps) {
  const t = useT();
  const [stored, setStored] = useState(false);
  const source = useRef<HTMLElement>(null);
  const close = () => {
    setStored(false);
    onClose();
  };
  return (
    <Dialog
      opened={secret !== null}
      onClose={close}
      title={title}
      size="lg"
      closeOnClickOutside={stored}
      closeOnEscape={stored}
      withCloseButton={false}
    >
      <Stack gap="md">
        <Text c="var(--text-2)">{t("secret.once")}</Text>
        <div className={styles.secret}>
          <code ref={source}>{secret}</code>
          <CopyButton text={secret ?? ""} label={copyLabel} wide variant="filled" source={source} />
        </div>
        {children}
        <Group justify="space-between" gap="md">
          <Checkbox
            label={t("secret.stored")}
            checked={stored}
            onChange={(event) => {
              setStored(event.currentTarget.checked);
            }}
          />
          <Button onClick={close} disabled={!stored} variant="default">
            {t("secret.close")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
