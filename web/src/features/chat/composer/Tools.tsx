import { ActionIcon, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconCpu, IconMessageCircleCode, IconPaperclip, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useRef } from "react";

import { useT } from "@/locales";
import { useChatSettings } from "@/ui/useChatSettings";
import type { Model, Setup } from "../types";
import styles from "./composer.module.css";
import { modelOf } from "./model";
import { ModelPicker } from "./ModelPicker";
import { PromptPicker } from "./PromptPicker";
import { changedIn, setOnly } from "./setting";
import { SetupPanel } from "./SetupPanel";
import { Sheet } from "./Sheet";

/** Which of them is open; one at a time. */
export type OpenTool = "more" | "model" | "setup" | "prompts" | null;

interface ToolsProps {
  workspace: string;
  models: readonly Model[];
  setup: Setup;
  onSetup: (change: Partial<Setup>) => void;
  open: OpenTool;
  onOpen: (open: OpenTool | ((before: OpenTool) => OpenTool)) => void;
  onFiles: (files: readonly File[]) => void;
  onInsert: (text: string) => void;
  /** One button for all of them. */
  narrow: boolean;
}

const ACCEPTED = "image/png,image/jpeg,image/webp,application/pdf,text/*,.md,.csv,.json,.jsonl,.log,.yaml,.yml,.toml,.xml,.sql,.py,.js,.ts,.tsx,.jsx,.go,.rs,.java,.c,.h,.cpp,.cs,.rb,.php,.sh";

/** What stands beside the text: files, kept prompts, the model, its parameters. */
export function Tools({ workspace, models, setup, onSetup, open, onOpen, onFiles, onInsert, narrow }: ToolsProps) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const { settings } = useChatSettings();
  const changed = changedIn(setup, { system_prompt: settings.system_prompt, parameters: setOnly(settings.parameters) }).length > 0;
  const close = () => {
    onOpen(null);
    // A sheet that another one opened cannot give the focus back: what had it went with that one.
    if (document.activeElement?.closest("[role=dialog]")) more.current?.focus();
  };
  const turn = (tool: OpenTool) => () => {
    onOpen((before) => (before === tool ? null : tool));
  };
  const model = modelOf(models, setup.model);
  const choose = () => {
    onOpen(null);
    input.current?.click();
  };
  const setupName = changed ? `${t("composer.setup")} (${t("composer.setup.changed")})` : t("composer.setup");
  return (
    <div className={styles.tools}>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={ACCEPTED}
        aria-label={t("composer.attach")}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      {narrow ? (
        <Sheet
          opened={open === "more"}
          onClose={close}
          title={t("composer.more")}
          target={<span />}
        >
          <ul className={styles.more}>
            <More icon={<IconCpu size={20} stroke={1.5} aria-hidden />} label={t("composer.model.title")} now={model?.name ?? setup.model} onClick={turn("model")} />
            <More icon={<IconPaperclip size={20} stroke={1.5} aria-hidden />} label={t("composer.attach")} onClick={choose} />
            <More icon={<IconMessageCircleCode size={20} stroke={1.5} aria-hidden />} label={t("composer.prompts")} onClick={turn("prompts")} />
            <More icon={<IconAdjustmentsHorizontal size={20} stroke={1.5} aria-hidden />} label={t("composer.setup")} now={changed ? t("composer.setup.changed") : null} onClick={turn("setup")} />
          </ul>
        </Sheet>
      ) : (
        <ActionIcon aria-label={t("composer.attach")} title={t("composer.attach")} onClick={choose}>
          <IconPaperclip size={20} stroke={1.5} aria-hidden />
        </ActionIcon>
      )}
      {narrow && (
        <ActionIcon ref={more} className={styles.dotted} aria-label={changed ? `${t("composer.more")} (${t("composer.setup.changed")})` : t("composer.more")} data-changed={changed} aria-expanded={open === "more"} onClick={turn("more")}>
          <IconPlus size={20} stroke={1.5} aria-hidden />
        </ActionIcon>
      )}
      <Sheet
        opened={open === "prompts"}
        onClose={close}
        title={t("composer.prompts")}
        target={
          <ActionIcon aria-label={t("composer.prompts")} title={t("composer.prompts")} onClick={turn("prompts")}>
            <IconMessageCircleCode size={20} stroke={1.5} aria-hidden />
          </ActionIcon>
        }
      >
        <PromptPicker workspace={workspace} onInsert={onInsert} />
      </Sheet>
      <Sheet
        opened={open === "setup"}
        onClose={close}
        title={t("composer.setup")}
        width={416}
        target={
          <ActionIcon className={styles.dotted} data-changed={changed} aria-label={setupName} title={t("composer.setup")} onClick={turn("setup")}>
            <IconAdjustmentsHorizontal size={20} stroke={1.5} aria-hidden />
          </ActionIcon>
        }
      >
        <SetupPanel workspace={workspace} model={model} setup={setup} onSetup={onSetup} />
      </Sheet>
      <ModelPicker
        models={models}
        value={setup.model}
        onChange={(id) => {
          onSetup({ model: id });
        }}
        opened={open === "model"}
        onOpen={(opened) => {
          if (opened) onOpen("model");
          else close();
        }}
      />
    </div>
  );
}

function More({ icon, label, now = null, onClick }: { icon: ReactNode; label: string; now?: string | null; onClick: () => void }) {
  return (
    <li>
      <UnstyledButton className={styles.choice} onClick={onClick}>
        {icon}
        <span>{label}</span>
        {now !== null && (
          <>
            <VisuallyHidden>: </VisuallyHidden>
            <span className={styles.now}>{now}</span>
          </>
        )}
      </UnstyledButton>
    </li>
  );
}
