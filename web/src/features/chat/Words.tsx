import { Markdown } from "./markdown/Markdown";
import styles from "./message.module.css";

/** What was written. */
export function Words({ text, streaming }: { text: string; streaming: boolean }) {
  return (
    <div className={styles.words}>
      <Markdown text={text} streaming={streaming} />
    </div>
  );
}
