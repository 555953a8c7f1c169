/* What an act would do to the ledger: the answer of every `…/preview`. */

export interface Effect {
  entries: readonly { account: string; amount: string }[];
  available_before: string;
  available_after: string;
  debt_before: string;
  debt_after: string;
  /** Somebody else of the staff has to approve it, too. */
  needs_second_person: boolean;
  /** Nobody else could: it goes through, with a mark in the audit log. */
  alone: boolean;
  /** What will happen, in words. */
  sentence: string;
}

/** What every act of staff answers with. */
export interface Acted {
  audit_seq: number;
}
