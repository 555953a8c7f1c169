/* Real money: a whole number of the smallest unit of its currency. It is never divided as a number. */

export interface Price {
  minor: number;
  /** Three letters, in any case. */
  currency: string;
}

/** Return how many decimals a currency has: 2 for USD, 0 for JPY. */
export function decimals(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Return the amount alone, as a bank's form takes it: "25.75". */
export function plainPrice({ minor, currency }: Price): string {
  const places = decimals(currency);
  const digits = Math.abs(minor).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const text = places === 0 ? whole : `${whole}.${digits.slice(-places)}`;
  return minor < 0 ? `-${text}` : text;
}

/** Return the amount with its currency as people read it: "US$25.75". */
export function priceText(price: Price, tag: string): string {
  // American English calls its dollar only "$".
  const place = tag === "en" ? "en-GB" : tag;
  const format = new Intl.NumberFormat(place, { style: "currency", currency: price.currency });
  return format.format(plainPrice(price) as `${number}`);
}

/** Return an amount as it was typed, for the server to read: without blanks, and without the commas between thousands.
    A comma before one or two digits stays: it is a decimal point, and taking it away would make a hundred times as much. */
export function typedPrice(text: string | undefined): string {
  return (text ?? "").replace(/\s/g, "").replace(/,(?=\d{3}(?!\d))/g, "");
}
