import { parse, typed } from "@/lib/money";
import type { Key } from "@/locales";

/* What a form of billing says about what was typed, before anybody is asked. */

/** Why a promo code was refused, in the reader's language. */
const REFUSALS: Partial<Record<string, Key>> = {
  promo_code_unknown: "billing.code_unknown",
  promo_code_used_up: "billing.code_used_up",
  too_many_attempts: "billing.code_too_many",
  account_frozen: "billing.code_frozen",
};

/** Return the words for a refused code, undefined for what is said below the form instead. */
export function refusalOf(code: string): Key | undefined {
  return REFUSALS[code];
}

/** Return whether a text may be an e-mail address; empty is none and fine. */
export function isEmail(text: string): boolean {
  return text.trim() === "" || /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text.trim());
}

/** Return a text of one line without blanks around it, as it is stored. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

/** Return whether a text is an amount of more than nothing. */
export function isPositive(text: string): boolean {
  const amount = typed(text);
  return amount !== null && parse(amount) > 0n;
}

/** Return whether a ceiling would not let a single recharge through. What is no amount is said elsewhere. */
export function isBelowOne(credits: string, ceiling: string): boolean {
  const [each, most] = [typed(credits), typed(ceiling)];
  return each !== null && most !== null && parse(most) < parse(each);
}
