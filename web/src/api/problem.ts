import type { components } from "./schema";

/* How /api says no. See docs/reference: one shape for everything that can go wrong. */

export type Problem = components["schemas"]["Problem"];

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }

  get code(): string {
    return this.problem.code;
  }

  /** What is wrong with one field of a form, "" for nothing. */
  field(name: string): string {
    return this.problem.fields.find((one) => one.field === name)?.message ?? "";
  }
}

/** Return the problem in a body; what carries none (a proxy's page) becomes one without words. */
export function problemOf(body: unknown, requestId: string | null): Problem {
  const given = (body as { error?: Partial<Problem> } | null | undefined)?.error;
  return {
    code: given?.code ?? "unreadable",
    message: given?.message ?? "",
    request_id: given?.request_id ?? requestId ?? "",
    field: given?.field ?? null,
    fields: given?.fields ?? [],
    limit: given?.limit ?? null,
    retry_after: given?.retry_after ?? null,
    details: given?.details ?? {},
  };
}

/** A person who closed the step-up dialog changed their mind: nothing to report. */
export function isCancelled(error: unknown): boolean {
  return error instanceof ApiError && error.code === "step_up_required";
}
