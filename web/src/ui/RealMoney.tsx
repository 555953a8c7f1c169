import { useWords } from "@/locales";

interface RealMoneyProps {
  /** A whole number of the smallest unit of its currency, as /api sends it; null is unknown and reads "—". */
  value: { minor: number; currency: string } | null | undefined;
}

/** An amount of real money, not of Credits. Tests and tools read `value`: the smallest unit and the currency. */
export function RealMoney({ value }: RealMoneyProps) {
  const { tag } = useWords();
  if (!value) return <>—</>;
  return <data value={`${String(value.minor)} ${value.currency}`}>{realMoney(value.minor, value.currency, tag)}</data>;
}

/** Return an amount in words of the reader: "US$12.50". */
export function realMoney(minor: number, currency: string, tag: string): string {
  const format = new Intl.NumberFormat(tag, { style: "currency", currency: currency.toUpperCase() });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** decimals);
}
