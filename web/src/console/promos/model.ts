import { ApiError, problemOf } from "@/api/problem";

/* What staff type for a promo code becomes the body of a request. */

/** Return a refusal as /api would have sent it, so that a form shows it beside its field. */
function refused(field: string, message: string): ApiError {
  return new ApiError(400, problemOf({ error: { code: "invalid_value", message, field, fields: [{ field, message }] } }, null));
}

/** Return a whole number, null for an empty text: there is none. Errors: ApiError naming the field. */
export function whole(text: string, field: string, message: string): number | null {
  if (text === "") return null;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw refused(field, message);
  return Number(text);
}

/** Return the end of a day in UTC, null for an empty text. Errors: ApiError naming the field. */
export function endOfDay(text: string, field: string, message: string): string | null {
  if (text === "") return null;
  const moment = Date.parse(`${text}T00:00:00Z`);
  // Days that do not exist, such as February 30, either fail or become another day.
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(moment) || !new Date(moment).toISOString().startsWith(text)) throw refused(field, message);
  return new Date(moment + 24 * 3_600_000).toISOString();
}

/** Return the last day of a code that ends at a moment, as a moment of that day. */
export function lastDay(end: string): string {
  return new Date(Date.parse(end) - 1).toISOString();
}
