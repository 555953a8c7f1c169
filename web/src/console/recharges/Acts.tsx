import { typed } from "@/lib/money";
import { typedPrice } from "@/lib/price";
import { type Key, useT } from "@/locales";
import { ActDialog, type ActField, type Values } from "../ActDialog";
import { type Detail, useActs } from "./queries";

export type ActName = "approve" | "reject" | "ask" | "duplicate" | "reconcile";

interface ActsProps {
  order: Detail;
  acting: ActName | null;
  onClose: () => void;
}

/** The dialogs of everything that can be done with an order; one is open at a time. */
export function Acts({ order, acting, onClose }: ActsProps) {
  const t = useT();
  const acts = useActs(order.id);
  const reference = order.reference;
  const dialog = (act: ActName) => ({
    opened: acting === act,
    onClose,
    title: (t as (key: Key, values: object) => string)(`console_recharges.${act}_title` as Key, { reference }),
  });
  const amount: ActField = {
    name: "amount_minor_typed",
    label: t("console_recharges.typed", { currency: (order.received?.amount ?? order.total).currency.toUpperCase() }),
    description: t("console_recharges.typed_hint"),
    amount: true,
  };
  const share = order.received?.share ?? null;
  const credits: ActField = {
    name: "credits",
    label: t("console_recharges.typed_credits"),
    description: share === null ? t("console_recharges.typed_credits_hint") : t("console_recharges.typed_credits_share", { credits: share }),
    amount: true,
    optional: share !== null,
  };
  const approval = (values: Values) => ({
    amount_minor_typed: typedPrice(values.amount_minor_typed),
    credits: values.credits ? (typed(values.credits) ?? values.credits) : null,
    reason: values.reason ?? "",
  });
  return (
    <>
      <ActDialog
        {...dialog("approve")}
        verb={t("console.approve")}
        fields={order.received ? [amount, credits] : [amount]}
        preview={(values) => acts.preview(approval(values))}
        onConfirm={(values) => acts.approve(approval(values))}
        done={({ booked }) => t(booked ? "console_recharges.approve_done" : "console_recharges.approve_first", { reference })}
      >
        {t("console_recharges.approve_text", { workspace: order.workspace.name })}
      </ActDialog>
      <ActDialog
        {...dialog("reject")}
        verb={t("console.reject")}
        danger
        fields={[{ name: "message", label: t("console_recharges.message"), description: t("console_recharges.message_hint"), long: true }]}
        onConfirm={({ message = "", reason = "" }) => acts.reject({ message, reason })}
        done={t("console_recharges.reject_done", { reference })}
      >
        {t("console_recharges.reject_text")}
      </ActDialog>
      <ActDialog
        {...dialog("ask")}
        verb={t("console_recharges.ask_verb")}
        fields={[{ name: "question", label: t("console_recharges.question"), description: t("console_recharges.message_hint"), long: true }]}
        onConfirm={({ question = "", reason = "" }) => acts.ask({ question, reason })}
        done={t("console_recharges.ask_done", { reference })}
      />
      <ActDialog
        {...dialog("duplicate")}
        verb={t("console_recharges.duplicate_verb")}
        fields={[
          {
            name: "of",
            label: t("console_recharges.duplicate_of"),
            description: t("console_recharges.duplicate_hint"),
            initial: order.warnings[0]?.recharge.reference ?? "",
          },
        ]}
        onConfirm={({ of = "", reason = "" }) =>
          acts.duplicate(of, reason)
        }
        done={t("console_recharges.duplicate_done", { reference })}
      >
        {t("console_recharges.duplicate_text")}
      </ActDialog>
      <ActDialog
        {...dialog("reconcile")}
        verb={t("console_payments.reconcile")}
        onConfirm={({ reason = "" }) => acts.reconcile(reason)}
        done={t("console_payments.reconcile_done", { reference })}
      >
        {t("console_payments.reconcile_text")}
      </ActDialog>
    </>
  );
}
