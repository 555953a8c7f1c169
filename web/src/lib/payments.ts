/* The states of an order and of a refund, and what they mean for a page that waits. */

/** An order that may still change without the customer: its page follows it. */
const MOVING: readonly string[] = ["created", "open", "awaiting_payment", "submitted", "in_review"];
/** An order that waits for its customer. */
const ASKING: readonly string[] = ["awaiting_proof", "needs_information", "open"];
const ENDED: readonly string[] = ["credited", "rejected", "duplicate", "cancelled", "expired", "failed", "reversed"];

export function isMoving(state: string): boolean {
  return MOVING.includes(state);
}

export function asksCustomer(state: string): boolean {
  return ASKING.includes(state);
}

/** Nothing more comes of it by itself; the same wish again is a new order. */
export function isEnded(state: string): boolean {
  return ENDED.includes(state);
}

/** A refund whose end is not reached. */
export function isPending(state: string): boolean {
  return ["requested", "in_review", "approved", "sent"].includes(state);
}

/** A line of instructions: with a label, its value can be copied. */
export interface InstructionLine {
  label: string;
  value: string;
}

/** Return the lines of a payment method's instructions. `Label: value` is a pair; everything else only a value. */
export function instructionLines(lines: readonly string[]): InstructionLine[] {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const match = /^([^:：]{1,40})[:：]\s*(\S.*)$/u.exec(line);
      // An address of the web is no label.
      return match === null || (match[2] ?? "").startsWith("//") ? { label: "", value: line } : { label: match[1] ?? "", value: match[2] ?? "" };
    });
}

/** How long until a moment, in the two largest units that people read: days and hours, hours and minutes, minutes. */
export function left(moment: string, now: number): { days: number; hours: number; minutes: number } | null {
  const minutes = Math.floor((Date.parse(moment) - now) / 60_000);
  if (minutes < 0) return null;
  return { days: Math.floor(minutes / 1440), hours: Math.floor((minutes % 1440) / 60), minutes: minutes % 60 };
}

/** Return the size of a file as people read it. */
export function fileSize(bytes: number, tag: string): string {
  const [size, unit] = bytes >= 1_000_000 ? [bytes / 1_000_000, "MB"] : [Math.max(1, Math.round(bytes / 1000)), "kB"];
  return `${new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }).format(size)} ${unit}`;
}

/** Return a text nobody else has, for a wish that is to be fulfilled once. `crypto.randomUUID` is missing on plain http. */
export function newToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
