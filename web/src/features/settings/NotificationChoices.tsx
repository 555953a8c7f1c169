import { Switch } from "@mantine/core";

import { type Key, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { type Profile, useAccountActs } from "./queries";
import styles from "./settings.module.css";

const KINDS: Readonly<Record<string, readonly [name: Key, text: Key]>> = {
  key_created: ["settings.mail_key_created", "settings.mail_key_created_text"],
  low_balance: ["settings.mail_low_balance", "settings.mail_low_balance_text"],
  limit_reached: ["settings.mail_limit_reached", "settings.mail_limit_reached_text"],
};

const ALWAYS: readonly Key[] = [
  "settings.always_sign_in",
  "settings.always_account",
  "settings.always_leak",
  "settings.always_money",
  "settings.always_freeze",
];

export function NotificationChoices({ profile }: { profile: Profile }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const { change } = useAccountActs();
  const choices = Object.entries(profile.notifications);
  return (
    <>
      <Section title={t("settings.mails")} text={t("settings.mails_text", { email: profile.email })}>
        <ul className={styles.rows}>
          {choices.map(([kind, on]) => {
            const [name, text] = KINDS[kind] ?? [];
            return (
              <li key={kind}>
                <Switch
                  checked={change.isPending && change.variables.notifications?.[kind] !== undefined ? change.variables.notifications[kind] : on}
                  onChange={(event) => {
                    change.mutate(
                      { notifications: { [kind]: event.currentTarget.checked } },
                      {
                        onSuccess: () => {
                          toast(t("settings.saved"));
                        },
                      },
                    );
                  }}
                  label={name === undefined ? kind.replaceAll("_", " ") : say(name)}
                  description={text === undefined ? undefined : say(text)}
                />
              </li>
            );
          })}
        </ul>
        <ErrorNotice error={change.error} />
      </Section>
      <Section title={t("settings.always")} text={t("settings.always_text")}>
        <ul className={styles.fixed}>
          {ALWAYS.map((key) => (
            <li key={key}>{say(key)}</li>
          ))}
        </ul>
      </Section>
    </>
  );
}
