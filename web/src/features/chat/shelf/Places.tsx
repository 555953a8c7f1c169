import { IconArchive, IconBookmarks, IconUsers } from "@tabler/icons-react";

import { useT } from "@/locales";
import { Link } from "@/ui/links";
import { useWorkspace } from "@/ui/workspace";
import type { View } from "./model";
import styles from "./shelf.module.css";

interface PlacesProps {
  workspace: string;
  view: View;
  onView: (view: View) => void;
  onDone: () => void;
}

/** The other lists, and the pages around the chat. */
export function Places({ workspace, view, onView, onDone }: PlacesProps) {
  const t = useT();
  const team = useWorkspace().kind === "team";
  const lists = [
    { kind: "archived", label: t("shelf.archive_list"), Picture: IconArchive },
    ...(team ? [{ kind: "shared", label: t("shelf.shared_list"), Picture: IconUsers } as const] : []),
  ] as const;
  return (
    <ul className={styles.places}>
      {lists.map(({ kind, label, Picture }) => (
        <li key={kind}>
          <button
            type="button"
            className={styles.place}
            aria-pressed={view.kind === kind}
            onClick={() => {
              onView(view.kind === kind ? { kind: "all" } : { kind });
            }}
          >
            <Picture size={16} stroke={1.5} aria-hidden />
            {label}
          </button>
        </li>
      ))}
      <li>
        <Link to="/w/$ws/chat/prompts" params={{ ws: workspace }} className={styles.place} onClick={onDone}>
          <IconBookmarks size={16} stroke={1.5} aria-hidden />
          {t("keep.title")}
        </Link>
      </li>
    </ul>
  );
}
