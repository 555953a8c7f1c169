import { Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { parse, plain, typed } from "@/lib/money";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { type Period, SpendLimit } from "@/ui/SpendLimit";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { KeysField } from "./KeysField";
import { hasKeys, isLimit, MEMBER_PERIODS } from "./model";
import { type Keys, type Member, type Role, useTeamActs } from "./queries";
import { RoleField } from "./RoleField";

export function ChangeMemberDialog({ member, onClose }: { member: Member | null; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog opened={member !== null} onClose={onClose} title={member === null ? "" : t("team.change_title", { name: member.name })}>
      {member && <Form member={member} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ member, onClose }: { member: Member; onClose: () => void }) {
  const t = useT();
  const { change } = useTeamActs(useWorkspace().id);
  const [role, setRole] = useState<Role>(member.role);
  const [keys, setKeys] = useState<Keys>("hand_over");
  const [amount, setAmount] = useState(member.spend_limit === null ? "" : plain(parse(member.spend_limit)));
  const [period, setPeriod] = useState<Period>(member.spend_period ?? "month");
  const losesKeys = hasKeys(member.role) && !hasKeys(role) && (member.keys ?? 0) > 0;
  const errors = fieldErrors(change.error);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isLimit(amount)) return;
    const limit = typed(amount);
    change.mutate(
      {
        id: member.id,
        body: {
          role: role === member.role ? null : role,
          spend_limit: limit,
          spend_period: limit === null ? null : (period as "day" | "week" | "month"),
          no_spend_limit: limit === null && member.spend_limit !== null,
          keys: losesKeys ? keys : null,
        },
      },
      {
        onSuccess: () => {
          toast(t("team.changed", { name: member.name }));
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <RoleField value={role} onChange={setRole} />
        {losesKeys && <KeysField value={keys} onChange={setKeys} />}
        <SpendLimit
          label={t("team.limit")}
          hint={t("team.limit_hint")}
          amount={amount}
          period={period}
          periods={MEMBER_PERIODS}
          onChange={(nextAmount, nextPeriod) => {
            setAmount(nextAmount);
            setPeriod(nextPeriod);
          }}
          error={isLimit(amount) ? errors.spend_limit : t("limit.wrong")}
        />
        <ErrorNotice error={change.error} />
        <FormButtons act={t("key.save")} busy={change.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
