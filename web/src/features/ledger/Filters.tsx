import { Button, MultiSelect, SegmentedControl } from "@mantine/core";

import { type Key, useT } from "@/locales";
import { PeriodFields } from "@/ui/PeriodFields";
import { useAddress } from "@/ui/useAddress";
import { ZoneSwitch } from "@/ui/ZoneSwitch";
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
        <PeriodFields
          value={range}
          standard="all"
          ranges={["all", ...Object.keys(RANGES)].map((name) => ({
            value: name,
            label: say((name === "all" ? "ledger.range_all" : `usage.range_${name}`) as Key),
          }))}
          className={styles.days}
        />
        <ZoneSwitch
          zone={zone}
          ownZone={ownZone}
          onChange={(chosen) => {
            address.set({ zone: chosen, cursor: "" });
          }}
          className={styles.zone}
        />
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
