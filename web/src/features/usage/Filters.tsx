import { Button, MultiSelect, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { modelsQuery } from "@/api/queries";
import { type Key, useT } from "@/locales";
import { useAddress } from "@/ui/useAddress";
import { useMay, useWorkspace } from "@/ui/workspace";
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
        <SegmentedControl
          aria-label={t("usage.range")}
          value={range === "" ? "days" : range}
          data={[
            ...Object.keys(RANGES).map((name) => ({ value: name, label: say(`usage.range_${name}` as Key) })),
            { value: "days", label: t("usage.range_days") },
          ]}
          onChange={(value) => {
            const today = new Date().toISOString().slice(0, 10);
            address.set(
              value === "days"
                ? { range: "", from: `${today.slice(0, 8)}01`, to: today, cursor: "" }
                : { range: value === "24h" ? "" : value, from: "", to: "", cursor: "" },
            );
          }}
        />
        {range === "" && (
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
              address.set({ zone: value === "UTC" ? "UTC" : "" });
            }}
            className={styles.zone}
          />
        )}
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
