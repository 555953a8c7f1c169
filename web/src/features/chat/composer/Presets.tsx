import { Button, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { presetsQuery } from "@/api/chats";
import { api, ask } from "@/api/client";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { ButtonLink } from "@/ui/links";
import type { Setup } from "../types";
import { isSetup, setOnly } from "./setting";
import styles from "./setup.module.css";

interface PresetsProps {
  workspace: string;
  setup: Setup;
  onSetup: (change: Partial<Setup>) => void;
}

/** Setups under a name: apply one, keep this one, forget one. */
export function Presets({ workspace, setup, onSetup }: PresetsProps) {
  const t = useT();
  const client = useQueryClient();
  const presets = useQuery(presetsQuery(workspace)).data ?? [];
  // The one that stands there: a value that is changed afterwards is no preset any more.
  const chosen = presets.find((preset) => isSetup(preset, setup))?.id ?? null;
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const changed = () => client.invalidateQueries({ queryKey: presetsQuery(workspace).queryKey });
  const keep = useMutation({
    mutationFn: () => ask(api.POST("/api/workspaces/{workspace}/chat/presets", { params: { path: { workspace } }, body: { name: name.trim(), ...setup } })),
    onSuccess: () => {
      setNaming(false);
      setName("");
      return changed();
    },
  });
  const forget = useMutation({
    mutationFn: (preset: string) => ask(api.DELETE("/api/workspaces/{workspace}/chat/presets/{preset}", { params: { path: { workspace, preset } } })),
    onSuccess: changed,
  });
  return (
    <div className={styles.presets}>
      <Select
        label={t("composer.preset")}
        placeholder={presets.length === 0 ? t("composer.preset.none") : t("composer.preset.choose")}
        disabled={presets.length === 0}
        comboboxProps={{ withinPortal: false }}
        allowDeselect={false}
        data={presets.map((preset) => ({ value: preset.id, label: preset.name }))}
        value={chosen}
        onChange={(id) => {
          const preset = presets.find((one) => one.id === id);
          if (preset === undefined) return;
          onSetup({ ...(preset.model === null ? {} : { model: preset.model }), system_prompt: preset.system_prompt, parameters: setOnly(preset.parameters) });
        }}
      />
      <div className={styles.acts}>
        {!naming && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => {
              setNaming(true);
            }}
          >
            {t("composer.preset.save")}
          </Button>
        )}
        {!naming && chosen !== null && (
          <Button
            variant="subtle"
            size="compact-sm"
            loading={forget.isPending}
            onClick={() => {
              forget.mutate(chosen);
            }}
          >
            {t("composer.preset.delete")}
          </Button>
        )}
        {!naming && presets.length > 0 && (
          <ButtonLink variant="subtle" size="compact-sm" to="/w/$ws/chat/presets" params={{ ws: workspace }}>
            {t("composer.preset.manage")}
          </ButtonLink>
        )}
      </div>
      {naming && (
        <form
          className={styles.naming}
          onSubmit={(event) => {
            event.preventDefault();
            event.stopPropagation();
            if (name.trim() !== "") keep.mutate();
          }}
        >
          <TextInput
            data-autofocus
            autoFocus
            label={t("composer.preset.name")}
            maxLength={80}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
          <Button type="submit" variant="default" loading={keep.isPending} disabled={name.trim() === ""}>
            {t("composer.preset.keep")}
          </Button>
        </form>
      )}
      <ErrorNotice error={keep.error ?? forget.error} />
    </div>
  );
}
