/** A typed moment in UTC as the API takes it: "2030-01-31 18:00" or "2030-01-31"; null for nothing. What is neither goes as it is, and is refused. */
export function endOf(text: string): string | null {
  if (text === "") return null;
  const found = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?$/.exec(text);
  return found ? `${found[1] ?? ""}T${found[2] ?? "00:00"}:00Z` : text;
}

interface Timed {
  active: boolean;
  current: boolean;
  starts_at: string;
}

/** shown now, later, or over. */
export function stateOf(line: Timed, now: number): "shown" | "later" | "over" {
  if (line.current) return "shown";
  return line.active && Date.parse(line.starts_at) > now ? "later" : "over";
}
