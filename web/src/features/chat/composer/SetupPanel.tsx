import { Button, NumberInput, SegmentedControl, Textarea } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";

import { useT } from "@/locales";
import { useChatSettings } from "@/ui/useChatSettings";
import type { Model, Parameters, Setup } from "../types";
import { Presets } from "./Presets";
import { changedIn, mayThink, setOnly, withParameter } from "./setting";
import styles from "./setup.module.css";

interface SetupPanelProps {
  workspace: string;
  model: Model | null;
  setup: Setup;
  onSetup: (change: Partial<Setup>) => void;
}

const LONGEST_PROMPT = 20_000;

/** System prompt and parameters of the next messages. What is left empty is the model's own business. */
export function SetupPanel({ workspace, model, setup, onSetup }: SetupPanelProps) {
  const t = useT();
  const { settings } = useChatSettings();
  const defaults = { system_prompt: settings.system_prompt, parameters: setOnly(settings.parameters) };
  const changed = changedIn(setup, defaults);
  const set = <K extends keyof Parameters>(name: K, value: Parameters[K] | undefined) => {
    onSetup({ parameters: withParameter(setup.parameters, name, value) });
  };
  return (
    <div className={styles.panel}>
      <Presets workspace={workspace} setup={setup} onSetup={onSetup} />
      <SystemPrompt
        value={setup.system_prompt}
        onCommit={(system_prompt) => {
          onSetup({ system_prompt });
        }}
      />
      <div className={styles.numbers}>
        <Amount name="temperature" label={t("composer.temperature")} value={setup.parameters.temperature} most={2} step={0.1} decimals={2} onCommit={set} />
        <Amount name="top_p" label={t("composer.top_p")} value={setup.parameters.top_p} most={1} step={0.05} decimals={2} onCommit={set} />
        <Amount name="max_tokens" label={t("composer.max_tokens")} value={setup.parameters.max_tokens} least={1} most={model?.max_output_tokens ?? 1_000_000} step={256} decimals={0} onCommit={set} />
      </div>
      {(mayThink(model) || setup.parameters.reasoning_effort !== undefined) && (
        <div>
          <span className={styles.label} id="composer-effort">
            {t("composer.effort")}
          </span>
          <SegmentedControl
            fullWidth
            aria-labelledby="composer-effort"
            value={setup.parameters.reasoning_effort ?? ""}
            onChange={(value) => {
              set("reasoning_effort", value === "" ? undefined : (value as Parameters["reasoning_effort"]));
            }}
            data={[
              { value: "", label: t("composer.effort.own") },
              { value: "low", label: t("composer.effort.low") },
              { value: "medium", label: t("composer.effort.medium") },
              { value: "high", label: t("composer.effort.high") },
            ]}
          />
        </div>
      )}
      <div className={styles.foot}>
        <span className={styles.hint}>{changed.length === 0 ? t("composer.unchanged") : t("composer.changed", { count: changed.length })}</span>
        <Button
          variant="default"
          size="compact-sm"
          disabled={changed.length === 0}
          onClick={() => {
            onSetup(defaults);
          }}
        >
          {t("composer.reset")}
        </Button>
      </div>
    </div>
  );
}

/** A field whose value counts when it is left, also by closing the panel; what a preset or Reset puts there replaces it. */
function useField<T>(value: T, commit: (value: T) => void): [T, (value: T) => void, () => void] {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  const latest = useRef({ typed, value, commit });
  useEffect(() => {
    latest.current = { typed, value, commit };
  });
  const leave = useCallback(() => {
    if (latest.current.typed !== latest.current.value) latest.current.commit(latest.current.typed);
  }, []);
  useEffect(() => leave, [leave]);
  return [typed, setTyped, leave];
}

function SystemPrompt({ value, onCommit }: { value: string; onCommit: (text: string) => void }) {
  const t = useT();
  const [text, setText, leave] = useField(value, onCommit);
  return (
    <Textarea
      label={t("composer.system")}
      placeholder={t("composer.system.hint")}
      autosize
      minRows={2}
      maxRows={8}
      maxLength={LONGEST_PROMPT}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
      }}
      onBlur={leave}
    />
  );
}

type Name = "temperature" | "top_p" | "max_tokens";

interface AmountProps {
  name: Name;
  label: string;
  value: number | undefined;
  least?: number;
  most: number;
  step: number;
  decimals: number;
  onCommit: (name: Name, value: number | undefined) => void;
}

function Amount({ name, label, value, least = 0, most, step, decimals, onCommit }: AmountProps) {
  const t = useT();
  const [typed, setTyped, leave] = useField<string | number>(value ?? "", (next) => {
    const number = next === "" ? undefined : Number(next);
    if (number === undefined || Number.isFinite(number)) onCommit(name, number === undefined ? undefined : Math.min(most, Math.max(least, number)));
  });
  return (
    <NumberInput
      label={label}
      placeholder={t("composer.own")}
      min={least}
      max={most}
      step={step}
      decimalScale={decimals}
      clampBehavior="blur"
      value={typed}
      onChange={setTyped}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key === "Enter") leave();
      }}
    />
  );
}
