import { createContext, Fragment, type ReactNode, use, useMemo } from "react";

import { type Language, type Message, pieces, type Placeholders, say, tagOf, type Value } from "@/lib/message";
import type { Catalogue, Key, Messages } from "./catalogue";

export type { Key } from "./catalogue";

type Values<K extends Key> = Record<Placeholders<Messages[K]>, Value>;
type Arguments<K extends Key> = [Placeholders<Messages[K]>] extends [never] ? [] : [values: Omit<Values<K>, "count"> & CountOf<K>];
type CountOf<K extends Key> = "count" extends Placeholders<Messages[K]> ? { count: Messages[K] extends string ? Value : number } : unknown;

export type Translate = <K extends Key>(key: K, ...values: Arguments<K>) => string;

interface Words {
  language: Language;
  /** The tag for Intl. */
  tag: string;
  t: Translate;
  catalogue: Catalogue;
}

const Context = createContext<Words | null>(null);

/** Return the wording of a language; each is a file of its own, so only one travels. */
export async function load(language: Language): Promise<Catalogue> {
  return language === "zh" ? (await import("./zh")).zh : (await import("./en")).en;
}

export function Locale({ language, catalogue, children }: { language: Language; catalogue: Catalogue; children: ReactNode }) {
  const words = useMemo<Words>(
    () => ({
      language,
      tag: tagOf(language),
      catalogue,
      t: (key, ...values) => say(catalogue[key], (values[0] ?? {}) as Record<string, Value>, language),
    }),
    [language, catalogue],
  );
  return <Context value={words}>{children}</Context>;
}

/** Return `t("key", {values})`, the language and its tag. */
export function useWords(): Words {
  const words = use(Context);
  if (words === null) throw new Error("no <Locale> above");
  return words;
}

/** Return only `t`. */
export function useT(): Translate {
  return useWords().t;
}

/** A text with React nodes in its placeholders: `<Rich k="x.y" values={{link: <Anchor/>}} />`. */
export function Rich<K extends Key>({ k, values }: { k: K; values: Record<Placeholders<Messages[K]>, ReactNode> }) {
  const { catalogue, language } = useWords();
  const message: Message = catalogue[k];
  const nodes = values as Record<string, ReactNode>;
  return (
    <>
      {pieces(message, nodes, language).map((piece, index) => (
        <Fragment key={index}>{typeof piece === "string" ? piece : nodes[piece.name]}</Fragment>
      ))}
    </>
  );
}
