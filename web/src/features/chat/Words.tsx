import { useRef } from "react";

import { Markdown } from "./markdown/Markdown";
import styles from "./message.module.css";
import { useNear } from "./useNear";

/** What was written, drawn when it comes near the window; before that plain, so that searching in the page finds it. */
export function Words({ text, streaming, near }: { text: string; streaming: boolean; near: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const shown = useNear(place, near || streaming);
  return (
    <div ref={place} className={styles.words}>
      {shown ? <Markdown text={text} streaming={streaming} /> : <div className={styles.plain}>{text}</div>}
    </div>
  );
}
