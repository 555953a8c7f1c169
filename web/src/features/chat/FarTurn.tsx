import { useWorkspace } from "@/ui/workspace";
import { Files } from "./Files";
import styles from "./message.module.css";
import type { Turn } from "./tree";

/** A turn far from the window: its words as they were written, so that searching in the page and screen readers find them. */
export function FarTurn({ turn }: { turn: Turn }) {
  const { id: workspace } = useWorkspace();
  const [first] = turn.parts;
  const words = <div className={`${styles.words} ${styles.plain}`}>{turn.parts.map((part) => part.content).join("")}</div>;
  return (
    <>
      {first.attachments.length > 0 && <Files workspace={workspace} files={first.attachments} />}
      {first.role === "user" ? <div className={styles.bubble}>{words}</div> : words}
      <div className={styles.acts} />
    </>
  );
}
