import { ActionIcon, Menu } from "@mantine/core";
import { type Icon, IconCheck, IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSettings, IconSun, IconUserCircle } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";

import type { Schemas } from "@/api/client";
import type { Language } from "@/lib/message";
import { type Key, useWords } from "@/locales";
import type { Theme } from "@/theme/preferences";
import { signOut } from "./signOut";
import { usePreferences } from "@/ui/preferences";

const THEMES: readonly [Theme, Key, Icon][] = [
  ["system", "theme.system", IconDeviceDesktop],
  ["light", "theme.light", IconSun],
  ["dark", "theme.dark", IconMoon],
];

const LANGUAGES: readonly [Language, string, string][] = [
  ["en", "English", "en"],
  ["zh", "简体中文", "zh-Hans"],
];

export function AccountMenu({ account, onShortcuts }: { account: Schemas["Profile"] | undefined; onShortcuts: () => void }) {
  const { t, language } = useWords();
  const navigate = useNavigate();
  const { theme, setTheme, setLanguage } = usePreferences();
  const chosen = <IconCheck size={16} stroke={1.5} aria-hidden />;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon aria-label={t("account.menu")}>
          <IconUserCircle size={22} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {account && (
          <Menu.Label style={{ overflowWrap: "anywhere" }}>
            {account.name}
            <br />
            {account.email}
          </Menu.Label>
        )}
        <Menu.Item
          leftSection={<IconSettings size={16} stroke={1.5} aria-hidden />}
          onClick={() => void navigate({ to: "/settings/$section", params: { section: "profile" } })}
        >
          {t("nav.settings")}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.5} aria-hidden />} onClick={onShortcuts}>
          {t("shortcut.title")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("theme.title")}</Menu.Label>
        {THEMES.map(([value, label, Picture]) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={theme === value}
            closeMenuOnClick={false}
            leftSection={<Picture size={16} stroke={1.5} aria-hidden />}
            rightSection={theme === value ? chosen : null}
            onClick={() => {
              setTheme(value);
            }}
          >
            {(t as (key: Key) => string)(label)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("language.title")}</Menu.Label>
        {LANGUAGES.map(([value, name, tag]) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={language === value}
            closeMenuOnClick={false}
            lang={tag}
            rightSection={language === value ? chosen : null}
            onClick={() => {
              setLanguage(value);
            }}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.5} aria-hidden />} onClick={() => void signOut()}>
          {t("account.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
