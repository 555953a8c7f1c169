import { ActionIcon, Menu } from "@mantine/core";
import { type Icon, IconCheck, IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSettings, IconShieldLock, IconSun, IconUserCircle } from "@tabler/icons-react";

import type { Schemas } from "@/api/client";
import type { Language } from "@/lib/message";
import { type Key, useWords } from "@/locales";
import type { Theme } from "@/theme/preferences";
import styles from "./frame.module.css";
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

interface AccountMenuProps {
  account: Pick<Schemas["Profile"], "name" | "email" | "staff_role"> | undefined;
  onSettings: () => void;
  onShortcuts?: () => void;
  /** In the console: leaves it. */
  onCloseConsole?: () => void;
}

export function AccountMenu({ account, onSettings, onShortcuts, onCloseConsole }: AccountMenuProps) {
  const { t, language } = useWords();
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
          <div role="none" className={styles.person}>
            <b>{account.name}</b>
            <span>{account.email}</span>
          </div>
        )}
        <Menu.Item
          leftSection={<IconSettings size={16} stroke={1.5} aria-hidden />}
          onClick={onSettings}
        >
          {t("nav.settings")}
        </Menu.Item>
        {onShortcuts && (
          <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.5} aria-hidden />} onClick={onShortcuts}>
            {t("shortcut.title")}
          </Menu.Item>
        )}
        {onCloseConsole && (
          <Menu.Item leftSection={<IconShieldLock size={16} stroke={1.5} aria-hidden />} onClick={onCloseConsole}>
            {t("console.close")}
          </Menu.Item>
        )}
        {!onCloseConsole && account?.staff_role && (
          <Menu.Item component="a" href="/console" leftSection={<IconShieldLock size={16} stroke={1.5} aria-hidden />}>
            {t("console.name")}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{t("theme.title")}</Menu.Label>
        <Menu.RadioGroup
          value={theme}
          onChange={(value) => {
            setTheme(value as Theme);
          }}
        >
          {THEMES.map(([value, label, Picture]) => (
            <Menu.RadioItem key={value} value={value} checkIcon={chosen} rightSection={<Picture size={16} stroke={1.5} aria-hidden />}>
              {(t as (key: Key) => string)(label)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t("language.title")}</Menu.Label>
        <Menu.RadioGroup
          value={language}
          onChange={(value) => {
            setLanguage(value as Language);
          }}
        >
          {LANGUAGES.map(([value, name, tag]) => (
            <Menu.RadioItem key={value} value={value} lang={tag} checkIcon={chosen}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.5} aria-hidden />} onClick={signOut}>
          {t("account.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
