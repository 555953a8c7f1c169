import { typed } from "@/lib/money";
import { useT } from "@/locales";
import { ActDialog, type Values } from "../ActDialog";
import { endOfDay, whole } from "./model";
import { usePromoActs } from "./queries";

export function CreateDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useT();
  const { create } = usePromoActs();
  const send = async (values: Values) => {
    const text = (name: string) => values[name] ?? "";
    return create({
      code: text("code") === "" ? null : text("code"),
      // What is no amount is refused by /api, beside its field.
      credits: typed(text("credits")) ?? text("credits"),
      most: whole(text("most"), "most", t("console_promos.wrong_number")),
      valid_days: whole(text("valid_days"), "valid_days", t("console_promos.wrong_number")),
      expires_at: endOfDay(text("expires_at"), "expires_at", t("console_promos.wrong_day")),
      note: text("note"),
      reason: text("reason"),
    });
  };
  return (
    <ActDialog
      opened={opened}
      onClose={onClose}
      title={t("console_promos.create")}
      verb={t("console_promos.create")}
      fields={[
        { name: "code", label: t("console_promos.code"), description: t("console_promos.code_hint"), optional: true },
        { name: "credits", label: t("console_promos.credits"), description: t("console_promos.credits_hint"), amount: true },
        { name: "most", label: t("console_promos.most"), description: t("console_promos.most_hint"), optional: true, amount: true },
        { name: "valid_days", label: t("console_promos.valid_days"), description: t("console_promos.valid_days_hint"), optional: true, amount: true },
        { name: "expires_at", label: t("console_promos.expires"), description: t("console_promos.expires_hint"), optional: true },
        { name: "note", label: t("console_promos.note"), optional: true },
      ]}
      onConfirm={send}
      done={t("console_promos.created")}
    >
      {t("console_promos.create_text")}
    </ActDialog>
  );
}
