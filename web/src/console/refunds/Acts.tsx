import { parse, typed } from "@/lib/money";
import { plainPrice, typedPrice } from "@/lib/price";
import { type Key, useT } from "@/locales";
import { ActDialog, type ActField, type Values } from "../ActDialog";
import { type Detail, useActs } from "./queries";

export type ActName = "approve" | "reject" | "convert" | "paid" | "retry" | "give_back";

interface ActsProps {
  refund: Detail;
  acting: ActName | null;
  onClose: () => void;
}

/** The dialogs of everything that can be done with a refund; one is open at a time. */
export function Acts({ refund, acting, onClose }: ActsProps) {
  const t = useT();
  const say = t as (key: Key, values?: object) => string;
  const acts = useActs(refund.id);
  const reference = refund.recharge.reference;
  const most = refund.facts.most_refundable;
  const dialog = (act: ActName) => ({
    opened: acting === act,
    onClose,
    title: say(`console_refunds.${act}_title` as Key, { reference }),
    done: say(`console_refunds.${act}_done` as Key, { reference }),
  });
  const message = (optional: boolean): ActField => ({
    name: "message",
    label: t("console_refunds.message"),
    description: t("console_refunds.message_hint"),
    long: true,
    optional,
  });
  const credits: ActField = {
    name: "credits",
    label: t("console_refunds.credits_back"),
    description: t("console_refunds.credits_hint", { asked: refund.credits, most: most.credits }),
    amount: true,
    initial: refund.facts.uncredited ? "" : least(refund.credits, most.credits),
    optional: true,
  };
  const money: ActField = {
    name: "amount_typed",
    label: t("console_refunds.typed", { currency: most.money.currency.toUpperCase() }),
    description: t("console_refunds.typed_hint", { most: plainPrice(most.money) }),
    amount: true,
  };
  const approval = (values: Values) => ({
    credits: values.credits ? (typed(values.credits) ?? values.credits) : null,
    amount_typed: typedPrice(values.amount_typed),
    payout: "processor" as const,
    message: values.message ?? "",
    reason: values.reason ?? "",
  });
  return (
    <>
      <ActDialog
        {...dialog("approve")}
        verb={t("console.approve")}
        fields={refund.facts.uncredited ? [money, message(true)] : [credits, money, message(true)]}
        preview={(values) => acts.previewApproval(approval(values))}
        previewNeeds={[]}
        onConfirm={(values) => acts.approve(approval(values))}
      >
        {t(refund.facts.uncredited ? "console_refunds.approve_uncredited" : "console_refunds.approve_text")}
      </ActDialog>
      <ActDialog
        {...dialog("reject")}
        verb={t("console.reject")}
        danger
        fields={[message(false)]}
        onConfirm={(values) => acts.reject({ message: values.message ?? "", reason: values.reason ?? "" })}
      >
        {t("console_refunds.reject_text")}
      </ActDialog>
      <ActDialog
        {...dialog("convert")}
        verb={t("console_refunds.convert")}
        fields={[message(true)]}
        preview={(values) => acts.previewConversion({ message: values.message ?? "", reason: values.reason ?? "" })}
        onConfirm={(values) => acts.convert({ message: values.message ?? "", reason: values.reason ?? "" })}
      >
        {t("console_refunds.convert_text")}
      </ActDialog>
      <ActDialog
        {...dialog("paid")}
        verb={t("console_refunds.paid")}
        fields={[{ name: "payout_reference", label: t("console_refunds.payout_reference"), description: t("console_refunds.payout_hint") }]}
        onConfirm={(values) => acts.paid({ payout_reference: values.payout_reference ?? "", reason: values.reason ?? "" })}
      >
        {t("console_refunds.paid_text")}
      </ActDialog>
      <ActDialog {...dialog("retry")} verb={t("console_refunds.retry")} onConfirm={(values) => acts.retry(values.reason ?? "")}>
        {t("console_refunds.retry_text")}
      </ActDialog>
      <ActDialog {...dialog("give_back")} verb={t("console_refunds.give_back")} danger onConfirm={(values) => acts.giveBack(values.reason ?? "")}>
        {t("console_refunds.give_back_text")}
      </ActDialog>
    </>
  );
}

/** The smaller of two amounts of Credits. */
function least(one: string, other: string): string {
  return parse(one) <= parse(other) ? one : other;
}
