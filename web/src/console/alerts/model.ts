import type { Schemas } from "@/api/client";

type Threshold = Schemas["Threshold"];

/** The colour of a badge. What is over is grey, however bad it was. */
export function colorOf(severity: string, state: string): string {
  if (state === "resolved") return "gray";
  return { critical: "bad", warning: "warn" }[severity] ?? "gray";
}

/** Addresses as people write them into a box: one a line, or with commas. Nothing typed is null. */
export function addressesIn(text: string): string[] | null {
  const found = text.split(/[\s,;]+/u).filter((word) => word !== "");
  return found.length === 0 ? null : found;
}

/** Facts of an alert for people: names without underscores, lists as words; what is not known is left out. */
export function factsOf(facts: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name.replaceAll("_", " "), Array.isArray(value) ? value.join(", ") : String(value)]);
}

/** What of typed thresholds differs from what is in force. */
export function changesOf(thresholds: readonly Threshold[], typed: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    thresholds.flatMap(({ name, value }) => {
      const wanted = typed[name]?.trim() ?? value;
      return wanted === value ? [] : [[name, wanted]];
    }),
  );
}
