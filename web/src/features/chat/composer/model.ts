import { composing } from "@/lib/keystroke";
import { parse } from "@/lib/money";
import type { Attachment, Model } from "../types";

/* PURE  What a key does in the composer, what may be attached, and which model can read it. */

/** Pasted text longer than this becomes a file: nobody reads it in a field of twelve lines. */
export const LONG_PASTE = 4000;
export const MOST_FILES = 20;
export const MOST_BYTES = 10 * 1024 * 1024;

export type KeyAct = "send" | "stop" | "edit" | null;

interface Keys {
  key: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

interface Situation {
  /** Else Ctrl+Enter does. */
  enterSends: boolean;
  /** A keyboard on glass, whose Enter begins a new line. */
  touch: boolean;
  running: boolean;
  empty: boolean;
}

/** Return what a key does beside typing. Nothing while an input method composes: the key is its own. */
export function actOf(key: Keys, { enterSends, touch, running, empty }: Situation): KeyAct {
  if (composing(key)) return null;
  const plain = !key.ctrlKey && !key.metaKey && !key.altKey && !key.shiftKey;
  if (key.key === "Enter") {
    if (key.shiftKey || key.altKey) return null;
    if (key.ctrlKey || key.metaKey) return "send";
    return enterSends && !touch ? "send" : null;
  }
  if (key.key === "Escape" && plain && running) return "stop";
  return key.key === "ArrowUp" && plain && empty ? "edit" : null;
}

export type Kind = Attachment["kind"];

const PICTURES = ["image/png", "image/jpeg", "image/webp"];
const NO_TEXT = /^(image|audio|video|font)\/|zip|octet-stream|compressed|msword|officedocument|opendocument|x-tar|x-msdownload/;
const TEXT_ENDING = /\.(txt|md|markdown|csv|tsv|json|jsonl|log|ya?ml|toml|xml|html?|css|sql|[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|c|h|cc|cpp|hpp|cs|php|sh|ps1|ini|cfg|env|tex|r|lua|pl|vue|svelte|svg)$/i;

/** Return what a file will be to a model, or null for what is refused anyway. Its content decides in the end. */
export function kindOf(file: { name: string; type: string }): Kind | null {
  if (PICTURES.includes(file.type)) return "image";
  if (file.type === "application/pdf") return "pdf";
  if (file.type.startsWith("text/") || TEXT_ENDING.test(file.name)) return "text";
  return NO_TEXT.test(file.type) ? null : "text";
}

export function isChat(model: Model): boolean {
  return model.endpoints.includes("chat") && model.output_modalities.includes("text");
}

export function canSee(model: Model): boolean {
  return model.input_modalities.includes("image");
}

/** Return whether a model can be told what these files say: text is for all, pictures for those that see. */
export function canRead(model: Model, kinds: readonly Kind[]): boolean {
  return !kinds.includes("image") || canSee(model);
}

/** Return the model to offer when the chosen one cannot read the files: one that is liked or was used, else a cheap one. */
export function readerFor(models: readonly Model[], kinds: readonly Kind[], liked: readonly string[]): Model | null {
  const able = models.filter((model) => model.available && isChat(model) && canRead(model, kinds));
  for (const id of liked) {
    const found = able.find((model) => model.id === id);
    if (found !== undefined) return found;
  }
  const price = (model: Model) => (model.free ? 0n : parse(model.prices.prompt) + parse(model.prices.completion));
  return able.reduce<Model | null>((best, model) => (best === null || price(model) < price(best) ? model : best), null);
}

export function modelOf(models: readonly Model[], id: string | null): Model | null {
  return models.find((model) => model.id === id || (id !== null && model.aliases.includes(id))) ?? null;
}

/** Return the name of a file made of pasted text. */
export function pasteName(taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? "pasted.txt" : `pasted-${number}.txt`;
    if (!taken.includes(name)) return name;
  }
}
