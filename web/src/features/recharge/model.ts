import type { Schemas } from "@/api/client";
import { parse, plain, typed } from "@/lib/money";

/* PURE  What somebody wants to buy, and what is wrong with it. */

export type Options = Schemas["RechargeOptions"];
export type Quote = Schemas["RechargeQuote"];

export const CHECKOUT = "checkout";

/** A choice: Credits as they stand in the form, and the id of a manual method or `checkout`. */
export interface Wish {
  credits: string;
  method: string;
}

export type Trouble = "amount" | "least" | "most";

/** What is wrong with an amount that somebody typed. */
export function trouble(text: string, options: Pick<Options, "minimum" | "maximum">): Trouble | undefined {
  const amount = typed(text);
  if (amount === null) return "amount";
  if (parse(amount) < parse(options.minimum)) return "least";
  if (parse(amount) > parse(options.maximum)) return "most";
  return undefined;
}

/** Return what stands in the form first: what the address asks for, what was chosen before, the second pack. */
export function firstWish(options: Options, asked: Partial<Wish>, before: Partial<Wish>): Wish {
  const methods = [...(options.checkout === null ? [] : [CHECKOUT]), ...options.methods.map((method) => method.id)];
  const method = [asked.method, before.method, methods[0]].find((one) => one !== undefined && methods.includes(one)) ?? "";
  const offered = (options.packs[1] ?? options.packs[0])?.credits ?? options.minimum;
  const credits = [asked.credits, before.credits].find((one) => one !== undefined && trouble(one, options) === undefined) ?? offered;
  return { credits, method };
}

/** Return the pack of an amount, undefined for an amount of one's own. */
export function packOf(credits: string, options: Pick<Options, "packs">): Options["packs"][number] | undefined {
  const amount = typed(credits);
  return amount === null ? undefined : options.packs.find((pack) => parse(pack.credits) === parse(amount));
}

/** Return the body of a quote, null while the amount is not right. */
export function quoteOf(wish: Wish, options: Options): Schemas["QuoteAsk"] | null {
  const credits = typed(wish.credits);
  if (credits === null || trouble(wish.credits, options) !== undefined || wish.method === "") return null;
  return { credits: plain(parse(credits)), channel: wish.method === CHECKOUT ? CHECKOUT : "manual" };
}
