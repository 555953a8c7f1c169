import { ActionIcon } from "@mantine/core";
import { IconArrowLeft, IconLayoutDashboard, IconMenu2, IconUser } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useMatches } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";

import { api, ask } from "@/api/client";
import { ApiError } from "@/api/problem";
import { AccountMenu } from "@/frame/AccountMenu";
import frame from "@/frame/frame.module.css";
import { type Key, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Waiting } from "@/ui/Result";
import { RailDrawer } from "@/ui/RailDrawer";
import { RowsSkeleton } from "@/ui/skeletons";
import { StepUpDialog } from "@/ui/StepUpDialog";
import { Bell } from "./alerts/Bell";
import styles from "./console.module.css";
import { Finder } from "./Finder";
import { ClosedPage, SecondFactorPage } from "./Gate";
import { IdleWatch } from "./IdleWatch";
import { RailLink } from "./links";
import { Missing } from "./Missing";
import { OpenDialog } from "./OpenDialog";
import { type ConsolePage, GROUPS, pagesFor } from "./pages";
import { type ConsoleSession, sessionQuery, StaffContext, useSession } from "./session";

/** What stands around every page of the console: the line on top, rail, top bar, the door. */
export function ConsoleFrame() {
  const t = useT();
  const client = useQueryClient();
  const session = useSession();
  const staff = session.data;
  const open = staff?.open === true && staff.second_factor;
  const [drawer, setDrawer] = useState(false);
  const title = useMatches({ select: (matches) => matches.findLast((match) => match.staticData.title !== undefined)?.staticData.title });
  const main = useFocusOnNewPage();

  const close = async () => {
    await ask(api.DELETE("/api/console/session"));
    location.assign("/app");
  };
  return (
    <StaffContext value={staff ?? null}>
      <div className={`${frame.frame} ${styles.console}`}>
        <a className={frame.skip} href="#content">
          {t("frame.skip")}
        </a>
        <div className={frame.rail}>
          <Rail staff={open ? staff : undefined} />
        </div>
        <div className={frame.body}>
          <header className={frame.top}>
            <ActionIcon
              className={frame.menu}
              aria-label={t("frame.menu")}
              aria-expanded={drawer}
              onClick={() => {
                setDrawer(true);
              }}
            >
              <IconMenu2 size={20} stroke={1.5} />
            </ActionIcon>
            <div className={frame.where}>
              <span className={styles.name}>{t("console.name")}</span>
              {open && title !== undefined && (
                <>
                  <span className={frame.crumb} aria-hidden>
                    /
                  </span>
                  <b className={styles.title}>{(t as (key: Key) => string)(title)}</b>
                </>
              )}
            </div>
            {open && <Finder />}
            {open && <Bell />}
            {staff && <span className={styles.role}>{(t as (key: Key) => string)(`console.role.${staff.role}` as Key)}</span>}
            <AccountMenu
              account={staff && { name: staff.name, email: staff.email, staff_role: staff.role }}
              onSettings={() => {
                location.assign("/app/settings/profile");
              }}
              onCloseConsole={() => void close()}
            />
          </header>
          {open && staff.four_eyes_off && (
            <p className={styles.banner} role="status">
              <IconUser size={16} stroke={1.5} aria-hidden />
              {t("console.four_eyes_off")}
            </p>
          )}
          <main id="content" ref={main} className={frame.main} tabIndex={-1}>
            {staff === undefined ? (
              session.isError ? (
                <Refused error={session.error} retry={() => void session.refetch()} />
              ) : (
                <Waiting skeleton={<RowsSkeleton />} retry={() => void session.refetch()} />
              )
            ) : !staff.second_factor ? (
              <SecondFactorPage />
            ) : !staff.open ? (
              <ClosedPage onOpen={(opened) => client.setQueryData(sessionQuery.queryKey, opened)} />
            ) : (
              <PageGate staff={staff} />
            )}
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
          staff={open ? staff : undefined}
          onDone={() => {
            setDrawer(false);
          }}
        />
      </RailDrawer>
      {open && <IdleWatch />}
      <OpenDialog />
      <StepUpDialog />
    </StaffContext>
  );
}

/** Somebody whose role was taken away while the page was open sees what everybody sees. */
function Refused({ error, retry }: { error: unknown; retry: () => void }) {
  return error instanceof ApiError && error.status === 404 ? <Missing /> : <ErrorNotice error={error} retry={retry} />;
}

function PageGate({ staff }: { staff: ConsoleSession }) {
  const right = useMatches({ select: (matches) => matches.at(-1)?.staticData.staff });
  return right !== undefined && !staff.rights.includes(right) ? <Missing /> : <Outlet />;
}

function Rail({ staff, onDone }: { staff: ConsoleSession | undefined; onDone?: () => void }) {
  const t = useT();
  return (
    <nav className={frame.inner} aria-label={t("console.pages")}>
      <a className={frame.brand} href="/console">
        <img src="/static/mark.svg" width={22} height={22} alt="" />
        Omna
        <span className={styles.badge}>{t("console.name")}</span>
      </a>
      {staff && (
        <ul className={frame.list}>
          <li>
            <RailLink to="/" className={frame.link} activeOptions={{ exact: true, includeSearch: false }} onClick={onDone}>
              <IconLayoutDashboard size={18} stroke={1.5} aria-hidden />
              {t("console_dashboard.title")}
            </RailLink>
          </li>
        </ul>
      )}
      {staff &&
        GROUPS.map((group) => (
          <RailGroup key={group} label={t(`console.group.${group}`)} pages={pagesFor(staff.rights).filter((page) => page.group === group)} onDone={onDone} />
        ))}
      <div className={frame.foot}>
        <a className={frame.link} href="/app">
          <IconArrowLeft size={18} stroke={1.5} aria-hidden />
          {t("console.to_app")}
        </a>
      </div>
    </nav>
  );
}

function RailGroup({ label, pages, onDone }: { label: string; pages: ConsolePage[]; onDone?: (() => void) | undefined }) {
  const t = useT();
  const id = useId();
  if (pages.length === 0) return null;
  return (
    <div>
      <p id={id} className={styles.group}>
        {label}
      </p>
      <ul className={frame.list} aria-labelledby={id}>
        {pages.map(({ path, label: name, icon: Picture }) => (
          <li key={path}>
            <RailLink to={`/${path}`} className={frame.link} activeOptions={{ includeSearch: false }} onClick={onDone}>
              <Picture size={18} stroke={1.5} aria-hidden />
              {(t as (key: Key) => string)(name)}
            </RailLink>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** After a change of page the reader of the screen begins at its content, as after a full load. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null);
  const path = useMatches({ select: (matches) => matches.at(-1)?.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path && !document.activeElement?.closest("[role=dialog]")) main.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  return main;
}
