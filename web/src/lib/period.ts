/* PURE  Periods in the address: days of a zone, or moments. */

export const HOUR = 3_600_000;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Return the moment that a text of the address means, in milliseconds; null for none.
 *
 * text   a day (`2026-11-26`) is the moment it begins in the zone, `later` days on; a moment stays what it is
 */
export function momentOf(text: string, zone: string, later: number): number | null {
  if (text === "") return null;
  if (!DATE.test(text)) return Number.isNaN(Date.parse(text)) ? null : Date.parse(text);
  const midnight = Date.parse(`${text}T00:00:00Z`) + later * 24 * HOUR;
  if (Number.isNaN(midnight)) return null;
  // The offset that holds at midnight there, which another may follow within the same day.
  return midnight - offset(midnight - offset(midnight, zone), zone);
}

/** Return a moment as the address writes it, to the second. */
export function addressMoment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}

/** How far a zone is ahead of UTC at a moment, in milliseconds. */
function offset(moment: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(new Date(moment));
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - moment;
}
