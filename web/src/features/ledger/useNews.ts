import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { workspacesQuery } from "@/api/queries";
import { exact, parse } from "@/lib/money";
import { type Key, useWords } from "@/locales";
import { type Line, newsOf } from "./model";

/* How long a new line looks new, and what is said stays. */
const FRESH_MS = 6_000;

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Follow a list of lines: which of them are new, and a sentence for who cannot see it.
 *
 * list   names the list; another one has no news
 * lines  undefined while they are not known
 */
export function useNews(list: string, lines: readonly Line[] | undefined): { fresh: ReadonlySet<string>; said: string } {
  const { t, tag } = useWords();
  const client = useQueryClient();
  const last = useRef<{ list: string; lines: readonly Line[] } | null>(null);
  const [fresh, setFresh] = useState(NOBODY);
  const [said, setSaid] = useState("");

  useEffect(() => {
    if (lines === undefined) return;
    const news = last.current?.list === list ? newsOf(last.current.lines, lines) : [];
    last.current = { list, lines };
    const newest = news[0];
    if (newest === undefined) return;
    setFresh((before) => new Set([...before, ...news.map((one) => one.line.id)]));
    setSaid(
      t("ledger.news", {
        count: news.length,
        kind: (t as (key: Key) => string)(`kind.${newest.line.kind}`),
        amount: exact(newest.amount, tag, true),
        balance: exact(parse(newest.line.balance_after), tag),
      }),
    );
    // The balance in the top bar is the same one.
    void client.invalidateQueries({ queryKey: workspacesQuery.queryKey });
  }, [list, lines, t, tag, client]);

  useEffect(() => {
    if (fresh.size === 0) return;
    const timer = setTimeout(() => {
      setFresh(NOBODY);
      setSaid("");
    }, FRESH_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [fresh]);

  return { fresh, said };
}
