import type { Model, Parameters, Setup } from "../types";

/* PURE  What of a chat's setup differs from a fresh one, and what a preset makes of it. */

export type Changed = keyof Parameters | "system_prompt";

const PARAMETERS = ["temperature", "top_p", "max_tokens", "reasoning_effort"] as const;

/** What a new chat of the person begins with. */
export type Defaults = Pick<Setup, "system_prompt" | "parameters">;
export const PLAIN: Defaults = { system_prompt: "", parameters: {} };

/** Return what is not as in a new chat, in the order it is shown. */
export function changedIn(setup: Setup, defaults: Defaults = PLAIN): Changed[] {
  const changed: Changed[] = PARAMETERS.filter((name) => (setup.parameters[name] ?? null) !== (defaults.parameters[name] ?? null));
  return setup.system_prompt.trim() === defaults.system_prompt.trim() ? changed : ["system_prompt", ...changed];
}

/** Return parameters with one set, or unset. */
export function withParameter<K extends keyof Parameters>(parameters: Parameters, name: K, value: Parameters[K] | undefined): Parameters {
  return setOnly({ ...parameters, [name]: value });
}

type Unset = { [K in keyof Parameters]?: Parameters[K] | null };

/** Return only what is set: /api says null for what is not. */
export function setOnly(parameters: Unset): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined)) as Parameters;
}

/** Return whether a preset is what stands there. */
export function isSetup(preset: { model: string | null; system_prompt: string; parameters: Unset }, setup: Setup): boolean {
  const defaults = { system_prompt: preset.system_prompt, parameters: setOnly(preset.parameters) };
  return (preset.model === null || preset.model === setup.model) && changedIn(setup, defaults).length === 0;
}

/** Whether a model may be told how hard to think; also when nobody knows. */
export function mayThink(model: Model | null): boolean {
  return model?.reasoning !== false;
}

/** Return the text with something put where the caret is, a line of its own unless that is the beginning. */
export function inserted(text: string, at: number, what: string): { text: string; caret: number } {
  const before = text.slice(0, at);
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  return { text: before + gap + what + text.slice(at), caret: before.length + gap.length + what.length };
}
