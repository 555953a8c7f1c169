import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";

import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Dialog } from "@/ui/Dialog";
import styles from "./settings.module.css";

/** New recovery codes in a dialog of their own; it closes only when they are saved. */
export function RecoveryCodes({ codes, onDone }: { codes: string[] | null; onDone: () => void }) {
  const t = useT();
  return (
    <Dialog
      opened={codes !== null}
      onClose={() => undefined}
      title={t("settings.codes_title")}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      {codes && <CodesContent codes={codes} onDone={onDone} />}
    </Dialog>
  );
}

export function CodesContent({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const t = useT();
  const [saved, setSaved] = useState(false);
  const text = codes.join("\n");
  return (
    <Stack gap="md">
      <Text c="var(--text-2)">{t("settings.codes_text")}</Text>
      <ul className={styles.codes} aria-label={t("settings.codes_title")}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Group gap="xs">
        <Button
          component="a"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${t("settings.codes_file")}\n\n${text}\n`)}`}
          download="omna-recovery-codes.txt"
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
        >
          {t("settings.codes_download")}
        </Button>
        <CopyButton text={text} label={t("settings.codes_copy")} wide />
      </Group>
      <Group justify="space-between" gap="md">
        <Checkbox
          label={t("settings.codes_saved")}
          checked={saved}
          onChange={(event) => {
            setSaved(event.currentTarget.checked);
          }}
        />
        <Button onClick={onDone} disabled={!saved}>
          {t("secret.close")}
        </Button>
      </Group>
    </Stack>
  );
}
