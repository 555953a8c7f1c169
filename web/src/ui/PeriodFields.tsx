import { SegmentedControl, TextInput } from "@mantine/core";

import { useT } from "@/locales";
import { useAddress } from "@/ui/useAddress";

interface PeriodFieldsProps {
  /** What is in force: the value of a range, or `days` for days of one's own. */
  value: string;
  ranges: { value: string; label: string }[];
  /** The range that the address leaves out. */
  standard: string;
  /** Around the two days. */
  className?: string;
}

/** A period by name, or from one day to another. It stands in the address, and begins a list anew. */
export function PeriodFields({ value, ranges, standard, className }: PeriodFieldsProps) {
  const t = useT();
  const address = useAddress();
  return (
    <>
      <SegmentedControl
        aria-label={t("usage.range")}
        value={value}
        data={[...ranges, { value: "days", label: t("usage.range_days") }]}
        onChange={(chosen) => {
          const today = new Date().toISOString().slice(0, 10);
          address.set(
            chosen === "days"
              ? { range: "", from: `${today.slice(0, 8)}01`, to: today, cursor: "" }
              : { range: chosen === standard ? "" : chosen, from: "", to: "", cursor: "" },
          );
        }}
      />
      {value === "days" && (
        <div className={className}>
          {(["from", "to"] as const).map((end) => (
            <TextInput
              key={end}
              type={address.value(end).length > 10 ? "text" : "date"}
              aria-label={t(end === "from" ? "usage.first_day" : "usage.last_day")}
              value={address.value(end)}
              onChange={(event) => {
                address.set({ [end]: event.currentTarget.value, cursor: "" }, { replace: true });
              }}
            />
          ))}
        </div>
      )}
    </>
  );
}
