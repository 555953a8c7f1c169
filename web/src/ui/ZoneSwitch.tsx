import { SegmentedControl } from "@mantine/core";

import { useT } from "@/locales";

interface ZoneSwitchProps {
  zone: string;
  /** The reader's; where it is UTC there is nothing to switch. */
  ownZone: string;
  /** Told what the address then says: "" for one's own. */
  onChange: (zone: "UTC" | "") => void;
  className?: string;
}

/** The reader's own time, or UTC. */
export function ZoneSwitch({ zone, ownZone, onChange, className }: ZoneSwitchProps) {
  const t = useT();
  if (ownZone === "UTC") return null;
  return (
    <SegmentedControl
      aria-label={t("usage.zone")}
      value={zone === "UTC" ? "UTC" : "own"}
      data={[
        { value: "own", label: ownZone.replaceAll("_", " ") },
        { value: "UTC", label: "UTC" },
      ]}
      onChange={(value) => {
        onChange(value === "UTC" ? "UTC" : "");
      }}
      className={className}
    />
  );
}
