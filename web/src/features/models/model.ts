import type { Model } from "@/api/queries";
import { type Search, valueOf, valuesOf } from "@/lib/address";
import { parse } from "@/lib/money";
import type { Key } from "@/locales";

/* PURE  Filters and order of the list, as the address says them. */

export const CAPABILITIES = ["tools", "reasoning", "vision", "audio", "embeddings", "images", "speech"] as const;
export type Capability = (typeof CAPABILITIES)[number];
export const CAPABILITY_NAMES: Record<Capability, Key> = {
  tools: "models.tools",
  reasoning: "models.reasoning",
  vision: "models.vision",
  audio: "models.audio",
  embeddings: "models.embeddings",
  images: "models.images",
  speech: "models.speech",
};

export const CONTEXTS = ["32000", "128000", "200000", "1000000"] as const;

export function capabilitiesOf(model: Model): Capability[] {
  const has: Record<Capability, boolean> = {
    tools: model.tools === true,
    reasoning: model.reasoning === true,
    vision: model.input_modalities.includes("image"),
    audio: model.input_modalities.includes("audio"),
    embeddings: model.output_modalities.includes("embeddings") || model.endpoints.includes("embeddings"),
    images: model.output_modalities.includes("image"),
    speech: model.output_modalities.includes("audio"),
  };
  return CAPABILITIES.filter((name) => has[name]);
}

export function providersOf(models: readonly Model[]): string[] {
  return [...new Set(models.map((model) => model.owned_by))].sort((a, b) => a.localeCompare(b));
}

/** Return what the address asks for, in its order. */
export function choose(models: readonly Model[], search: Search): Model[] {
  const words = valueOf(search, "q").toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = valuesOf(search, "can");
  const provider = valueOf(search, "provider");
  const context = Number(valueOf(search, "context") || "0");
  const free = valueOf(search, "free") === "1";
  const usable = valueOf(search, "usable") === "1";
  return models
    .filter((model) => {
      const text = [model.id, model.name, ...model.aliases].join(" ").toLowerCase();
      const can = capabilitiesOf(model) as string[];
      return (
        words.every((word) => text.includes(word)) &&
        wanted.every((name) => can.includes(name)) &&
        (provider === "" || model.owned_by === provider) &&
        (context === 0 || (model.context_length ?? 0) >= context) &&
        (!free || model.free) &&
        (!usable || model.available)
      );
    })
    .sort(orderOf(valueOf(search, "sort")));
}

function orderOf(sort: string): (a: Model, b: Model) => number {
  const byName = (a: Model, b: Model) => a.name.localeCompare(b.name);
  switch (sort) {
    case "price":
      return (a, b) => compare(total(a), total(b)) || byName(a, b);
    case "context":
      return (a, b) => (b.context_length ?? 0) - (a.context_length ?? 0) || byName(a, b);
    case "newest":
      return (a, b) => b.price_since.localeCompare(a.price_since) || byName(a, b);
    default:
      return byName;
  }
}

function total(model: Model): bigint {
  return parse(model.prices.prompt) + parse(model.prices.completion);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Return a number of tokens as people say it: 128K, 1M. */
export function tokens(count: number): string {
  if (count >= 1_000_000) return `${trim(count / 1_000_000)}M`;
  if (count >= 1000) return `${trim(count / 1000)}K`;
  return String(count);
}

function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}
