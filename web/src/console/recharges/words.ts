import type { Key } from "@/locales";

const FLAGS: readonly string[] = ["late_payment", "paid_twice", "amount_mismatch", "currency_mismatch"];

/** Why a person should look at an order, in words. */
export function flagWord(flag: string, say: (key: Key) => string): string {
  return say(`console_recharges.flag_${FLAGS.includes(flag) ? flag : "other"}` as Key);
}
