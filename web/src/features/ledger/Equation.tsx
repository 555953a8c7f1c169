import type { ReactNode } from "react";

import { Money } from "@/ui/Money";
import styles from "./ledger.module.css";

interface Term {
  name: string;
  value: string;
  note?: ReactNode;
}

interface EquationProps {
  /** The first has no sign. */
  terms: readonly (Term & { sign?: "+" | "−" })[];
  result: Term;
}

/** A sum as people write it: along a line, or on a phone one below the other with a rule above the result. */
export function Equation({ terms, result }: EquationProps) {
  return (
    <div className={styles.equation}>
      {terms.map((term) => (
        <TermView key={term.name} {...term} />
      ))}
      <TermView {...result} sign="=" />
    </div>
  );
}

function TermView({ name, value, note, sign }: Term & { sign?: "+" | "−" | "=" }) {
  return (
    <>
      {sign && <span className={styles.sign}>{sign}</span>}
      <div className={styles.term} data-result={sign === "="}>
        <span className={styles.label}>{name}</span>
        <span className={styles.figure}>
          <Money value={value} />
        </span>
        {note && <span className={styles.note}>{note}</span>}
      </div>
    </>
  );
}
