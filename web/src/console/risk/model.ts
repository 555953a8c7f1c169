import type { Rule, RuleFields, Spec } from "./queries";

/** A rule in a form: everything as it is typed. Choices are several words with commas between them. */
export interface Form {
  kind: RuleFields["kind"];
  name: string;
  enabled: boolean;
  outcome: RuleFields["outcome"];
  limit_to: string;
  severity: RuleFields["severity"];
  new_accounts_days: string;
  cooldown_hours: string;
  parameters: Readonly<Record<string, string>>;
}

export const OUTCOMES = ["flag", "review", "limit", "freeze"] as const;
export const SEVERITIES = ["low", "medium", "high"] as const;

/** A value of JSON as text of one line. */
export function worded(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? value.map(worded).join(", ") : "";
}

/** What a new rule of a kind begins with. */
export function freshForm(kind: RuleFields["kind"], name: string, specs: readonly Spec[]): Form {
  return {
    kind,
    name,
    enabled: true,
    outcome: "flag",
    limit_to: "",
    severity: "medium",
    new_accounts_days: "",
    cooldown_hours: "24",
    parameters: Object.fromEntries(specs.map((spec) => [spec.name, spec.optional ? "" : worded(spec.initial)])),
  };
}

export function formOf(rule: Rule): Form {
  return {
    kind: rule.kind,
    name: rule.name,
    enabled: rule.enabled,
    outcome: rule.outcome,
    limit_to: rule.limit_to ?? "",
    severity: rule.severity,
    new_accounts_days: worded(rule.new_accounts_days),
    cooldown_hours: String(rule.cooldown_hours),
    parameters: Object.fromEntries(Object.entries(rule.parameters).map(([name, value]) => [name, worded(value)])),
  };
}

/** The body of a form. What is no number goes as it is: the server says which field it does not understand. */
export function fieldsOf(form: Form, specs: readonly Spec[]): Omit<RuleFields, "days"> {
  return {
    kind: form.kind,
    name: form.name.trim(),
    enabled: form.enabled,
    outcome: form.outcome,
    limit_to: form.outcome === "limit" ? form.limit_to.trim() : null,
    severity: form.severity,
    new_accounts_days: form.new_accounts_days.trim() === "" ? null : whole(form.new_accounts_days),
    cooldown_hours: whole(form.cooldown_hours),
    parameters: Object.fromEntries(specs.map((spec) => [spec.name, parameterOf(form.parameters[spec.name] ?? "", spec)])),
  };
}

/** The fields of a rule as it stands, to be sent with a change. */
export function unchanged(rule: Rule): Omit<RuleFields, "days"> {
  const { kind, name, enabled, outcome, limit_to, severity, new_accounts_days, cooldown_hours, parameters } = rule;
  return { kind, name, enabled, outcome, limit_to, severity, new_accounts_days, cooldown_hours, parameters };
}

function parameterOf(text: string, spec: Spec): unknown {
  const value = text.trim();
  if (value === "") return null;
  if (spec.form === "credits") return value;
  if (spec.form === "choices") return value.split(",").map((one) => one.trim()).filter(Boolean);
  return whole(value);
}

/** What is no number becomes one that the server refuses by name. */
export function whole(text: string): number {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : -1;
}
