import { NativeSelect, NumberInput } from "@mantine/core";

import type { ChatParameters } from "@/api/chats";
import { useT } from "@/locales";
import styles from "./ParameterFields.module.css";

interface ParameterFieldsProps {
  value: ChatParameters;
  onChange: (value: ChatParameters) => void;
  /** What is wrong, by field: parameters.temperature. */
  errors?: Readonly<Record<string, string>>;
}

const EFFORTS = ["low", "medium", "high"] as const;
const NUMBERS = [
  { name: "temperature", most: 2, step: 0.1, whole: false },
  { name: "top_p", most: 1, step: 0.05, whole: false },
  { name: "max_tokens", most: 10_000_000, step: 256, whole: true },
] as const;

/** How a model is asked to answer; what is empty is left to the model. */
export function ParameterFields({ value, onChange, errors = {} }: ParameterFieldsProps) {
  const t = useT();
  return (
    <div className={styles.fields}>
      {NUMBERS.map(({ name, most, step, whole }) => (
        <NumberInput
          key={name}
          label={t(`parameter.${name}`)}
          description={t(`parameter.${name}_text`)}
          placeholder={t("parameter.left")}
          value={value[name] ?? ""}
          min={whole ? 1 : 0}
          max={most}
          step={step}
          decimalScale={whole ? 0 : 2}
          clampBehavior="blur"
          error={errors[`parameters.${name}`]}
          onChange={(next) => {
            onChange({ ...value, [name]: typeof next === "number" ? next : null });
          }}
        />
      ))}
      <NativeSelect
        label={t("parameter.reasoning_effort")}
        description={t("parameter.reasoning_effort_text")}
        value={value.reasoning_effort ?? ""}
        error={errors["parameters.reasoning_effort"]}
        onChange={(event) => {
          const effort = EFFORTS.find((one) => one === event.currentTarget.value);
          onChange({ ...value, reasoning_effort: effort ?? null });
        }}
        data={[{ value: "", label: t("parameter.left") }, ...EFFORTS.map((effort) => ({ value: effort, label: t(`parameter.effort_${effort}`) }))]}
      />
    </div>
  );
}
