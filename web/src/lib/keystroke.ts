/* PURE  What a key is called: "k", "/", "shift+o", "shift+;". */

export interface Stroke {
  key: string;
  code: string;
  keyCode: number;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
}

/** Keys that say something else with Shift, and letters on a keyboard without Latin ones. */
const PLACES: Readonly<Record<string, string>> = { Semicolon: ";", Slash: "/", Period: ".", Comma: "," };

/** While an input method composes, a key belongs to it; some browsers only say so by the old number. */
export function composing(event: Pick<Stroke, "isComposing" | "keyCode">): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Return the names a stroke goes by, of which any may be a shortcut's; none without Ctrl or ⌘. */
export function namesOf(event: Stroke): string[] {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || composing(event)) return [];
  const shift = event.shiftKey ? "shift+" : "";
  const names = [shift + event.key.toLowerCase()];
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase();
  const place = PLACES[event.code] ?? (/^[\x20-\x7e]$/.test(event.key) ? undefined : letter);
  if (place !== undefined && shift + place !== names[0]) names.push(shift + place);
  return names;
}
