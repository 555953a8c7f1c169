import type { Row } from "./queries";

/* What a row of the audit log says, made readable: what changed, and where its subject is at home. */

export interface Change {
  name: string;
  /** Text as it is shown; undefined where there was nothing. */
  before?: string;
  after?: string;
}

/** Return the fields that differ, in the order of their names. */
export function changesOf(row: Pick<Row, "before" | "after">): Change[] {
  const [before, after] = [row.before ?? {}, row.after ?? {}];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .map((name) => ({ name, before: shown(before[name]), after: shown(after[name]) }))
    .filter((change) => change.before !== change.after);
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Prefix of a public id → page of the console. */
const BY_PREFIX: Readonly<Record<string, string>> = {
  rch: "recharges",
  rfd: "refunds",
  dsp: "disputes",
  cas: "risk",
  tkt: "support",
  prc: "promo-codes",
  prp: "credits",
  evt: "payments",
  usr: "users",
  ws: "workspaces",
};
/** Noun of an action whose subject is a name → page of the console. */
const BY_NOUN: Readonly<Record<string, string>> = { provider: "providers", model: "models" };

/** Return the address of a subject below /console, or null where it has no page or not for this reader. pages: the paths they have. */
export function subjectPath(row: Pick<Row, "action" | "subject">, pages: readonly string[]): string | null {
  const [, prefix = ""] = /^([a-z]{2,4})_[0-9a-zA-Z]+$/.exec(row.subject) ?? [];
  const noun = row.action.split(".")[0] ?? "";
  const page = BY_PREFIX[prefix] ?? BY_NOUN[noun];
  if (page === undefined || !pages.includes(page)) return null;
  // A model is named with slashes, which an address has as "~".
  return `/${page}/${encodeURIComponent(row.subject.replaceAll("/", "~"))}`;
}

export const FILTERS = ["text", "actor", "action", "subject", "address", "request", "from", "to"] as const;
export type Filter = (typeof FILTERS)[number];
export type Filters = Readonly<Record<Filter, string>>;
/** Those that few need stand behind a button. */
export const RARE: readonly Filter[] = ["address", "request", "from", "to"];

/** Return what /api is asked for: only what is set. A day is meant in UTC, and the last one whole. */
export function wished(filters: Filters): Partial<Record<Filter, string>> {
  const set = FILTERS.map((name) => [name, name === "to" ? dayAfter(filters.to) : filters[name]] as const);
  return Object.fromEntries(set.filter(([, value]) => value !== ""));
}

function dayAfter(day: string): string {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : NaN;
  return Number.isNaN(moment) ? day : new Date(moment + 86_400_000).toISOString().slice(0, 10);
}
