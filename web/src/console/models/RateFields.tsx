import { Button, TextInput } from "@mantine/core";
import { useState } from "react";

import { type Key, useT } from "@/locales";
import { type ClassName, CLASSES, COMMON, type Typed } from "./model";
import styles from "./models.module.css";

interface RateFieldsProps {
  legend: string;
  values: Typed;
  onChange: (name: ClassName, value: string) => void;
  /** What /api says about a class. */
  problem: (name: ClassName) => string | undefined;
}

/** A field for every class; those few models have are opened when they are needed. */
export function RateFields({ legend, values, onChange, problem }: RateFieldsProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  const [all, setAll] = useState(() => CLASSES.some((name) => !COMMON.includes(name) && values[name] !== undefined));
  return (
    <>
      <fieldset className={styles.rates}>
        <legend>{legend}</legend>
        {(all ? CLASSES : COMMON).map((name, index) => (
          <TextInput
            key={name}
            label={say(`console_models.class.${name}` as Key)}
            value={values[name] ?? ""}
            inputMode="decimal"
            autoComplete="off"
            spellCheck={false}
            required={index < 2}
            withAsterisk={false}
            error={problem(name)}
            {...(index === 0 && { "data-autofocus": true })}
            onChange={(event) => {
              onChange(name, event.currentTarget.value);
            }}
          />
        ))}
      </fieldset>
      {!all && (
        <Button
          className={styles.more}
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            setAll(true);
          }}
        >
          {t("console_models.more_classes")}
        </Button>
      )}
    </>
  );
}
