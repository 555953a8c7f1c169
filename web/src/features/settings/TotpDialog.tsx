import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { Schemas } from "@/api/client";
import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { useAccountActs } from "./queries";
import { CodesContent } from "./RecoveryCodes";
import styles from "./settings.module.css";

interface TotpDialogProps {
  setup: Schemas["TotpSetup"] | null;
  onCancel: () => void;
  /** It is on, and the codes are saved. */
  onDone: () => void;
}

/** Scan, prove, keep the recovery codes. It is on only after a right code. */
export function TotpDialog({ setup, onCancel, onDone }: TotpDialogProps) {
  const t = useT();
  const [codes, setCodes] = useState<string[] | null>(null);
  const done = codes !== null;
  return (
    <Dialog
      opened={setup !== null}
      onClose={() => {
        if (!done) onCancel();
      }}
      title={done ? t("settings.codes_title") : t("settings.totp_title")}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={!done}
      withCloseButton={!done}
    >
      {setup !== null &&
        (codes === null ? (
          <Scan setup={setup} onCancel={onCancel} onCodes={setCodes} />
        ) : (
          <CodesContent
            codes={codes}
            onDone={() => {
              setCodes(null);
              onDone();
            }}
          />
        ))}
    </Dialog>
  );
}

function Scan({ setup, onCancel, onCodes }: { setup: Schemas["TotpSetup"]; onCancel: () => void; onCodes: (codes: string[]) => void }) {
  const t = useT();
  const { confirmTotp } = useAccountActs();
  const [code, setCode] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirmTotp.mutate(code.replaceAll(/\s/g, ""), {
      onSuccess: (made) => {
        onCodes(made.codes);
      },
      onError: () => {
        setCode("");
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <div className={styles.qr}>
          <div className={styles.code}>
            <img src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(setup.qr_svg)}`} alt={t("settings.totp_qr")} />
          </div>
          <Stack gap="md">
            <Text c="var(--text-2)">{t("settings.totp_scan")}</Text>
            <div>
              <p className={styles.quiet}>{t("settings.totp_manual")}</p>
              <div className={styles.secret}>
                <code>{(setup.secret.match(/.{1,4}/g) ?? []).join(" ")}</code>
                <CopyButton text={setup.secret} label={t("settings.totp_copy")} />
              </div>
            </div>
          </Stack>
        </div>
        <TextInput
          label={t("settings.totp_code")}
          value={code}
          onChange={(event) => {
            setCode(event.currentTarget.value);
          }}
          error={fieldErrors(confirmTotp.error).code}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={9}
          maw="16rem"
          data-autofocus
        />
        <ErrorNotice error={confirmTotp.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={confirmTotp.isPending} disabled={code.trim() === ""}>
            {t("settings.totp_on")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
