import { IconBookmarks } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { promptsQuery } from "@/api/chats";
import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keep.module.css";
import { Kept } from "./Kept";
import { PromptForm } from "./PromptForm";
import { usePromptActs } from "./queries";

/** The library of prompts: what a person writes once and sends again. */
export default function PromptsPage() {
  const t = useT();
  const { id } = useWorkspace();
  return (
    <Kept
      kind="prompt"
      icon={IconBookmarks}
      query={useQuery(promptsQuery(id))}
      acts={usePromptActs(id)}
      again={({ name, text }) => ({ name, text })}
      Form={PromptForm}
      body={(prompt) => (
        <>
          <p className={styles.text}>{prompt.text}</p>
          {prompt.variables.length > 0 && (
            <p className={styles.marks}>
              {t("keep.variables")}
              {prompt.variables.map((name) => (
                <code key={name}>{name}</code>
              ))}
            </p>
          )}
        </>
      )}
      extra={(prompt) => <CopyButton text={prompt.text} label={t("keep.prompt_copy", { name: prompt.name })} />}
    />
  );
}
