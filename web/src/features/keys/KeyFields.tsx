import { Collapse, MultiSelect, Select, SimpleGrid, Stack, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { modelsQuery } from "@/api/queries";
import { type Key, type Translate, useT, useWords } from "@/locales";
import { SpendLimit } from "@/ui/SpendLimit";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keys.module.css";
import { amountInWords, EXPIRIES, type Expiry, type KeyValues, PERIODS, type Trouble } from "./model";

export type SetValue = <Name extends keyof KeyValues>(name: Name, value: KeyValues[Name]) => void;

interface FieldsProps {
  values: KeyValues;
  set: SetValue;
  /** What stands beside each field. */
  errors: Partial<Record<keyof KeyValues, string>>;
  /** A field was left. */
  leave: (name: keyof KeyValues) => void;
}

export const EXPIRY_NAMES: Record<Expiry, Key> = {
  never: "key.expiry_never",
  "7": "key.expiry_7",
  "30": "key.expiry_30",
  "90": "key.expiry_90",
  "365": "key.expiry_365",
  date: "key.expiry_date",
};

const TROUBLES: Record<Trouble, Key> = {
  name: "key.wrong_name",
  date: "key.wrong_date",
  past: "key.wrong_past",
  amount: "limit.wrong",
  count: "key.wrong_count",
};

export function inWords(trouble: Trouble | undefined, t: Translate): string | undefined {
  return trouble === undefined ? undefined : (t as (key: Key) => string)(TROUBLES[trouble]);
}

export function NameField({ values, set, errors, leave, focus = false }: FieldsProps & { focus?: boolean }) {
  const t = useT();
  return (
    <TextInput
      label={t("key.name")}
      description={t("key.name_hint")}
      inputWrapperOrder={["label", "input", "description", "error"]}
      value={values.name}
      onChange={(event) => {
        set("name", event.currentTarget.value);
      }}
      onBlur={() => {
        leave("name");
      }}
      error={errors.name}
      maxLength={80}
      autoComplete="off"
      data-autofocus={focus || undefined}
    />
  );
}

/** Limits, models, expiry. */
export function LimitFields({ values, set, errors, leave }: FieldsProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  const workspace = useWorkspace();
  const models = useQuery(modelsQuery(workspace.id));
  const known = new Set([...(models.data ?? []).map((model) => model.id), ...values.models]);
  return (
    <Stack gap="md">
      <SpendLimit
        label={t("key.spend_limit")}
        hint={values.amount.trim() === "" ? t("key.unlimited_hint") : t("key.spend_limit_hint")}
        amount={values.amount}
        period={values.period}
        periods={PERIODS}
        onChange={(amount, period) => {
          set("amount", amount);
          set("period", period);
        }}
        onBlur={() => {
          leave("amount");
        }}
        error={errors.amount}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        <TextInput
          label={t("key.rpm")}
          placeholder={t("limit.none")}
          value={values.rpm}
          onChange={(event) => {
            set("rpm", event.currentTarget.value);
          }}
          onBlur={() => {
            leave("rpm");
          }}
          error={errors.rpm}
          inputMode="numeric"
          autoComplete="off"
        />
        <TextInput
          label={t("key.running")}
          placeholder={t("limit.none")}
          value={values.running}
          onChange={(event) => {
            set("running", event.currentTarget.value);
          }}
          onBlur={() => {
            leave("running");
          }}
          error={errors.running}
          inputMode="numeric"
          autoComplete="off"
        />
      </SimpleGrid>
      <MultiSelect
        label={t("key.models")}
        description={t("key.models_hint")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        placeholder={values.models.length === 0 ? t("key.models_all") : undefined}
        data={[...known].sort()}
        value={values.models}
        onChange={(value) => {
          set("models", value);
        }}
        error={errors.models}
        searchable
        clearable
        hidePickedOptions
        nothingFoundMessage={t("key.models_none")}
        maxDropdownHeight={220}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        <Select
          label={t("key.expiry")}
          value={values.expiry}
          onChange={(value) => {
            set("expiry", (value ?? "never") as Expiry);
          }}
          data={EXPIRIES.map((one) => ({ value: one, label: say(EXPIRY_NAMES[one]) }))}
          allowDeselect={false}
        />
        {values.expiry === "date" && (
          <TextInput
            type="datetime-local"
            label={t("key.expiry_at")}
            value={values.date}
            onChange={(event) => {
              set("date", event.currentTarget.value);
            }}
            onBlur={() => {
              leave("date");
            }}
            error={errors.date}
          />
        )}
      </SimpleGrid>
    </Stack>
  );
}

/** The limits folded away; what they are by now stands in the closed line. */
export function FoldedLimits({ opened, toggle, ...fields }: FieldsProps & { opened: boolean; toggle: () => void }) {
  const { t, tag } = useWords();
  const id = useId();
  return (
    <div className={styles.fold}>
      <UnstyledButton className={styles.foldHead} aria-expanded={opened} aria-controls={id} onClick={toggle}>
        <IconChevronRight size={16} stroke={1.5} aria-hidden className={styles.chevron} data-opened={opened} />
        <span className={styles.foldTitle}>{t("key.limits")}</span>
        {!opened && <span className={styles.foldSummary}>{summary(fields.values, t, tag)}</span>}
      </UnstyledButton>
      <Collapse expanded={opened} id={id}>
        <div className={styles.foldBody}>
          <LimitFields {...fields} />
        </div>
      </Collapse>
    </div>
  );
}

const PER: Record<KeyValues["period"], "key.sum_day" | "key.sum_week" | "key.sum_month" | "key.sum_total"> = {
  day: "key.sum_day",
  week: "key.sum_week",
  month: "key.sum_month",
  total: "key.sum_total",
};

function expiry(chosen: Expiry, t: Translate): string {
  if (chosen === "date") return t("key.sum_expires");
  return chosen === "never" ? t("key.sum_never") : t("key.sum_days", { count: Number(chosen) });
}

function summary(values: KeyValues, t: Translate, tag: string): string {
  const amount = values.amount.trim();
  return [
    /^\d+(\.\d{1,9})?$/.test(amount) ? t(PER[values.period], { amount: amountInWords(amount, tag) }) : t("key.sum_unlimited"),
    values.rpm.trim() === "" ? t("key.sum_no_rpm") : t("key.sum_rpm", { count: Number(values.rpm) || 0 }),
    values.models.length === 0 ? t("key.models_all") : t("key.sum_models", { count: values.models.length }),
    expiry(values.expiry, t),
  ].join(" · ");
}
