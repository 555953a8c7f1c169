import { Button, MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { modelsQuery } from "@/api/queries";
import { type Key, useT } from "@/locales";
import { PeriodFields } from "@/ui/PeriodFields";
import { useAddress } from "@/ui/useAddress";
import { useMay, useWorkspace } from "@/ui/workspace";
import { ZoneSwitch } from "@/ui/ZoneSwitch";
import { type Choice, CHOICES, OUTCOMES, RANGES, rangeOf, SOURCES } from "./model";
import { keyNamesQuery, memberNamesQuery } from "./queries";
import styles from "./usage.module.css";

/** Which requests the page speaks of. Everything is in the address: a copied one shows the same. */
export function Filters({ zone, ownZone }: { zone: string; ownZone: string }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const workspace = useWorkspace();
  const models = useQuery(modelsQuery(workspace.id));
  const keys = useQuery(keyNamesQuery(workspace.id, useMay("own_keys", "all_keys")));
  const seesAll = useMay("all_usage");
  const members = useQuery(memberNamesQuery(workspace.id, seesAll));
  const range = rangeOf(address);
  const filtered = CHOICES.some((name) => address.values(name).length > 0);
  const options: Record<Choice, { value: string; label: string }[]> = {
    model: (models.data ?? []).map((model) => ({ value: model.id, label: model.id })),
    key: (keys.data?.items ?? []).map((key) => ({ value: key.id, label: `${key.name} (${key.label})` })),
    member: (members.data ?? []).map((member) => ({ value: member.id, label: member.name || (member.email ?? member.id) })),
    source: SOURCES.map((source) => ({ value: source, label: say(`usage.source_${source}`) })),
    outcome: OUTCOMES.map((outcome) => ({ value: outcome, label: say(`usage.outcome_${outcome}`) })),
  };
  const shown = CHOICES.filter((name) => name !== "member" || (seesAll && options.member.length > 1));

  return (
    <div className={styles.filters} role="search" aria-label={t("usage.filters")}>
      <div className={styles.period}>
        <PeriodFields
          value={range === "" ? "days" : range}
          standard="24h"
          ranges={Object.keys(RANGES).map((name) => ({ value: name, label: say(`usage.range_${name}` as Key) }))}
          className={styles.days}
        />
        <ZoneSwitch
          zone={zone}
          ownZone={ownZone}
          onChange={(chosen) => {
            address.set({ zone: chosen });
          }}
          className={styles.zone}
        />
      </div>
      <div className={styles.choices}>
        {shown.map((name) => (
          <MultiSelect
            key={name}
            className={styles.choice}
            aria-label={say(`usage.by_${name}`)}
            placeholder={address.values(name).length === 0 ? say(`usage.by_${name}`) : undefined}
            data={withUnknown(options[name], address.values(name))}
            value={address.values(name)}
            onChange={(values) => {
              address.set({ [name]: values, cursor: "" });
            }}
            searchable={options[name].length > 8}
            nothingFoundMessage={t("usage.nothing_found")}
            hidePickedOptions
          />
        ))}
        {filtered && (
          <Button
            variant="subtle"
            onClick={() => {
              address.set({ ...Object.fromEntries(CHOICES.map((name) => [name, ""])), cursor: "" });
            }}
          >
            {t("usage.clear")}
          </Button>
        )}
      </div>
    </div>
  );
}

/** An address may name what is gone by now: it stays visible, and can be taken out. */
function withUnknown(options: { value: string; label: string }[], chosen: string[]) {
  const known = new Set(options.map((option) => option.value));
  return [...options, ...chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: value }))];
}
