import { Badge, Button, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { type Profile, useAccountActs } from "./queries";
import styles from "./settings.module.css";

const ADDRESS = /^\S+@\S+\.\S+$/;

export function EmailSection({ profile }: { profile: Profile }) {
  const t = useT();
  const { keepEmail } = useAccountActs();
  const [opened, setOpened] = useState(false);
  const close = () => {
    setOpened(false);
  };
  return (
    <Section
      title={t("settings.email")}
      text={<span className={styles.value}>{profile.email}</span>}
      mark={<Badge color={profile.email_verified ? "ok" : "warn"}>{profile.email_verified ? t("settings.verified") : t("settings.unverified")}</Badge>}
      actions={
        <Button
          variant="default"
          onClick={() => {
            setOpened(true);
          }}
        >
          {t("settings.change_email")}
        </Button>
      }
    >
      {profile.pending_email !== null && (
        <div className={styles.pending} role="status" style={{ marginBlockStart: 0 }}>
          <p>{t("settings.email_pending", { email: profile.pending_email })}</p>
          <Button
            variant="default"
            size="compact-sm"
            loading={keepEmail.isPending}
            onClick={() => {
              keepEmail.mutate(undefined, {
                onSuccess: () => {
                  toast(t("settings.email_kept"));
                },
              });
            }}
          >
            {t("settings.keep_email")}
          </Button>
        </div>
      )}
      <ErrorNotice error={keepEmail.error} />
      <Dialog opened={opened} onClose={close} title={t("settings.change_email_title")}>
        <Form onClose={close} />
      </Dialog>
    </Section>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { email: change } = useAccountActs();
  const [email, setEmail] = useState("");
  const [tried, setTried] = useState(false);
  const wrong = !ADDRESS.test(email.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong) return;
    change.mutate(email.trim(), {
      onSuccess: () => {
        toast(t("settings.email_sent", { email: email.trim() }));
        onClose();
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text c="var(--text-2)">{t("settings.change_email_text")}</Text>
        <TextInput
          type="email"
          label={t("settings.new_email")}
          value={email}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
          }}
          error={tried && wrong ? t("team.wrong_email") : fieldErrors(change.error).email}
          autoComplete="email"
          data-autofocus
        />
        <ErrorNotice error={change.error} />
        <FormButtons act={t("settings.send_link")} busy={change.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
