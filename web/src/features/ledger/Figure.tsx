import { parse } from "@/lib/money";
import { Money } from "@/ui/Money";
import styles from "./ledger.module.css";
import { places } from "./model";

interface FigureProps {
  value: string;
  /** Decimals of the longest figure of the column: the points stand below one another. */
  to?: number;
  /** With its sign, and a colour that says the same. */
  signed?: boolean;
}

/** An amount of a column. */
export function Figure({ value, to = 0, signed = false }: FigureProps) {
  const missing = to - places(value);
  return (
    <span className={styles.amount} data-signed={signed} data-in={signed && parse(value) > 0n}>
      <Money value={value} signed={signed} />
      {missing > 0 && (
        <span aria-hidden className={styles.pad}>
          {"0".repeat(missing)}
        </span>
      )}
    </span>
  );
}
