import type { Ticket } from "./queries";

export type Category = Ticket["category"];
export type State = Ticket["state"];
export type Kind = "order" | "refund" | "request" | "ledger" | "key";

export const CATEGORIES: readonly Category[] = ["billing", "api_error", "model_quality", "account", "other"];
export const STATES: readonly State[] = ["open", "waiting", "solved"];
export const MOST_FILES = 5;
export const MOST_BYTES = 10 * 1024 * 1024;
export const LONGEST_SUBJECT = 150;
/** What a file may be; the server decides by its content. */
export const FILE_TYPES = ".png,.jpg,.jpeg,.webp,.pdf,.txt,.log";

export interface About {
  kind: Kind;
  id: string;
}

const PREFIXES: Record<Kind, string> = { order: "rch", refund: "rfd", request: "req", ledger: "tr", key: "key" };
const ID = /^([a-z]+)_[0-9a-f]{32}$/;

/** Return what `kind:id` in an address names; nothing for anything else. */
export function parseAbout(values: readonly string[]): About[] {
  return values.flatMap((value) => {
    const [kind, id] = value.split(":");
    if (kind === undefined || id === undefined || !(kind in PREFIXES)) return [];
    return ID.exec(id)?.[1] === PREFIXES[kind as Kind] ? [{ kind: kind as Kind, id }] : [];
  });
}

export function isCategory(text: string): text is Category {
  return (CATEGORIES as readonly string[]).includes(text);
}

/** Return an amount of real money as people write it: "12.50 USD". */
export function writtenMoney(money: { minor: number; currency: string }): string {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency: money.currency.toUpperCase() }).resolvedOptions().maximumFractionDigits ?? 2;
  return `${(money.minor / 10 ** digits).toFixed(digits)} ${money.currency.toUpperCase()}`;
}

/** Return a size as people read it. */
export function fileSize(bytes: number, tag: string): string {
  const [value, unit] = bytes < 1024 ? [bytes, "byte"] : bytes < 1024 * 1024 ? [bytes / 1024, "kilobyte"] : [bytes / 1024 / 1024, "megabyte"];
  return new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}
