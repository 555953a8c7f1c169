import { Autocomplete, Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { type Key, useT } from "@/locales";
import { useAddress } from "@/ui/useAddress";
import styles from "./audit.module.css";
import { type Filter, type Filters as Values, FILTERS, RARE } from "./model";
import { actionsQuery } from "./queries";

/** Return the filters, as the address has them. */
export function useFilters(): Values {
  const address = useAddress();
  return Object.fromEntries(FILTERS.map((name) => [name, address.value(name)])) as Record<Filter, string>;
}

/** What is asked of the log. Enter, or leaving a field, searches. */
export function Filters() {
  const t = useT();
  const address = useAddress();
  const filters = useFilters();
  const known = JSON.stringify(filters);
  const [typed, setTyped] = useState<Values>(filters);
  const [before, setBefore] = useState(known);
  const [more, setMore] = useState(() => RARE.some((name) => filters[name] !== ""));
  const actions = useQuery(actionsQuery).data ?? [];
  const nouns = [...new Set(actions.map((action) => action.split(".")[0] ?? ""))];
  if (before !== known) {
    setBefore(known);
    setTyped(filters);
  }
  const search = (values: Values = typed) => {
    const trimmed = Object.fromEntries(FILTERS.map((name) => [name, values[name].trim()]));
    if (JSON.stringify(trimmed) !== known) address.set({ ...trimmed, cursor: "" });
  };
  const field = (name: Filter) => ({
    label: (t as (key: Key) => string)(`console_audit.filter_${name}` as Key),
    value: typed[name],
    autoComplete: "off",
    spellCheck: false,
    maxLength: 200,
    onBlur: () => {
      search();
    },
  });
  const text = (name: Filter, type = "text") => (
    <TextInput
      key={name}
      type={type}
      {...field(name)}
      onChange={(event) => {
        setTyped({ ...typed, [name]: event.currentTarget.value });
      }}
    />
  );
  return (
    <form
      role="search"
      className={styles.fields}
      aria-label={t("console_audit.filters")}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        search();
      }}
    >
      {text("text", "search")}
      {text("actor")}
      <Autocomplete
        {...field("action")}
        data={[...nouns, ...actions]}
        limit={40}
        onChange={(value) => {
          setTyped({ ...typed, action: value });
        }}
        onOptionSubmit={(value) => {
          search({ ...typed, action: value });
        }}
      />
      {text("subject")}
      {more && (
        <>
          {text("address")}
          {text("request")}
          {text("from", "date")}
          {text("to", "date")}
        </>
      )}
      <Button
        variant="default"
        aria-expanded={more}
        onClick={() => {
          setMore(!more);
        }}
      >
        {t("console_audit.more_filters")}
      </Button>
      {FILTERS.some((name) => filters[name] !== "") && (
        <Button
          variant="subtle"
          onClick={() => {
            address.set({ ...Object.fromEntries(FILTERS.map((name) => [name, ""])), cursor: "" });
          }}
        >
          {t("console_audit.clear")}
        </Button>
      )}
      {/* Enter in a field of many needs a button that sends. */}
      <button type="submit" hidden tabIndex={-1} aria-hidden />
    </form>
  );
}
