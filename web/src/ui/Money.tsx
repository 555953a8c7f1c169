import { Tooltip } from "@mantine/core";

import { exact, parse, plain, type Rounding, short } from "@/lib/money";
import { Rich, useWords } from "@/locales";

interface MoneyProps {
  /** A decimal string of Credits, as /api sends it; null is unknown and reads "—". */
  value: string | null | undefined;
  /** exact: every digit (ledger, receipts, tables). short: top bar and cards, the exact value one hover away. */
  form?: "exact" | "short";
  /** How a short form rounds. A balance never looks larger than it is, a charge never smaller. */
  rounding?: Rounding;
  /** Write + in front of what is positive. */
  signed?: boolean;
  /** Write "Credits" behind it. */
  unit?: boolean;
  /** Inside a link or a button, which already takes the focus. */
  inert?: boolean;
}

/** An amount of Credits. Tests and tools read `value` and never parse a locale. */
export function Money({ value, form = "exact", rounding = "balance", signed = false, unit = false, inert = false }: MoneyProps) {
  const { tag } = useWords();
  if (value === null || value === undefined) return <>—</>;
  const nano = parse(value);
  const whole = exact(nano, tag, signed);
  const shown = form === "exact" ? whole : short(nano, rounding, tag, signed);
  const hides = form === "short" && nano !== 0n && shown !== whole;
  const data = (
    <data value={plain(nano)} tabIndex={hides && !inert ? 0 : undefined}>
      {unit ? <Rich k="name.credits" values={{ amount: shown }} /> : shown}
    </data>
  );
  return hides ? <Tooltip label={<Rich k="name.credits" values={{ amount: whole }} />}>{data}</Tooltip> : data;
}
