import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { type Profile, useAccountActs } from "./queries";

/* As omna.accounts.model.check_password: a second factor allows a shorter one. */
const SHORTEST_ALONE = 15;
const SHORTEST_WITH_FACTOR = 8;

export function PasswordSection({ profile }: { profile: Profile }) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const close = () => {
    setOpened(false);
  };
  const verb = profile.has_password ? t("settings.change_password") : t("settings.set_password");
  return (
    <Section
      title={t("settings.password")}
      text={profile.has_password ? t("settings.password_text") : t("settings.password_none")}
      actions={
        <Button
          variant="default"
          onClick={() => {
            setOpened(true);
          }}
        >
          {verb}
        </Button>
      }
    >
      <Dialog opened={opened} onClose={close} title={verb}>
        <Form profile={profile} verb={verb} onClose={close} />
      </Dialog>
    </Section>
  );
}

function Form({ profile, verb, onClose }: { profile: Profile; verb: string; onClose: () => void }) {
  const t = useT();
  const { password: change } = useAccountActs();
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const shortest = profile.has_totp ? SHORTEST_WITH_FACTOR : SHORTEST_ALONE;
  const wrong = [...password].length < shortest;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong) return;
    change.mutate(password, {
      onSuccess: () => {
        toast(t("settings.password_changed"));
        onClose();
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text c="var(--text-2)">{t("settings.change_password_text")}</Text>
        {/* For password managers: whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={profile.email} readOnly hidden />
        <PasswordInput
          label={t("settings.new_password")}
          description={t("settings.password_rule", { count: shortest })}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
          error={tried && wrong ? t("settings.password_short", { count: shortest }) : fieldErrors(change.error).password}
          visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
          autoComplete="new-password"
          data-autofocus
        />
        <ErrorNotice error={change.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={change.isPending}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
