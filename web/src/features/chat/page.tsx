import { useParams } from "@tanstack/react-router";

import { useT } from "@/locales";
import { PageHeader } from "@/ui/PageHeader";
import { useWorkspace } from "@/ui/workspace";
import { Composer } from "./composer/Composer";
import styles from "./chat.module.css";
import { Shelf } from "./shelf/Shelf";

/** The chat: what there is, what was said, and the next word. */
export default function ChatPage() {
  const t = useT();
  const { chat } = useParams({ strict: false });
  const workspace = useWorkspace();
  return (
    <div className={styles.page} data-page="wide">
      <Shelf workspace={workspace.id} chat={chat ?? null} onNew={() => undefined} />
      <section className={styles.room} aria-label={t("chat.thread")}>
        <PageHeader title={t("chat.new")} />
        <div className={styles.foot}>
          <Composer
            workspace={workspace.id}
            chat={chat ?? null}
            draftKey={`${workspace.id}/${chat ?? "new"}`}
            parent={null}
            models={[]}
            setup={{ model: null, system_prompt: "", parameters: {} }}
            onSetup={() => undefined}
            running={false}
            onSend={() => Promise.resolve()}
            onStop={() => undefined}
            onEditLast={() => undefined}
          />
        </div>
      </section>
    </div>
  );
}
