/* What of an address may be followed, and what is shown of it. */

/** Return an address that a link may have: https or mailto; null for every other. */
export function safeAddress(address: string): string | null {
  try {
    const url = new URL(address);
    if (url.protocol === "mailto:") return url.href;
    // A name before the host is only there to mislead.
    return url.protocol === "https:" && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}

/** Return the host of an address, in letters that cannot be mistaken; null when there is none. */
export function hostOf(address: string): string | null {
  try {
    const { protocol, host } = new URL(address);
    return protocol === "https:" || protocol === "http:" ? host : null;
  } catch {
    return null;
  }
}

/** Return the host to show behind a link whose text names another one; null when the text misleads nobody. */
export function otherHost(text: string, address: string): string | null {
  const host = hostOf(address);
  if (host === null) return null;
  const named = /^\s*(?:https?:\/\/)?(?:[^\s/@]*@)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})(?=[/:?#\s]|$)/u.exec(text)?.[1];
  if (named === undefined) return null;
  const claimed = hostOf(`https://${named}`);
  const plain = (name: string) => name.replace(/^www\./, "").replace(/:\d+$/, "");
  return claimed !== null && plain(claimed) === plain(host) ? null : host;
}

/** Return a text without the characters that turn the direction of what follows: they make a text read as another. */
export function straight(text: string): string {
  return text.replace(/[\u202A-\u202E]/g, "");
}
