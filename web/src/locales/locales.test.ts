import { expect, test } from "vitest";

import { placeholders } from "@/lib/message";
import { en } from "./en";
import { zh } from "./zh";

test("both languages have the same keys", () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
});

test.each(Object.entries(en))("%s has the same placeholders in both languages", (key, message) => {
  expect(placeholders(zh[key as keyof typeof en])).toEqual(placeholders(message));
});

test("nothing is empty, and Chinese is Chinese", () => {
  const same = Object.entries(en).filter(([key, message]) => JSON.stringify(zh[key as keyof typeof en]) === JSON.stringify(message));
  // What is written alike in both: names, units, samples.
  expect(same.map(([key]) => key).filter((key) => !key.startsWith("name."))).toEqual([]);
  for (const message of Object.values({ ...en, ...zh })) expect(JSON.stringify(message)).not.toBe('""');
});
