import { useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { useNow } from "@/ui/TimeAgo";
import { inWords, type SetValue } from "./KeyFields";
import { type KeyValues, troubles } from "./model";

/* Where /api's names of fields stand in the form. */
const SHOWN_AT: Record<string, keyof KeyValues> = {
  name: "name",
  spend_limit: "amount",
  spend_period: "amount",
  rpm: "rpm",
  max_running: "running",
  allowed_models: "models",
  expires_at: "date",
};

const AFTER_CLICK_MS = 200;

/** Values, and what is wrong with them: each field once it was left, all of them on submit, and what /api says. */
export function useKeyForm(initial: KeyValues, error: unknown) {
  const t = useT();
  const [values, setValues] = useState(initial);
  const [left, setLeft] = useState<ReadonlySet<keyof KeyValues>>(new Set());
  const wrong = troubles(values, useNow());

  const errors: Partial<Record<keyof KeyValues, string>> = {};
  for (const [name, message] of Object.entries(fieldErrors(error))) {
    const place = SHOWN_AT[name];
    if (place !== undefined) errors[place] = message;
  }
  for (const name of left) {
    const words = inWords(wrong[name], t);
    if (words !== undefined) errors[name] = words;
  }
  const set: SetValue = (name, value) => {
    setValues((before) => ({ ...before, [name]: value }));
  };
  return {
    fields: {
      values,
      set,
      errors,
      leave: (name: keyof KeyValues) => {
        // A field that was only passed by is not wrong yet.
        if (values[name] === initial[name]) return;
        // After the click that took the focus away: an error must not move a button from under the pointer.
        setTimeout(() => {
          setLeft((before) => new Set([...before, name]));
        }, AFTER_CLICK_MS);
      },
    },
    reset: (to: KeyValues) => {
      setValues(to);
      setLeft(new Set());
    },
    /** Show everything that is wrong; return whether the form may be sent. */
    check: (): boolean => {
      setLeft(new Set(Object.keys(values) as (keyof KeyValues)[]));
      return Object.keys(wrong).length === 0;
    },
    /** Whether something below the fold is wrong. */
    hiddenTrouble: Object.keys(wrong).some((name) => name !== "name"),
    changed: JSON.stringify(values) !== JSON.stringify(initial),
  };
}
