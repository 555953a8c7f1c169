import { Button } from "@mantine/core";
import { IconBookmarks } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Prompt, promptsQuery } from "@/api/chats";
import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { undoToast } from "@/ui/undo";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keep.module.css";
import { Page } from "./Page";
import { PromptDialog } from "./PromptDialog";
import { usePromptActs } from "./queries";
import { RowActs } from "./RowActs";

/** The library of prompts: what a person writes once and sends again. */
export default function PromptsPage() {
  const t = useT();
  const { id } = useWorkspace();
  const prompts = useQuery(promptsQuery(id));
  const { create, remove } = usePromptActs(id);
  const [edited, setEdited] = useState<Prompt | "new" | null>(null);
  const make = (
    <Button
      onClick={() => {
        setEdited("new");
      }}
    >
      {t("keep.prompt_create")}
    </Button>
  );
  const removeOne = (prompt: Prompt) => {
    remove.mutate(prompt.id, {
      onSuccess: () => {
        undoToast(t("keep.prompt_deleted", { name: prompt.name }), t("shelf.undo"), () => {
          create.mutate({ name: prompt.name, text: prompt.text });
        });
      },
    });
  };
  return (
    <Page title={t("keep.prompts")} lead={t("keep.prompts_lead")} actions={prompts.data?.length ? make : undefined}>
      <ErrorNotice error={remove.error ?? create.error} />
      <Result query={prompts} skeleton={<RowsSkeleton rows={4} />}>
        {(rows) =>
          rows.length === 0 ? (
            <div className={styles.panel}>
              <EmptyState icon={IconBookmarks} title={t("keep.no_prompts")} action={make}>
                {t("keep.no_prompts_text")}
              </EmptyState>
            </div>
          ) : (
            <ul className={styles.list} aria-label={t("keep.prompts")}>
              {rows.map((prompt) => (
                <li key={prompt.id}>
                  <div className={styles.item}>
                    <h2>{prompt.name}</h2>
                    <p className={styles.text}>{prompt.text}</p>
                    {prompt.variables.length > 0 && (
                      <p className={styles.marks}>
                        {t("keep.variables")}
                        {prompt.variables.map((name) => (
                          <code key={name}>{name}</code>
                        ))}
                      </p>
                    )}
                  </div>
                  <RowActs
                    of={prompt.name}
                    removing={remove.isPending && remove.variables === prompt.id}
                    onEdit={() => {
                      setEdited(prompt);
                    }}
                    onRemove={() => {
                      removeOne(prompt);
                    }}
                  >
                    <CopyButton text={prompt.text} label={t("keep.prompt_copy", { name: prompt.name })} />
                  </RowActs>
                </li>
              ))}
            </ul>
          )
        }
      </Result>
      <PromptDialog
        workspace={id}
        edited={edited}
        onClose={() => {
          setEdited(null);
        }}
      />
    </Page>
  );
}
