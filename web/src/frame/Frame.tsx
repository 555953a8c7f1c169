import { ActionIcon } from "@mantine/core";
import { IconMenu2, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useMatches, useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";

import { chatSettingsQuery } from "@/api/chats";
import { accountQuery, installationQuery, type Workspace, workspacesQuery } from "@/api/queries";
import { viewing } from "@/api/viewing";
import { may } from "@/lib/rights";
import { type Key, useT } from "@/locales";
import { Money } from "@/ui/Money";
import { onPaletteAsked } from "@/ui/palette";
import { Waiting } from "@/ui/Result";
import { RailDrawer } from "@/ui/RailDrawer";
import { RowsSkeleton } from "@/ui/skeletons";
import { StepUpDialog } from "@/ui/StepUpDialog";
import { WorkspaceContext } from "@/ui/workspace";
import { AccountMenu } from "./AccountMenu";
import { ViewingBanner } from "./ViewingBanner";
import { Banners } from "./Banners";
import styles from "./frame.module.css";
import { lastWorkspace, rememberWorkspace } from "./lastWorkspace";
import { Rail } from "./Rail";
import { ShortcutList } from "./ShortcutList";
import { setShortcuts, useShortcuts } from "@/ui/shortcuts";

const Palette = lazy(() => import("./Palette"));

/** What stands around every page: rail, top bar, banners, dialogs. */
export function Frame() {
  const t = useT();
  const navigate = useNavigate();
  const account = useQuery(accountQuery).data;
  const known = useQuery(workspacesQuery);
  const workspaces = known.data ?? NONE;
  // Banners stand above a page: it waits for them, so that nothing moves.
  const ready = useQuery(installationQuery).isFetched && known.isFetched;
  const workspace = useCurrent(workspaces);
  const [drawer, setDrawer] = useState(false);
  const [rail, setRail] = useState(true);
  const [palette, setPalette] = useState(false);
  const [list, setList] = useState(false);
  const title = useTitle();
  const main = useFocusOnNewPage();
  useShortcutsOfAccount();

  useShortcuts(
    useMemo(
      () => ({
        k: () => {
          setPalette(true);
        },
        "/": () => {
          setList((before) => !before);
        },
        ".": () => void navigate({ to: "/settings/$section", params: { section: "profile" } }),
        "shift+s": () => {
          setRail((before) => !before);
        },
      }),
      [navigate],
    ),
  );
  useEffect(
    () =>
      onPaletteAsked(() => {
        setPalette(true);
      }),
    [],
  );
  const search = () => {
    setDrawer(false);
    setPalette(true);
  };
  return (
    <WorkspaceContext value={workspace ?? null}>
      <div className={styles.frame} data-rail={rail ? "open" : "closed"}>
        <a className={styles.skip} href="#content">
          {t("frame.skip")}
        </a>
        <div className={styles.rail}>
          <Rail workspace={workspace} workspaces={workspaces} onSearch={search} />
        </div>
        <div className={styles.body}>
          <header className={styles.top}>
            <ActionIcon
              className={styles.menu}
              aria-label={t("frame.menu")}
              aria-expanded={drawer}
              onClick={() => {
                setDrawer(true);
              }}
            >
              <IconMenu2 size={20} stroke={1.5} />
            </ActionIcon>
            <div className={styles.where}>
              {workspace && (
                <>
                  <span className={styles.crumb}>{workspace.name}</span>
                  <span className={styles.crumb} aria-hidden>
                    /
                  </span>
                </>
              )}
              <b>{title === undefined ? "" : (t as (key: Key) => string)(title)}</b>
            </div>
            {workspace && <Balance workspace={workspace} />}
            <ActionIcon className={styles.menu} aria-label={t("frame.search")} onClick={search}>
              <IconSearch size={20} stroke={1.5} />
            </ActionIcon>
            {viewing === null && (
              <AccountMenu
                account={account}
                onSettings={() => void navigate({ to: "/settings/$section", params: { section: "profile" } })}
                onShortcuts={() => {
                  setList(true);
                }}
              />
            )}
          </header>
          {viewing !== null && <ViewingBanner viewing={viewing} />}
          <Banners workspace={workspace} />
          <main id="content" ref={main} className={styles.main} tabIndex={-1}>
            {ready ? <Outlet /> : <Waiting skeleton={<RowsSkeleton />} />}
          </main>
        </div>
      </div>
      <RailDrawer
        opened={drawer}
        onClose={() => {
          setDrawer(false);
        }}
      >
        <Rail
          workspace={workspace}
          workspaces={workspaces}
          onSearch={search}
          onDone={() => {
            setDrawer(false);
          }}
        />
      </RailDrawer>
      <Suspense>
        {palette && (
          <Palette
            workspace={workspace}
            workspaces={workspaces}
            onClose={() => {
              setPalette(false);
            }}
            onShortcuts={() => {
              setList(true);
            }}
          />
        )}
      </Suspense>
      <ShortcutList
        chat={workspace !== undefined && may(workspace, "chat")}
        opened={list}
        onClose={() => {
          setList(false);
        }}
      />
      <StepUpDialog />
    </WorkspaceContext>
  );
}

const NONE: readonly Workspace[] = [];

function Balance({ workspace }: { workspace: Workspace }) {
  const t = useT();
  const content = (
    <>
      <small>{t("frame.available")}</small>
      <b>
        <Money value={workspace.balance} form="short" inert unit />
      </b>
    </>
  );
  return may(workspace, "ledger") ? (
    <Link className={styles.balance} to="/w/$ws/ledger" params={{ ws: workspace.id }}>
      {content}
    </Link>
  ) : (
    <span className={styles.balance}>{content}</span>
  );
}

/** Shortcuts are on or off as the account has it, in every browser. */
function useShortcutsOfAccount(): void {
  const on = useQuery({ ...chatSettingsQuery, enabled: viewing === null }).data?.shortcuts;
  useEffect(() => {
    if (on !== undefined) setShortcuts(on);
  }, [on]);
}

/** The workspace of the address, else the last one that was used. */
function useCurrent(workspaces: readonly Workspace[]): Workspace | undefined {
  const { ws } = useParams({ strict: false });
  const current = ws === undefined ? lastWorkspace(workspaces) : workspaces.find((one) => one.id === ws);
  const id = ws === undefined ? undefined : current?.id;
  useEffect(() => {
    if (id !== undefined) rememberWorkspace(id);
  }, [id]);
  return current;
}

function useTitle(): Key | undefined {
  return useMatches({ select: (matches) => matches.findLast((match) => match.staticData.title !== undefined)?.staticData.title });
}

/** After a change of page the reader of the screen begins at its content, as after a full load; whoever writes goes on writing. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null);
  const path = useMatches({ select: (matches) => matches.at(-1)?.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path && !document.activeElement?.closest("[role=dialog], [data-keeps-focus]")) main.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  return main;
}
