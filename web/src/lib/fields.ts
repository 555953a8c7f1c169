/* What /api says about single fields becomes what a form shows beside them. */

interface WithFields {
  problem: { fields: readonly { field: string; message: string }[] };
}

/** Return field → message; empty for every other error. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (typeof error !== "object" || error === null || !("problem" in error)) return {};
  const { fields } = (error as WithFields).problem;
  return Object.fromEntries(fields.map((one) => [one.field, one.message]));
}
