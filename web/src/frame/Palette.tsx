import { Spotlight, type SpotlightActionGroupData, type SpotlightFilterFunction, createSpotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { type Icon, IconArrowsExchange, IconCpu, IconKey, IconKeyboard, IconLogout, IconMoon, IconPlus, IconSearch, IconSettings, IconSun } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMatches, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { api, ask } from "@/api/client";
import { modelsQuery, type Workspace } from "@/api/queries";
import { matching } from "@/lib/matching";
import { may } from "@/lib/rights";
import { type Key, useWords } from "@/locales";
import { usePreferences } from "@/ui/preferences";
import styles from "./Palette.module.css";
import { pagesOf } from "./pages";
import { useFoundChats } from "./useFoundChats";
import { signOut } from "./signOut";

interface PaletteProps {
  workspace: Workspace | undefined;
  workspaces: readonly Workspace[];
  onClose: () => void;
  onShortcuts: () => void;
}

const [store, spotlight] = createSpotlight();

/** As the spotlight itself does after a letter: which entry is chosen stands in the page, not in its props. */
function chooseFirst(): void {
  const list = document.getElementById(store.getState().listId);
  list?.querySelector("[data-selected]")?.removeAttribute("data-selected");
  list?.querySelector("[data-action]")?.setAttribute("data-selected", "true");
  store.updateState((state) => ({ ...state, selected: 0 }));
}

const icon = (Picture: Icon) => <Picture size={18} stroke={1.5} aria-hidden />;

/** Pages, workspaces, acts, models, keys and chats by a few letters; in the chat, chats come first. */
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
  const inChat = useMatches({ select: (matches) => matches.some((match) => /\/chat(\/|$)/.test(match.pathname)) });
  const chats = useFoundChats(workspace, text, inChat);
  useEffect(() => {
    spotlight.open();
  }, []);

  // What is chosen is the element that was there when the letters were typed: what came since has to be chosen anew.
  const came = text === "" ? "" : chats.actions.map((action) => action.id).join();
  useEffect(() => {
    if (came !== "") chooseFirst();
  }, [came]);

  const found: SpotlightActionGroupData = { group: t("palette.chats"), actions: chats.actions };
  const groups: SpotlightActionGroupData[] = [
    ...(inChat ? [found] : []),
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
    ...(inChat ? [] : [found]),
  ].filter((group) => group.actions.length > 0);
  // Chats were found by the server, which reads their messages, too.
  const filter: SpotlightFilterFunction = (query, actions) =>
    (actions as SpotlightActionGroupData[])
      .map((group) => (group.group === found.group ? group : { ...group, actions: matching(query, group.actions) }))
      .filter((group) => group.actions.length > 0);

  return (
    <Spotlight
      store={store}
      actions={groups}
      filter={filter}
      query={text}
      onQueryChange={setText}
      onSpotlightClose={onClose}
      shortcut={null}
      limit={32}
      scrollable
      maxHeight="min(60vh, 30rem)"
      nothingFound={t(chats.searching ? "palette.searching" : "palette.nothing")}
      overlayProps={{ backgroundOpacity: 1, color: "var(--scrim)" }}
      attributes={{ content: { "aria-label": t("frame.search") } }}
      classNames={{ actionsGroup: styles.group, action: styles.action, content: styles.content }}
      centered={false}
      yOffset="12vh"
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.5} aria-hidden />,
        placeholder: t(inChat ? "palette.find_chats" : "palette.placeholder"),
        "aria-label": t(inChat ? "palette.find_chats" : "palette.placeholder"),
      }}
    />
  );
}
