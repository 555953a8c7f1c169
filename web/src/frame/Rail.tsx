import { IconSearch, IconSettings } from "@tabler/icons-react";
import { VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { supportQuery, type Workspace } from "@/api/queries";
import { viewing } from "@/api/viewing";
import { useT } from "@/locales";
import styles from "./frame.module.css";
import { pagesOf } from "./pages";
import { modifier } from "@/ui/shortcuts";
import { WorkspaceSwitcher } from "./WorkspaceSwitcher";

interface RailProps {
  workspace: Workspace | undefined;
  workspaces: readonly Workspace[];
  onSearch: () => void;
  /** After something was chosen: a drawer closes. */
  onDone?: () => void;
}

/** The left rail; on phones the content of a drawer. */
export function Rail({ workspace, workspaces, onSearch, onDone }: RailProps) {
  const t = useT();
  return (
    <nav className={styles.inner} aria-label={t("frame.pages")}>
      <a className={styles.brand} href="/">
        <img src="/static/mark.svg" width={22} height={22} alt="" />
        Omna
      </a>
      <WorkspaceSwitcher workspace={workspace} workspaces={workspaces} onDone={onDone} />
      {workspace && (
        <ul className={styles.list}>
            {pagesOf(workspace).map(({ to, label, icon: Picture }) => (
              <li key={to}>
                <Link
                  to={to}
                  params={{ ws: workspace.id }}
                  className={styles.link}
                  activeOptions={{ exact: to === "/w/$ws", includeSearch: false }}
                  onClick={onDone}
                >
                  <Picture size={18} stroke={1.5} aria-hidden />
                  {(t as (key: typeof label) => string)(label)}
                  {to === "/w/$ws/support" && <Unread workspace={workspace.id} />}
                </Link>
              </li>
            ))}
        </ul>
      )}
      <div className={styles.foot}>
        <button type="button" className={`${styles.link} ${styles.find}`} onClick={onSearch}>
          <IconSearch size={18} stroke={1.5} aria-hidden />
          {t("frame.search")}
          <kbd className={styles.kbd}>{modifier} K</kbd>
        </button>
        {viewing === null && (
          <Link
            to="/settings/$section"
            params={{ section: "profile" }}
            className={styles.link}
            activeOptions={{ includeSearch: false }}
            onClick={onDone}
          >
            <IconSettings size={18} stroke={1.5} aria-hidden />
            {t("nav.settings")}
          </Link>
        )}
      </div>
    </nav>
  );
}

/** A dot, when support has said something new. */
function Unread({ workspace }: { workspace: string }) {
  const t = useT();
  const unread = useQuery(supportQuery(workspace)).data?.unread ?? 0;
  if (unread === 0) return null;
  return (
    <>
      <span className={styles.unread} aria-hidden />
      <VisuallyHidden>{t("frame.unread", { count: unread })}</VisuallyHidden>
    </>
  );
}
