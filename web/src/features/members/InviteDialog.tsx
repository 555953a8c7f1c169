import { Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { typed } from "@/lib/money";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { type Period, SpendLimit } from "@/ui/SpendLimit";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { isLimit, MEMBER_PERIODS } from "./model";
import { type Role, useTeamActs } from "./queries";
import { RoleField } from "./RoleField";

export function InviteDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("team.invite_title")}>
      <Form onClose={onClose} />
    </Dialog>
  );
}

const ADDRESS = /^\S+@\S+\.\S+$/;

function Form({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { invite } = useTeamActs(useWorkspace().id);
  const [email, setEmail] = useState("");
  const [left, setLeft] = useState(false);
  const [role, setRole] = useState<Role>("member");
  const [amount, setAmount] = useState("");
  const [period, setPeriod] = useState<Period>("month");
  const errors = fieldErrors(invite.error);
  const wrong = !ADDRESS.test(email.trim());

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(true);
    if (wrong || !isLimit(amount)) return;
    const limit = typed(amount);
    invite.mutate(
      { email: email.trim(), role, spend_limit: limit, spend_period: limit === null ? null : (period as "day" | "week" | "month") },
      {
        onSuccess: () => {
          toast(t("team.invited", { email: email.trim() }));
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text c="var(--text-2)">{t("team.invite_text")}</Text>
        <TextInput
          type="email"
          label={t("team.email")}
          value={email}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
          }}
          onBlur={() => {
            setLeft(email !== "");
          }}
          error={left && wrong ? t("team.wrong_email") : errors.email}
          autoComplete="off"
          data-autofocus
        />
        <RoleField value={role} onChange={setRole} />
        <SpendLimit
          label={t("team.limit_optional")}
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
        <ErrorNotice error={invite.error} />
        <FormButtons act={t("team.invite_send")} busy={invite.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
