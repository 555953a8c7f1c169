import { Group, Select, TextInput } from "@mantine/core";
import { useId } from "react";

import { type Key, useT } from "@/locales";

export type Period = "day" | "week" | "month" | "total";

interface SpendLimitProps {
  amount: string;
  period: Period;
  periods: readonly Period[];
  onChange: (amount: string, period: Period) => void;
  onBlur?: () => void;
  label: string;
  hint?: string;
  error?: string;
}

const NAMES: Record<Period, Key> = { day: "limit.day", week: "limit.week", month: "limit.month", total: "limit.total" };

/** So many Credits in so much time. An empty amount is no limit. */
export function SpendLimit({ amount, period, periods, onChange, onBlur, label, hint, error }: SpendLimitProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  const id = useId();
  return (
    <div>
      <Group align="flex-start" gap="xs" wrap="nowrap">
        <TextInput
          style={{ flex: "1 1 9rem", minWidth: 0 }}
          label={label}
          aria-describedby={hint === undefined ? undefined : id}
          placeholder={t("limit.none")}
          value={amount}
          onChange={(event) => {
            onChange(event.currentTarget.value, period);
          }}
          onBlur={onBlur}
          error={error}
          inputMode="decimal"
          autoComplete="off"
          rightSection={<span style={{ color: "var(--text-3)", fontSize: ".8125rem", paddingInlineEnd: 12 }}>{t("name.unit")}</span>}
          rightSectionWidth="auto"
          rightSectionPointerEvents="none"
        />
        <Select
          style={{ flex: "0 1 9rem", minWidth: 0 }}
          label={t("limit.per")}
          value={period}
          onChange={(value) => {
            onChange(amount, (value ?? period) as Period);
          }}
          data={periods.map((one) => ({ value: one, label: say(NAMES[one]) }))}
          allowDeselect={false}
          comboboxProps={{ withinPortal: true }}
        />
      </Group>
      {hint !== undefined && (
        <p id={id} style={{ marginBlockStart: 5, color: "var(--text-3)", font: "400 var(--type-sm) var(--font-ui)" }}>
          {hint}
        </p>
      )}
    </div>
  );
}
