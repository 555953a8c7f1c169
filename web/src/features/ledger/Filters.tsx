import { Button, MultiSelect, SegmentedControl, TextInput } from "@mantine/core";

import { type Key, useT } from "@/locales";
import { useAddress } from "@/ui/useAddress";
import styles from "./ledger.module.css";
import { GROUPS, groupOf, KINDS, NARROWING, RANGES, rangeOf } from "./model";

/** Which lines are listed, and how. Everything is in the address: a copied one shows the same. */
export function Filters({ zone, ownZone }: { zone: string; ownZone: string }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const range = rangeOf(address);
  const narrowed = NARROWING.some((name) => address.value(name) !== "");
  return (
    <div className={styles.filters} role="search" aria-label={t("usage.filters")}>
      <div className={styles.row}>
        <SegmentedControl
          aria-label={t("usage.range")}
          value={range}
          data={["all", ...Object.keys(RANGES), "days"].map((name) => ({
            value: name,
            label: say((name === "all" ? "ledger.range_all" : `usage.range_${name}`) as Key),
          }))}
          onChange={(value) => {
            const today = new Date().toISOString().slice(0, 10);
            address.set(
              value === "days"
                ? { range: "", from: `${today.slice(0, 8)}01`, to: today, cursor: "" }
                : { range: value === "all" ? "" : value, from: "", to: "", cursor: "" },
            );
          }}
        />
        {range === "days" && (
          <div className={styles.days}>
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
        {ownZone !== "UTC" && (
          <SegmentedControl
            aria-label={t("usage.zone")}
            value={zone === "UTC" ? "UTC" : "own"}
            data={[
              { value: "own", label: ownZone.replaceAll("_", " ") },
              { value: "UTC", label: "UTC" },
            ]}
            onChange={(value) => {
              address.set({ zone: value === "UTC" ? "UTC" : "", cursor: "" });
            }}
            className={styles.zone}
          />
        )}
      </div>
      <div className={styles.row}>
        <MultiSelect
          className={styles.types}
          aria-label={t("ledger.type")}
          placeholder={address.values("kind").length === 0 ? t("ledger.all_types") : undefined}
          data={KINDS.map((kind) => ({ value: kind, label: say(`kind.${kind}`) }))}
          value={address.values("kind")}
          onChange={(values) => {
            address.set({ kind: values, cursor: "" });
          }}
          hidePickedOptions
        />
        {narrowed && (
          <Button
            variant="subtle"
            onClick={() => {
              address.set({ ...Object.fromEntries(NARROWING.map((name) => [name, ""])), cursor: "" });
            }}
          >
            {t("usage.clear")}
          </Button>
        )}
        <SegmentedControl
          aria-label={t("ledger.group")}
          value={groupOf(address)}
          data={GROUPS.map((group) => ({ value: group, label: say(`ledger.group_${group}`) }))}
          onChange={(value) => {
            address.set({ group: value === "hour" ? "" : value, cursor: "" });
          }}
          className={styles.zone}
        />
      </div>
    </div>
  );
}
