import { useState } from "react";

import { useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { KeysField } from "./KeysField";
import styles from "./members.module.css";
import { type Keys, type Member, useTeamActs } from "./queries";

export function RemoveDialog({ member, onClose }: { member: Member | null; onClose: () => void }) {
  const t = useT();
  const workspace = useWorkspace();
  const { remove } = useTeamActs(workspace.id);
  const [keys, setKeys] = useState<Keys>("hand_over");
  const name = member?.name ?? "";
  return (
    <ConfirmDialog
      opened={member !== null}
      onClose={onClose}
      title={t("team.remove_title", { name })}
      verb={t("team.remove_verb")}
      danger
      onConfirm={async () => {
        if (member === null) return;
        await remove.mutateAsync({ id: member.id, keys });
        toast(t("team.removed", { name }));
      }}
    >
      <p>{t("team.remove_text", { name, workspace: workspace.name })}</p>
      {member?.keys !== 0 && (
        <div className={styles.choices}>
          <KeysField value={keys} onChange={setKeys} />
        </div>
      )}
    </ConfirmDialog>
  );
}
