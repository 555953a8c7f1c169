import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { usePreferences } from "@/ui/preferences";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { Verification } from "./Verification";
import { type Profile, useAccountActs } from "./queries";
import styles from "./settings.module.css";

const BROWSER = "";
const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

export function ProfileForm({ profile }: { profile: Profile }) {
  return (
    <>
      {!profile.email_verified && <Verification profile={profile} />}
      <Name profile={profile} />
      <Looks profile={profile} />
    </>
  );
}

function Name({ profile }: { profile: Profile }) {
  const { t } = useWords();
  const { change } = useAccountActs();
  const [name, setName] = useState(profile.name);
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "") return;
    change.mutate(
      { name: name.trim() },
      {
        onSuccess: (saved) => {
          setName(saved.name);
          toast(t("settings.saved"));
        },
      },
    );
  };
  return (
    <Section title={t("settings.you")}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <TextInput
          label={t("settings.name")}
          description={t("settings.name_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
          error={tried && name.trim() === "" ? t("settings.wrong_name") : fieldErrors(change.error).name}
          autoComplete="name"
          maxLength={80}
        />
        <ErrorNotice error={change.error} />
        <div>
          <Button type="submit" loading={change.isPending} disabled={name === profile.name}>
            {t("settings.save_name")}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Looks({ profile }: { profile: Profile }) {
  const { t, language } = useWords();
  const { theme, setTheme, setLanguage } = usePreferences();
  const { change } = useAccountActs();
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Section title={t("settings.looks")} text={t("settings.looks_text")}>
      <div className={styles.form}>
        <Select
          label={t("language.title")}
          value={language}
          onChange={(value) => {
            if (value === "en" || value === "zh") setLanguage(value);
          }}
          data={[
            { value: "en", label: "English" },
            { value: "zh", label: "简体中文" },
          ]}
          allowDeselect={false}
        />
        <Select
          label={t("settings.zone")}
          description={t("settings.zone_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={profile.zone ?? BROWSER}
          onChange={(value) => {
            if (value === null) return;
            change.mutate(
              { zone: value === BROWSER ? own : value },
              {
                onSuccess: () => {
                  toast(t("settings.saved"));
                },
              },
            );
          }}
          data={[
            ...(profile.zone === null ? [{ value: BROWSER, label: t("settings.zone_browser", { zone: own }) }] : []),
            ...ZONES.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") })),
          ]}
          searchable
          allowDeselect={false}
          nothingFoundMessage={t("settings.zone_none")}
          limit={60}
          disabled={change.isPending}
        />
        <div>
          <p id="theme-label" style={{ fontSize: ".8125rem", fontWeight: 500, marginBlockEnd: 4 }}>
            {t("theme.title")}
          </p>
          <SegmentedControl
            fullWidth
            aria-labelledby="theme-label"
            value={theme}
            onChange={(value) => {
              setTheme(value as typeof theme);
            }}
            data={[
              { value: "system", label: t("theme.system") },
              { value: "light", label: t("theme.light") },
              { value: "dark", label: t("theme.dark") },
            ]}
          />
        </div>
        <ErrorNotice error={change.error} />
      </div>
    </Section>
  );
}
