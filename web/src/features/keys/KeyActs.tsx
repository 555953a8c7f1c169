import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { relative } from "@/lib/time";
import { useT, useWords } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { useNow } from "@/ui/TimeAgo";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keys.module.css";
import { type KeyRow } from "./model";
import { useKeyActs } from "./queries";

/** Stop a key for a while, for good, or at once because somebody else has it. */
export function KeyActs({ row }: { row: KeyRow }) {
  const t = useT();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const { disable, enable, revoke } = useKeyActs(workspace.id);
  const [asking, ask] = useState<"" | "leaked" | "delete">("");
  const close = () => {
    ask("");
  };
  const stopped = row.status === "disabled";
  const toggle = stopped ? enable : disable;
  return (
    <Section title={t("key.stop_title")}>
      <div className={styles.acts}>
        {row.status !== "expired" && (
          <Act
            title={stopped ? t("key.enable") : t("key.disable")}
            text={stopped ? t("key.enable_text") : t("key.disable_text")}
            button={
              <Button
                variant="default"
                loading={toggle.isPending}
                onClick={() => {
                  toggle.mutate(row.id, {
                    onSuccess: () => {
                      toast(stopped ? t("key.enabled_done") : t("key.disabled_done"));
                    },
                  });
                }}
              >
                {stopped ? t("key.enable") : t("key.disable")}
              </Button>
            }
          />
        )}
        <ErrorNotice error={toggle.error} />
        <Act
          title={t("key.leaked")}
          text={t("key.leaked_text")}
          button={
            <Button
              variant="default"
              onClick={() => {
                ask("leaked");
              }}
            >
              {t("key.leaked")}
            </Button>
          }
        />
        <Act
          title={t("key.delete")}
          text={t("key.delete_text")}
          button={
            <Button
              color="bad"
              onClick={() => {
                ask("delete");
              }}
            >
              {t("key.delete")}
            </Button>
          }
        />
      </div>
      <ConfirmDialog
        opened={asking === "leaked"}
        onClose={close}
        title={t("key.leaked_title", { name: row.name })}
        verb={t("key.leaked_verb")}
        danger
        onConfirm={async () => {
          await revoke.mutateAsync({ key: row.id, name: "", leaked: true });
          toast(t("key.leaked_done"));
        }}
      >
        <p>{t("key.leaked_what")}</p>
        <LastUse row={row} />
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === "delete"}
        onClose={close}
        title={t("key.delete_title", { name: row.name })}
        verb={t("key.delete")}
        danger
        typed={row.name}
        onConfirm={async () => {
          await revoke.mutateAsync({ key: row.id, name: row.name, leaked: false });
          toast(t("key.deleted", { name: row.name }));
          void navigate({ to: "/w/$ws/keys", params: { ws: workspace.id } });
        }}
      >
        <LastUse row={row} />
        <p>{t("key.delete_what")}</p>
      </ConfirmDialog>
    </Section>
  );
}

function Act({ title, text, button }: { title: string; text: string; button: ReactNode }) {
  return (
    <div className={styles.act}>
      <div>
        <h3>{title}</h3>
        <p>{text}</p>
      </div>
      {button}
    </div>
  );
}

/** Who would notice. */
function LastUse({ row }: { row: KeyRow }) {
  const { t, tag } = useWords();
  const now = useNow();
  return (
    <p style={{ marginBlockEnd: "var(--space-2)" }}>
      {row.last_used_at === null
        ? t("key.breaks_nothing")
        : t("key.breaks", { when: relative(row.last_used_at, now, tag), count: row.requests_24h })}
    </p>
  );
}
