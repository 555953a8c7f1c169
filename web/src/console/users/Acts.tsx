import { Checkbox, NativeSelect } from "@mantine/core";
import { useState } from "react";

import { type Key, useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import { FreezeDialog, UnfreezeDialog } from "./FreezeDialogs";
import { type Detail, type Role, ROLES, useActs } from "./queries";

export type ActName = "freeze" | "unfreeze" | "sign_out" | "reset_factor" | "disable" | "enable" | "role";

interface ActsProps {
  user: Detail;
  acting: ActName | null;
  onClose: () => void;
}

/** The dialogs of everything that can be done about a person; one is open at a time. */
export function Acts({ user, acting, onClose }: ActsProps) {
  const t = useT();
  const say = t as (key: Key, values?: object) => string;
  const acts = useActs(user.id);
  const name = user.email;
  const dialog = (act: ActName) => ({
    opened: acting === act,
    onClose,
    title: say(`console_people.${act}_title` as Key, { name }),
    verb: say(`console_people.${act}` as Key),
    done: say(`console_people.${act}_done` as Key, { name }),
  });
  return (
    <>
      <FreezeDialog name={name} text={t("console_people.freeze_text")} opened={acting === "freeze"} onClose={onClose} freeze={acts.freeze} />
      <UnfreezeDialog name={name} opened={acting === "unfreeze"} onClose={onClose} unfreeze={acts.unfreeze} />
      <ActDialog {...dialog("sign_out")} danger onConfirm={(values) => acts.signOut(values.reason ?? "")}>
        {t("console_people.sign_out_text")}
      </ActDialog>
      <ActDialog {...dialog("disable")} danger onConfirm={(values) => acts.disable(values.reason ?? "")}>
        {t("console_people.disable_text")}
      </ActDialog>
      <ActDialog {...dialog("enable")} onConfirm={(values) => acts.enable(values.reason ?? "")}>
        {t("console_people.enable_text")}
      </ActDialog>
      {acting === "reset_factor" && <ResetDialog user={user} dialog={dialog("reset_factor")} />}
      {acting === "role" && <RoleDialog user={user} dialog={dialog("role")} />}
    </>
  );
}

interface OneProps {
  user: Detail;
  dialog: { opened: boolean; onClose: () => void; title: string; verb: string; done: string };
}

function ResetDialog({ user, dialog }: OneProps) {
  const t = useT();
  const acts = useActs(user.id);
  const only = !user.ways_in.authenticator;
  const [passkeys, setPasskeys] = useState(only);
  return (
    <ActDialog {...dialog} danger onConfirm={(values) => acts.resetFactor({ reason: values.reason ?? "", passkeys })}>
      <p>{t("console_people.reset_factor_text")}</p>
      {user.ways_in.passkeys > 0 && (
        <Checkbox
          label={t("console_people.reset_passkeys", { count: user.ways_in.passkeys })}
          checked={passkeys}
          onChange={(event) => {
            setPasskeys(event.currentTarget.checked);
          }}
        />
      )}
    </ActDialog>
  );
}

function RoleDialog({ user, dialog }: OneProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  const acts = useActs(user.id);
  const [role, setRole] = useState<Role | "">(user.staff_role ?? "support");
  return (
    <ActDialog {...dialog} danger={role === ""} onConfirm={(values) => acts.changeRole({ role: role === "" ? null : role, reason: values.reason ?? "" })}>
      <p>{t("console_people.role_text")}</p>
      <NativeSelect
        label={t("console_people.role_label")}
        value={role}
        data={[
          ...ROLES.map((one) => ({ value: one as string, label: `${say(`console.role.${one}` as Key)}: ${say(`console_people.may_${one}` as Key)}` })),
          ...(user.staff_role ? [{ value: "", label: t("console_people.no_role") }] : []),
        ]}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          setRole(ROLES.find((one) => one === chosen) ?? "");
        }}
      />
    </ActDialog>
  );
}
