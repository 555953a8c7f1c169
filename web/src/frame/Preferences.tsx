import { useMantineColorScheme } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { api, ask } from "@/api/client";
import { accountQuery } from "@/api/queries";
import { viewing } from "@/api/viewing";
import type { Language } from "@/lib/message";
import { load, Locale } from "@/locales";
import type { Catalogue } from "@/locales/catalogue";
import { currentLanguage, currentTheme, remember, type Theme } from "@/theme/preferences";
import { type Preferences as Kept, PreferencesContext } from "@/ui/preferences";
import { addUnsaved, type Choice, saved, unsaved } from "./unsaved";

/** Language and theme: first what the cookie said, then what the account says, then what is chosen here. */
export function Preferences({ catalogue, children }: { catalogue: Catalogue; children: ReactNode }) {
  const client = useQueryClient();
  const { setColorScheme } = useMantineColorScheme();
  const account = useQuery(accountQuery).data;
  const [words, setWords] = useState<{ language: Language; catalogue: Catalogue }>({ language: currentLanguage(), catalogue });
  const [theme, setTheme] = useState<Theme>(currentTheme);

  const show = useMemo(
    () => ({
      theme: (value: Theme) => {
        setTheme(value);
        setColorScheme(value === "system" ? "auto" : value);
        remember("theme", value);
      },
      language: async (language: Language) => {
        const loaded = await load(language);
        remember("language", language);
        setWords({ language, catalogue: loaded });
      },
    }),
    [setColorScheme],
  );

  // One after the other: arrow keys pass through choices faster than the server answers, and the last one holds.
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  const save = useMemo(() => {
    const send = async () => {
      const choice = unsaved();
      if (Object.keys(choice).length === 0) return;
      await ask(api.PATCH("/api/account", { body: choice, keepalive: true }));
      saved(choice);
    };
    return () => {
      // The cookie holds it in any case; the account follows when it can.
      turn.current = turn.current.then(send).catch(() => undefined);
    };
  }, []);

  // Signed in on a new browser: the account knows better than its cookie, unless it was not told yet.
  // In a viewing the account is somebody else's.
  const [keptTheme, keptLanguage] = viewing === null ? [account?.theme, account?.language] : [];
  useEffect(() => {
    const newer = unsaved();
    if (keptTheme && newer.theme === undefined && keptTheme !== currentTheme()) show.theme(keptTheme);
    if (keptLanguage && newer.language === undefined && keptLanguage !== currentLanguage()) void show.language(keptLanguage);
    if (keptTheme) save();
  }, [keptTheme, keptLanguage, show, save]);

  const preferences = useMemo<Kept>(() => {
    const keep = (choice: Choice) => {
      client.setQueryData(accountQuery.queryKey, (before) => (before ? { ...before, ...choice } : before));
      addUnsaved(choice);
      save();
    };
    return {
      theme,
      setTheme: (value) => {
        show.theme(value);
        keep({ theme: value });
      },
      setLanguage: (value) => {
        void show.language(value);
        keep({ language: value });
      },
    };
  }, [client, save, show, theme]);

  return (
    <PreferencesContext value={preferences}>
      <Locale language={words.language} catalogue={words.catalogue}>
        {children}
      </Locale>
    </PreferencesContext>
  );
}
