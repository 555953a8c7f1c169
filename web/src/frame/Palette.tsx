import { Spotlight, type SpotlightActionGroupData, createSpotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { type Icon, IconArrowsExchange, IconCpu, IconKey, IconKeyboard, IconLogout, IconMoon, IconPlus, IconSearch, IconSettings, IconSun } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { api, ask } from "@/api/client";
import { modelsQuery, type Workspace } from "@/api/queries";
import { may } from "@/lib/rights";
import { type Key, useWords } from "@/locales";
import { usePreferences } from "@/ui/preferences";
import styles from "./Palette.module.css";
import { pagesOf } from "./pages";
import { signOut } from "./signOut";

interface PaletteProps {
  workspace: Workspace | undefined;
  workspaces: readonly Workspace[];
  onClose: () => void;
  onShortcuts: () => void;
}

const [store, spotlight] = createSpotlight();
const icon = (Picture: Icon) => <Picture size={18} stroke={1.5} aria-hidden />;

/** Pages, workspaces, acts, models and keys by a few letters. */
export default function Palette({ workspace, workspaces, onClose, onShortcuts }: PaletteProps) {
  const { t } = useWords();
  const say = t as (key: Key) => string;
  const navigate = useNavigate();
  const { setTheme } = usePreferences();
  const [text, setText] = useState("");
  const ws = workspace?.id ?? "";
  const models = useQuery({ ...modelsQuery(ws), enabled: ws !== "" }).data ?? [];
  const keys =
    useQuery({
      queryKey: [ws, "keys", "palette", text],
      queryFn: ({ signal }) =>
        ask(api.GET("/api/workspaces/{workspace}/keys", { params: { path: { workspace: ws }, query: { search: text, limit: 6 } }, signal })),
      enabled: workspace !== undefined && text.length > 1 && may(workspace, "own_keys", "all_keys"),
      placeholderData: keepPreviousData,
    }).data?.items ?? [];
  useEffect(() => {
    spotlight.open();
  }, []);

  const groups: SpotlightActionGroupData[] = [
    {
      group: t("palette.pages"),
      actions: [
        ...(workspace === undefined ? [] : pagesOf(workspace)).map((page) => ({
          id: page.to,
          label: say(page.label),
          leftSection: icon(page.icon),
          onClick: () => void navigate({ to: page.to, params: { ws } }),
        })),
        {
          id: "settings",
          label: t("nav.settings"),
          leftSection: icon(IconSettings),
          onClick: () => void navigate({ to: "/settings/$section", params: { section: "profile" } }),
        },
      ],
    },
    {
      group: t("palette.acts"),
      actions: [
        ...(workspace !== undefined && may(workspace, "own_keys", "all_keys")
          ? [
              {
                id: "create-key",
                label: t("palette.create_key"),
                leftSection: icon(IconPlus),
                onClick: () => void navigate({ to: "/w/$ws/keys", params: { ws }, search: { create: "1" } as never }),
              },
            ]
          : []),
        { id: "light", label: t("palette.light"), leftSection: icon(IconSun), onClick: () => { setTheme("light"); } },
        { id: "dark", label: t("palette.dark"), leftSection: icon(IconMoon), onClick: () => { setTheme("dark"); } },
        { id: "shortcuts", label: t("shortcut.title"), leftSection: icon(IconKeyboard), onClick: onShortcuts },
        { id: "sign-out", label: t("account.sign_out"), leftSection: icon(IconLogout), onClick: signOut },
      ],
    },
    {
      group: t("palette.workspaces"),
      actions: workspaces
        .filter((one) => one.id !== ws)
        .map((one) => ({
          id: one.id,
          label: one.name,
          leftSection: icon(IconArrowsExchange),
          onClick: () => void navigate({ to: "/w/$ws", params: { ws: one.id } }),
        })),
    },
    {
      group: t("palette.keys"),
      actions: keys.map((key) => ({
        id: key.id,
        label: key.name,
        description: key.label,
        leftSection: icon(IconKey),
        onClick: () => void navigate({ to: "/w/$ws/keys/$key", params: { ws, key: key.id } }),
      })),
    },
    {
      group: t("palette.models"),
      actions: text === "" ? [] : models.map((model) => ({
        id: `model ${model.id}`,
        label: model.name,
        description: model.id,
        keywords: [model.id, ...model.aliases],
        leftSection: icon(IconCpu),
        onClick: () => void navigate({ to: "/w/$ws/models", params: { ws }, search: { q: model.id } as never }),
      })),
    },
  ].filter((group) => group.actions.length > 0);

  return (
    <Spotlight
      store={store}
      actions={groups}
      query={text}
      onQueryChange={setText}
      onSpotlightClose={onClose}
      shortcut={null}
      limit={24}
      scrollable
      maxHeight="min(60vh, 30rem)"
      nothingFound={t("palette.nothing")}
      overlayProps={{ backgroundOpacity: 1, color: "var(--scrim)" }}
      attributes={{ content: { "aria-label": t("frame.search") } }}
      classNames={{ actionsGroup: styles.group, action: styles.action, content: styles.content }}
      centered={false}
      yOffset="12vh"
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.5} aria-hidden />,
        placeholder: t("palette.placeholder"),
        "aria-label": t("palette.placeholder"),
      }}
    />
  );
}
