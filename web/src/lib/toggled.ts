/** PURE  Return the list with a thing at its front, or without it. */
export function toggled(list: readonly string[], id: string): string[] {
  return list.includes(id) ? list.filter((one) => one !== id) : [id, ...list];
}
