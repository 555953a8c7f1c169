import { Checkbox } from "@mantine/core";
import { useState } from "react";

import { typed } from "@/lib/money";
import { useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import { FreezeDialog, UnfreezeDialog } from "../users/FreezeDialogs";
import { type Detail, type Key, useActs } from "./queries";

export type Acting = { act: "freeze" | "unfreeze" | "limits" } | { act: "revoke"; key: Key } | null;

interface ActsProps {
  workspace: Detail;
  acting: Acting;
  onClose: () => void;
}

/** The dialogs of everything that can be done about a workspace; one is open at a time. */
export function Acts({ workspace, acting, onClose }: ActsProps) {
  const t = useT();
  const acts = useActs(workspace.id);
  const { name, limits } = workspace;
  return (
    <>
      <FreezeDialog name={name} text={t("console_people.freeze_workspace_text")} opened={acting?.act === "freeze"} onClose={onClose} freeze={acts.freeze} />
      <UnfreezeDialog name={name} opened={acting?.act === "unfreeze"} onClose={onClose} unfreeze={acts.unfreeze} />
      <ActDialog
        opened={acting?.act === "limits"}
        onClose={onClose}
        title={t("console_people.limits_title", { name })}
        verb={t("console_people.limits_verb")}
        fields={[
          {
            name: "daily_limit",
            label: t("console_people.daily_limit"),
            description: t("console_people.limit_hint"),
            amount: true,
            optional: true,
            initial: limits.daily_limit ?? "",
          },
          {
            name: "max_running",
            label: t("console_people.max_running"),
            description: t("console_people.limit_hint"),
            amount: true,
            optional: true,
            initial: limits.max_running === null ? "" : String(limits.max_running),
          },
        ]}
        onConfirm={(values) =>
          acts.limit({
            daily_limit: values.daily_limit ? (typed(values.daily_limit) ?? values.daily_limit) : null,
            max_running: values.max_running ? Number(values.max_running) : null,
            reason: values.reason ?? "",
          })
        }
        done={t("console_people.limits_done", { name })}
      >
        {t("console_people.limits_text")}
      </ActDialog>
      {acting?.act === "revoke" && <RevokeDialog workspace={workspace} of={acting.key} onClose={onClose} />}
    </>
  );
}

function RevokeDialog({ workspace, of, onClose }: { workspace: Detail; of: Key; onClose: () => void }) {
  const t = useT();
  const acts = useActs(workspace.id);
  const [leaked, setLeaked] = useState(false);
  return (
    <ActDialog
      opened
      onClose={onClose}
      title={t("console_people.revoke_title", { name: of.name })}
      verb={t("console_people.revoke")}
      danger
      onConfirm={(values) => acts.revoke(of.id, { reason: values.reason ?? "", leaked })}
      done={t("console_people.revoke_done", { name: of.name })}
    >
      <p>{t("console_people.revoke_text")}</p>
      <Checkbox
        label={t("console_people.leaked")}
        checked={leaked}
        onChange={(event) => {
          setLeaked(event.currentTarget.checked);
        }}
      />
    </ActDialog>
  );
}
