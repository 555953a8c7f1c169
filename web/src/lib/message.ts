/* Texts with {placeholders} and plurals, typed by their own wording. No markup: React nodes are put in by `rich`. */

export type Language = "en" | "zh";
export type Message = string | { readonly one: string; readonly other: string };
export type Value = string | number;

type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
/** The placeholders of a message; a plural always has `count`. */
export type Placeholders<M> = M extends string
  ? Names<M>
  : M extends { one: infer One; other: infer Other }
    ? "count" | Names<One> | Names<Other>
    : never;

const TAGS: Record<Language, string> = { en: "en", zh: "zh-Hans" };

/** Return the BCP 47 tag that Intl and `lang` take. */
export function tagOf(language: Language): string {
  return TAGS[language];
}

/** Return the language of a tag such as `zh-Hans-CN`; English for everything that is not Chinese. */
export function languageOf(tag: string | null | undefined): Language {
  return tag?.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Return the wording for these values: the plural form, numbers grouped, placeholders filled. */
export function say(message: Message, values: Readonly<Record<string, Value>>, language: Language): string {
  return pieces(message, values, language)
    .map((piece) => (typeof piece === "string" ? piece : shown(values[piece.name], language)))
    .join("");
}

/** Return the wording in pieces: text, and the names of what stands between. */
export function pieces(
  message: Message,
  values: Readonly<Record<string, unknown>>,
  language: Language,
): (string | { name: string })[] {
  const text = typeof message === "string" ? message : message[form(values.count, language)];
  return text.split(/(\{[a-z_]+\})/i).flatMap((part): (string | { name: string })[] => {
    if (part === "") return [];
    return part.startsWith("{") && part.endsWith("}") ? [{ name: part.slice(1, -1) }] : [part];
  });
}

/** Return the names of the placeholders of a message. */
export function placeholders(message: Message): string[] {
  const texts = typeof message === "string" ? [message] : [message.one, message.other];
  const names = texts.flatMap((text) => [...text.matchAll(/\{([a-z_]+)\}/gi)].map((match) => match[1] ?? ""));
  return [...new Set(names)].sort();
}

function form(count: unknown, language: Language): "one" | "other" {
  return typeof count === "number" && new Intl.PluralRules(tagOf(language)).select(count) === "one" ? "one" : "other";
}

function shown(value: Value | undefined, language: Language): string {
  if (value === undefined) return "";
  return typeof value === "number" ? new Intl.NumberFormat(tagOf(language)).format(value) : value;
}
