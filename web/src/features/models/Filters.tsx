import { Button, Chip, MultiSelect, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import type { Model } from "@/api/queries";
import { type Key, useT } from "@/locales";
import { useAddress } from "@/ui/useAddress";
import { capabilitiesOf, CAPABILITIES, CAPABILITY_NAMES, CONTEXTS, providersOf, tokens } from "./model";
import styles from "./models.module.css";

const NAMES = ["q", "can", "provider", "context", "free", "usable"] as const;

/** Every choice is in the address: a copied one shows the same list. */
export function Filters({ models, shown }: { models: readonly Model[]; shown: number }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const query = address.value("q");
  const [text, setText] = useState(query);
  const [known, setKnown] = useState(query);
  // Back and a link from elsewhere change the address; what is being typed here is not overwritten by itself.
  if (query !== known) {
    setKnown(query);
    setText(query);
  }
  useEffect(() => {
    if (text === query) return;
    const timer = setTimeout(() => {
      setKnown(text);
      address.set({ q: text }, { replace: true });
    }, 120);
    return () => {
      clearTimeout(timer);
    };
  });
  const filtered = NAMES.some((name) => address.values(name).length > 0);
  const present = CAPABILITIES.filter((name) => models.some((model) => capabilitiesOf(model).includes(name)));

  return (
    <div className={styles.filters} role="search">
      <TextInput
        className={styles.search}
        aria-label={t("models.search")}
        placeholder={t("models.search")}
        leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
        type="search"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      <MultiSelect
        className={styles.select}
        aria-label={t("models.capability")}
        placeholder={address.values("can").length === 0 ? t("models.capability") : undefined}
        data={present.map((name) => ({ value: name, label: say(CAPABILITY_NAMES[name]) }))}
        value={address.values("can")}
        onChange={(can) => {
          address.set({ can });
        }}
      />
      <Select
        className={styles.select}
        aria-label={t("models.provider")}
        placeholder={t("models.any_provider")}
        data={providersOf(models)}
        value={address.value("provider") || null}
        onChange={(value) => {
          address.set({ provider: value ?? "" });
        }}
        clearable
      />
      <Select
        className={styles.select}
        aria-label={t("models.context")}
        placeholder={t("models.any_context")}
        data={CONTEXTS.map((size) => ({ value: size, label: t("models.at_least", { size: tokens(Number(size)) }) }))}
        value={address.value("context") || null}
        onChange={(value) => {
          address.set({ context: value ?? "" });
        }}
        clearable
      />
      <div className={styles.chips}>
        <Toggle name="free" label={t("models.free_only")} />
        <Toggle name="usable" label={t("models.available_only")} />
        <span role="status" className={styles.count}>
          {filtered ? t("models.of", { shown, all: models.length }) : t("models.count", { count: models.length })}
        </span>
        {filtered && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => {
              address.set(Object.fromEntries(NAMES.map((name) => [name, ""])));
            }}
          >
            {t("models.clear")}
          </Button>
        )}
        <Select
          className={styles.sort}
          aria-label={t("models.sort")}
          data={[
            { value: "name", label: t("models.sort_name") },
            { value: "price", label: t("models.sort_price") },
            { value: "context", label: t("models.sort_context") },
            { value: "newest", label: t("models.sort_newest") },
          ]}
          value={address.value("sort") || "name"}
          onChange={(value) => {
            address.set({ sort: value === "name" ? "" : (value ?? "") });
          }}
          allowDeselect={false}
        />
      </div>
    </div>
  );
}

function Toggle({ name, label }: { name: string; label: string }) {
  const address = useAddress();
  return (
    <Chip
      size="sm"
      variant="outline"
      checked={address.value(name) === "1"}
      onChange={(on) => {
        address.set({ [name]: on ? "1" : "" });
      }}
    >
      {label}
    </Chip>
  );
}
