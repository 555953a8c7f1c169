/* `navigator.clipboard` is missing on plain http: then the old command, then at least the text is selected. */

/** Return whether the text is in the clipboard. fallback: an element with the text, selected when nothing else works. */
export async function copyText(text: string, fallback?: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return byCommand(text) || (select(fallback), false);
  }
}

function byCommand(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.style.position = "fixed";
  area.style.opacity = "0";
  // Inside an open dialog the focus is trapped: the helper has to stand in the same one.
  const place = document.activeElement?.closest("[role=dialog], dialog") ?? document.body;
  place.append(area);
  const before = document.activeElement;
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}

function select(element?: HTMLElement | null): void {
  if (!element) return;
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}
