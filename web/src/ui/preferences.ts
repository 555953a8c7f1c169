import { createContext, use } from "react";

import type { Language } from "@/lib/message";
import type { Theme } from "@/theme/preferences";

export interface Preferences {
  theme: Theme;
  /** Applies at once, here and on the public site, and is kept with the account. */
  setTheme: (theme: Theme) => void;
  setLanguage: (language: Language) => void;
}

export const PreferencesContext = createContext<Preferences | null>(null);

export function usePreferences(): Preferences {
  const preferences = use(PreferencesContext);
  if (preferences === null) throw new Error("no preferences above");
  return preferences;
}
