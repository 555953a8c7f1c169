import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { type Key, useT } from "@/locales";
import { AnchorLink, Link } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keep.module.css";

const PAGES = [
  ["/w/$ws/chat/prompts", "keep.prompts"],
  ["/w/$ws/chat/presets", "keep.presets"],
  ["/w/$ws/chat/links", "keep.links"],
  ["/w/$ws/chat/data", "keep.data"],
] as const satisfies readonly [string, Key][];

interface PageProps {
  title: string;
  lead: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** What a person keeps beside the chats: one page each, and the way between them. */
export function Page({ title, lead, actions, children }: PageProps) {
  const t = useT();
  const { id } = useWorkspace();
  return (
    <div className={styles.page}>
      <p className={styles.back}>
        <AnchorLink to="/w/$ws/chat" params={{ ws: id }}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden />
          {t("keep.back")}
        </AnchorLink>
      </p>
      <PageHeader title={title} lead={lead} actions={actions} />
      <nav aria-label={t("keep.title")}>
        <ul className={styles.tabs}>
          {PAGES.map(([to, label]) => (
            <li key={to}>
              <Link to={to} params={{ ws: id }} className={styles.tab} activeOptions={{ exact: true, includeSearch: false }}>
                {t(label)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </div>
  );
}
