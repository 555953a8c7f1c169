import { Badge, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { passkeysWork } from "@/lib/webauthn";
import { Rich, useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Result } from "@/ui/Result";
import { RowButton } from "@/ui/RowButton";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { toast } from "@/ui/toast";
import { type Passkey, passkeysQuery, useAccountActs } from "./queries";
import styles from "./settings.module.css";

export function Passkeys() {
  const t = useT();
  const passkeys = useQuery(passkeysQuery);
  const { removePasskey } = useAccountActs();
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<Passkey | null>(null);
  const [doomed, setDoomed] = useState<Passkey | null>(null);
  const works = passkeysWork();
  return (
    <Section
      title={t("settings.passkeys")}
      text={works ? t("settings.passkeys_text") : t("settings.passkeys_away")}
      actions={
        works && (
          <Button
            variant="default"
            leftSection={<IconFingerprint size={16} stroke={1.5} aria-hidden />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t("settings.passkey_add")}
          </Button>
        )
      }
    >
      <Result query={passkeys} skeleton={<BlockSkeleton height={48} />}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.empty}>{t("settings.passkeys_none")}</p>
          ) : (
            <ul className={styles.rows}>
              {rows.map((row) => (
                <li key={row.id}>
                  <div className={styles.item}>
                    <span className={styles.line}>
                      <b>{row.name}</b>
                      {row.synced && <Badge color="gray">{t("settings.passkey_synced")}</Badge>}
                    </span>
                    <span className={styles.quiet}>
                      <Rich k="settings.passkey_made" values={{ when: <TimeAgo moment={row.created_at} /> }} />
                      {" · "}
                      {row.last_used_at === null ? (
                        t("settings.passkey_unused")
                      ) : (
                        <Rich k="settings.passkey_used" values={{ when: <TimeAgo moment={row.last_used_at} /> }} />
                      )}
                    </span>
                  </div>
                  <div className={styles.buttons}>
                    <RowButton
                      of={row.name}
                      onClick={() => {
                        setRenaming(row);
                      }}
                    >
                      {t("settings.passkey_rename")}
                    </RowButton>
                    <RowButton
                      of={row.name}
                      onClick={() => {
                        setDoomed(row);
                      }}
                    >
                      {t("settings.passkey_remove")}
                    </RowButton>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Result>
      <Dialog
        opened={adding}
        onClose={() => {
          setAdding(false);
        }}
        title={t("settings.passkey_add_title")}
        size="sm"
      >
        <AddForm
          onClose={() => {
            setAdding(false);
          }}
        />
      </Dialog>
      <Dialog
        opened={renaming !== null}
        onClose={() => {
          setRenaming(null);
        }}
        title={t("settings.passkey_rename_title")}
        size="sm"
      >
        {renaming && (
          <RenameForm
            passkey={renaming}
            onClose={() => {
              setRenaming(null);
            }}
          />
        )}
      </Dialog>
      <ConfirmDialog
        opened={doomed !== null}
        onClose={() => {
          setDoomed(null);
        }}
        title={t("settings.passkey_remove_named", { name: doomed?.name ?? "" })}
        verb={t("settings.passkey_remove_verb")}
        danger
        onConfirm={async () => {
          if (doomed === null) return;
          await removePasskey.mutateAsync(doomed.id);
          toast(t("settings.passkey_removed", { name: doomed.name }));
        }}
      >
        {t("settings.passkey_remove_text")}
      </ConfirmDialog>
    </Section>
  );
}

function AddForm({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { addPasskey } = useAccountActs();
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const error = addPasskey.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "") return;
    addPasskey.mutate(name.trim(), {
      onSuccess: (made) => {
        toast(t("settings.passkey_added", { name: made.name }));
        onClose();
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text c="var(--text-2)">{t("settings.passkey_add_text")}</Text>
        <NameField name={name} onChange={setName} error={tried && name.trim() === "" ? t("key.wrong_name") : fieldErrors(error).name} />
        {error instanceof DOMException ? (
          <p role="alert" style={{ color: "var(--bad)" }}>
            {error.name === "InvalidStateError" ? t("settings.passkey_known") : t("settings.passkey_given_up")}
          </p>
        ) : (
          <ErrorNotice error={error} />
        )}
        <Buttons verb={t("settings.passkey_create")} loading={addPasskey.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
}

function RenameForm({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const t = useT();
  const { renamePasskey } = useAccountActs();
  const [name, setName] = useState(passkey.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    renamePasskey.mutate(
      { passkey: passkey.id, name: name.trim() },
      {
        onSuccess: () => {
          toast(t("settings.saved"));
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <NameField name={name} onChange={setName} error={name.trim() === "" ? t("key.wrong_name") : fieldErrors(renamePasskey.error).name} />
        <ErrorNotice error={renamePasskey.error} />
        <Buttons verb={t("settings.passkey_rename_verb")} loading={renamePasskey.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
}

function NameField({ name, onChange, error }: { name: string; onChange: (name: string) => void; error?: string }) {
  const t = useT();
  return (
    <TextInput
      label={t("settings.passkey_name")}
      description={t("settings.passkey_name_hint")}
      inputWrapperOrder={["label", "input", "description", "error"]}
      value={name}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
      error={error}
      maxLength={80}
      autoComplete="off"
      data-autofocus
    />
  );
}

function Buttons({ verb, loading, onClose }: { verb: string; loading: boolean; onClose: () => void }) {
  const t = useT();
  return (
    <Group justify="flex-end" gap="xs">
      <Button variant="default" onClick={onClose}>
        {t("confirm.cancel")}
      </Button>
      <Button type="submit" loading={loading}>
        {verb}
      </Button>
    </Group>
  );
}
