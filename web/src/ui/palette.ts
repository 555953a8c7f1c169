/* The one dialog that searches and commands stands in the frame; whatever stands in a page asks for it here. */

const listeners = new Set<() => void>();

export function openPalette(): void {
  for (const listener of listeners) listener();
}

export function onPaletteAsked(open: () => void): () => void {
  listeners.add(open);
  return () => listeners.delete(open);
}
