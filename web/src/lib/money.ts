/* Credits are integers of nanocredits, as BigInt. On the wire they are decimal strings; a JS number never holds money. */

export const NANO = 1_000_000_000n;

/** A balance rounds down, a charge rounds up: shortening never flatters. */
export type Rounding = "balance" | "charge";

const SHAPE = /^([+-]?)(\d+)(?:\.(\d{1,9}))?$/;

/** Return the nanocredits of a decimal string. Errors: RangeError for anything else. */
export function parse(text: string): bigint {
  const match = SHAPE.exec(text);
  if (match === null) throw new RangeError(`not an amount: ${text}`);
  const [, sign, whole = "", fraction = ""] = match;
  const nano = BigInt(whole) * NANO + BigInt(fraction.padEnd(9, "0"));
  return sign === "-" ? -nano : nano;
}

/** Return what somebody typed as a decimal string for the wire, null when it is no amount. Grouping is ignored. */
export function typed(text: string): string | null {
  const plain = text.trim().replace(/[,\s\u00A0\u202F]/g, "");
  return /^\d{1,12}(\.\d{1,9})?$/.test(plain) ? plain : null;
}

/** Return the decimal string of an amount, without trailing zeros: what `<data value>` and the wire carry. */
export function plain(nano: bigint): string {
  const { whole, fraction } = digits(nano);
  const tail = fraction.replace(/0+$/, "");
  return `${nano < 0n ? "-" : ""}${whole}${tail === "" ? "" : `.${tail}`}`;
}

/** Every digit, at least two decimals: ledger, receipts, statements. */
export function exact(nano: bigint, locale: string, signed = false): string {
  const { whole, fraction } = digits(nano);
  return sign(nano, signed) + joined(whole, fraction.replace(/0{1,7}$/, ""), locale);
}

/** Two decimals from 1 up, four significant digits below: top bar, cards. What is not zero never reads 0. */
export function short(nano: bigint, rounding: Rounding, locale: string, signed = false): string {
  if (nano === 0n) return "0";
  const size = nano < 0n ? -nano : nano;
  const step = unitOf(size);
  const up = rounding === "charge" || nano < 0n;
  const rounded = ((size + (up ? step - 1n : 0n)) / step) * step;
  const { whole, fraction } = digits(rounded);
  // 0.99996 grows to 1 and then has the form of what is above 1.
  const kept = rounded >= NANO ? fraction.slice(0, 2) : fraction.replace(/0{1,7}$/, "");
  return sign(nano, signed) + joined(whole, kept, locale);
}

/** Return an amount in US$ by the configured rate, a decimal string, as nanodollars. */
export function inDollars(nano: bigint, usdPerCredit: string): bigint {
  return (nano * parse(usdPerCredit)) / NANO;
}

/** Return how much of a whole is used, from 0 to 1, for bars. The one place where an amount becomes a number. */
export function share(part: bigint, whole: bigint): number {
  if (whole <= 0n) return 1;
  const thousandths = (part * 1000n) / whole;
  return Number(thousandths < 0n ? 0n : thousandths > 1000n ? 1000n : thousandths) / 1000;
}

function unitOf(size: bigint): bigint {
  if (size >= NANO) return NANO / 100n;
  const length = size.toString().length;
  return length <= 4 ? 1n : 10n ** BigInt(length - 4);
}

function digits(nano: bigint): { whole: bigint; fraction: string } {
  const size = nano < 0n ? -nano : nano;
  return { whole: size / NANO, fraction: (size % NANO).toString().padStart(9, "0") };
}

function sign(nano: bigint, signed: boolean): string {
  if (nano < 0n) return "\u2212";
  return signed && nano > 0n ? "+" : "";
}

function joined(whole: bigint, fraction: string, locale: string): string {
  const format = new Intl.NumberFormat(locale);
  const point = format.formatToParts(1.5).find((part) => part.type === "decimal")?.value ?? ".";
  return `${format.format(whole)}${point}${fraction.padEnd(2, "0")}`;
}
