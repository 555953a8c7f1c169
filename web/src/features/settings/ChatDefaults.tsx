import { Button, Stack, Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, use, useEffect, useState } from "react";

import { changeChatSettings, type ChatParameters, type ChatSettings, chatSettingsQuery } from "@/api/chats";
import type { Schemas } from "@/api/client";
import { fieldErrors } from "@/lib/fields";
import { may } from "@/lib/rights";
import { type Key, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink } from "@/ui/links";
import { ModelSelect } from "@/ui/ModelSelect";
import { ParameterFields } from "@/ui/ParameterFields";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { setShortcuts } from "@/ui/shortcuts";
import { BlockSkeleton } from "@/ui/skeletons";
import { SystemPromptField } from "@/ui/SystemPromptField";
import { toast } from "@/ui/toast";
import { WorkspaceContext } from "@/ui/workspace";
import styles from "./settings.module.css";

/** How a person likes to chat, in every workspace, and the way to what they keep in this one. */
export function ChatDefaults() {
  const settings = useQuery(chatSettingsQuery);
  return (
    <>
      <Result query={settings} skeleton={<BlockSkeleton height={480} />}>
        {(data) => (
          <>
            <Beginning settings={data} />
            <Habits settings={data} />
          </>
        )}
      </Result>
      <Background />
      <Kept />
    </>
  );
}

function useChange() {
  const client = useQueryClient();
  const t = useT();
  return useMutation({
    mutationFn: (body: Schemas["ChatSettingsChange"]) => changeChatSettings(client, body),
    onSuccess: () => {
      toast(t("settings.saved"));
    },
  });
}

/** What a new chat begins with. */
function Beginning({ settings }: { settings: ChatSettings }) {
  const t = useT();
  const workspace = use(WorkspaceContext);
  const change = useChange();
  const [model, setModel] = useState(settings.default_model);
  const [prompt, setPrompt] = useState(settings.system_prompt);
  const [parameters, setParameters] = useState<ChatParameters>(settings.parameters);
  const wrong = fieldErrors(change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ default_model: model, system_prompt: prompt, parameters });
  };
  return (
    <Section title={t("chat_settings.new")} text={t("chat_settings.new_text")}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {workspace !== null && (
            <ModelSelect
              workspace={workspace.id}
              label={t("chat_settings.model")}
              none={t("chat_settings.model_last")}
              value={model}
              onChange={setModel}
              error={wrong.default_model}
            />
          )}
          <SystemPromptField label={t("chat_settings.system_prompt")} description={t("chat_settings.system_prompt_text")} value={prompt} error={wrong.system_prompt} onChange={setPrompt} />
          <ParameterFields value={parameters} onChange={setParameters} errors={wrong} />
          {Object.keys(wrong).length === 0 && <ErrorNotice error={change.error} />}
          <div>
            <Button type="submit" loading={change.isPending}>
              {t("chat_settings.save")}
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}

const HABITS = [
  ["temporary_by_default", "chat_settings.temporary", "chat_settings.temporary_text"],
  ["enter_sends", "chat_settings.enter", "chat_settings.enter_text"],
  ["shortcuts", "chat_settings.shortcuts", "chat_settings.shortcuts_text"],
] as const satisfies readonly [keyof ChatSettings, Key, Key][];

function Habits({ settings }: { settings: ChatSettings }) {
  const t = useT();
  const change = useChange();
  const { shortcuts } = settings;
  useEffect(() => {
    // What the account says holds in this browser, too.
    setShortcuts(shortcuts);
  }, [shortcuts]);
  return (
    <Section title={t("chat_settings.habits")}>
      <ul className={styles.rows}>
        {HABITS.map(([name, label, text]) => (
          <li key={name}>
            <Switch
              label={t(label)}
              description={t(text)}
              checked={change.isPending ? (change.variables[name] ?? settings[name]) : settings[name]}
              onChange={(event) => {
                change.mutate({ [name]: event.currentTarget.checked });
              }}
            />
          </li>
        ))}
      </ul>
      <ErrorNotice error={change.error} />
    </Section>
  );
}

/** Requests that nobody typed: there are none, and this is where one would be switched on. */
function Background() {
  const t = useT();
  return (
    <Section title={t("chat_settings.background")} text={t("chat_settings.background_text")}>
      <ul className={styles.rows}>
        <li>
          <Switch label={t("chat_settings.titles")} description={t("chat_settings.titles_text")} checked={false} disabled />
        </li>
      </ul>
    </Section>
  );
}

const KEPT = [
  ["/w/$ws/chat/prompts", "keep.prompts", "chat_settings.prompts_text"],
  ["/w/$ws/chat/presets", "keep.presets", "chat_settings.presets_text"],
  ["/w/$ws/chat/links", "keep.links", "chat_settings.links_text"],
  ["/w/$ws/chat/data", "keep.data", "chat_settings.data_text"],
] as const satisfies readonly [string, Key, Key][];

function Kept() {
  const t = useT();
  const workspace = use(WorkspaceContext);
  if (workspace === null || !may(workspace, "chat")) return null;
  return (
    <Section title={t("chat_settings.kept", { name: workspace.name })} text={t("chat_settings.kept_text")}>
      <ul className={styles.rows}>
        {KEPT.map(([to, label, text]) => (
          <li key={to}>
            <div className={styles.item}>
              <AnchorLink to={to} params={{ ws: workspace.id }}>
                {t(label)}
              </AnchorLink>
              <span className={styles.quiet}>{t(text)}</span>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
