import { plainPrice, type Price as Amount, priceText } from "@/lib/price";
import { useWords } from "@/locales";

/** Real money, with its currency. Tests and tools read `value`. */
export function Price({ value }: { value: Amount | null | undefined }) {
  const { tag } = useWords();
  return value ? <data value={plainPrice(value)}>{priceText(value, tag)}</data> : <>—</>;
}
