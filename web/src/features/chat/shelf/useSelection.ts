import { useRef, useState } from "react";

import type { ChatRow } from "@/api/chats";
import { between } from "./model";

export interface Selection {
  /** null: nothing is being selected. */
  ids: ReadonlySet<string> | null;
  start: (id?: string) => void;
  end: () => void;
  tick: (row: ChatRow, range: boolean) => void;
  set: (ids: readonly string[]) => void;
}

/** Several chats of a list; with Shift everything since the one before. */
export function useSelection(rows: readonly ChatRow[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string> | null>(null);
  const last = useRef<string | null>(null);
  return {
    ids,
    start: (id) => {
      last.current = id ?? null;
      setIds(new Set(id === undefined ? [] : [id]));
    },
    end: () => {
      setIds(null);
    },
    set: (all) => {
      setIds(new Set(all));
    },
    tick: (row, range) => {
      const reach = range && last.current !== null ? between(rows, last.current, row.id) : [row.id];
      last.current = row.id;
      setIds((before) => {
        const on = !(before?.has(row.id) ?? false);
        const after = new Set(before);
        for (const id of reach) {
          if (on) after.add(id);
          else after.delete(id);
        }
        return after;
      });
    },
  };
}
