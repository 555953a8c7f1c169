import type { MantineColorSchemeManager } from "@mantine/core";

import { type Language, languageOf, tagOf } from "@/lib/message";

/* Theme and language are cookies that the server reads, so that the first paint is already right. The server writes what
   it understood into the attributes of <html>; on a page without it (npm run dev) the defaults hold. */

export type Theme = "system" | "light" | "dark";

const root = document.documentElement;
const YEAR_SECONDS = 31_536_000;

/** The nonce of this page, for the style tags that libraries add. */
export const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

export function currentTheme(): Theme {
  const chosen = root.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function currentLanguage(): Language {
  return languageOf(root.lang);
}

export function remember(purpose: "theme" | "language", value: string): void {
  const secure = root.dataset.secure === "true";
  const name = `${secure ? "__Host-" : ""}omna_${purpose}`;
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure ? "; Secure" : ""}`;
  if (purpose === "theme") root.dataset.theme = value;
  else root.lang = tagOf(languageOf(value));
}

/** Mantine's colour scheme is our cookie. */
export const schemeManager: MantineColorSchemeManager = {
  get: () => {
    const theme = currentTheme();
    return theme === "system" ? "auto" : theme;
  },
  set: (value) => {
    remember("theme", value === "auto" ? "system" : value);
  },
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};
