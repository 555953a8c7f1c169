import { Button, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconChevronDown, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { useT } from "@/locales";
import type { Model } from "../types";
import styles from "./composer.module.css";
import { modelOf } from "./model";
import { ModelList } from "./ModelList";
import { Sheet, useNarrow } from "./Sheet";

interface ModelPickerProps {
  models: readonly Model[];
  value: string | null;
  onChange: (id: string) => void;
  opened: boolean;
  onOpen: (opened: boolean) => void;
}

/** The model of the next message, and the others. */
export function ModelPicker({ models, value, onChange, opened, onOpen }: ModelPickerProps) {
  const t = useT();
  const name = modelOf(models, value)?.name ?? value;
  return (
    <Sheet
      opened={opened}
      onClose={() => {
        onOpen(false);
      }}
      title={t("composer.model.title")}
      width={448}
      target={
        <UnstyledButton
          className={styles.model}
          onClick={() => {
            onOpen(!opened);
          }}
        >
          <VisuallyHidden>{t("composer.model.label")} </VisuallyHidden>
          <span>{name ?? t("composer.model.choose")}</span>
          <IconChevronDown size={16} stroke={1.5} aria-hidden />
        </UnstyledButton>
      }
    >
      <ModelList
        models={models}
        chosen={value === null ? [] : [value]}
        onPick={(id) => {
          onChange(id);
          onOpen(false);
        }}
      />
    </Sheet>
  );
}

interface ModelsPickerProps {
  models: readonly Model[];
  values: readonly string[];
  onChange: (ids: string[]) => void;
  /** How many answer one prompt. */
  most?: number;
}

/** Models that answer side by side: those that are chosen, each to be taken out, and the others. */
export function ModelsPicker({ models, values, onChange, most = 4 }: ModelsPickerProps) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const narrow = useNarrow();
  const opener = (
    <Button
      variant="default"
      rightSection={<IconChevronDown size={16} stroke={1.5} aria-hidden />}
      onClick={() => {
        setOpened((before) => !before);
      }}
    >
      {t("composer.models.choose", { count: values.length, most })}
    </Button>
  );
  const without = (id: string) => values.filter((one) => one !== id);
  return (
    <div className={styles.models}>
      {values.length > 0 && (
        <ul className={styles.chosen} aria-label={t("composer.models.chosen")}>
          {values.map((id) => {
            const name = modelOf(models, id)?.name ?? id;
            return (
              <li key={id}>
                <span>{name}</span>
                <UnstyledButton
                  className={styles.out}
                  aria-label={t("composer.models.remove", { name })}
                  onClick={() => {
                    onChange(without(id));
                  }}
                >
                  <IconX size={14} stroke={1.5} aria-hidden />
                </UnstyledButton>
              </li>
            );
          })}
        </ul>
      )}
      {narrow && opener}
      <Sheet
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("composer.models.title", { most })}
        width={448}
        target={opener}
      >
        <ModelList
          models={models}
          chosen={values}
          full={values.length >= most}
          onPick={(id) => {
            onChange(values.includes(id) ? without(id) : [...values, id]);
          }}
        />
      </Sheet>
    </div>
  );
}
