import { Button } from "@mantine/core";
import { useState } from "react";

import { typed } from "@/lib/money";
import { useT } from "@/locales";
import { ActDialog, type Values } from "../ActDialog";
import { momentOf } from "./model";
import styles from "./models.module.css";
import { type Model, useModelActs } from "./queries";

type Act = "hide" | "sell" | "deprecate" | "restore" | "cap" | "edit" | "alias" | "unalias";

const number = (text: string) => (text === "" ? null : Number(text));

/** What an owner does about a model beside its price and routes. */
export function Acts({ model }: { model: Model }) {
  const t = useT();
  const acts = useModelActs(model.address);
  const [act, setAct] = useState<Act | null>(null);
  const close = () => {
    setAct(null);
  };
  const button = (name: Act, text: string, danger = false) => (
    <Button
      variant="default"
      size="compact-md"
      color={danger ? "bad" : undefined}
      onClick={() => {
        setAct(name);
      }}
    >
      {text}
    </Button>
  );
  const text = (values: Values, name: string) => values[name] ?? "";
  const common = (name: Act) => ({ opened: act === name, onClose: close, done: t("console_models.saved") });
  return (
    <div className={styles.acts}>
      {button("edit", t("console_models.edit"))}
      {button("cap", t("console_models.set_cap"))}
      {button("hide", t(model.hidden ? "console_models.show" : "console_models.hide"))}
      {button("sell", t(model.enabled ? "console_models.disable" : "console_models.enable"), model.enabled)}
      {model.retires_at === null ? button("deprecate", t("console_models.deprecate")) : button("restore", t("console_models.restore"))}
      {button("alias", t("console_models.add_alias"))}
      {model.aliases.length > 0 && button("unalias", t("console_models.remove_alias"))}
      <ActDialog
        {...common("edit")}
        title={t("console_models.edit_title", { model: model.name })}
        verb={t("console_models.save")}
        fields={[
          { name: "name", label: t("console_models.name"), initial: model.name },
          { name: "description", label: t("console_models.description"), long: true, optional: true, initial: model.description },
          { name: "context_length", label: t("console_models.context"), optional: true, amount: true, initial: model.context_length === null ? "" : String(model.context_length) },
          { name: "max_output_tokens", label: t("console_models.max_output"), optional: true, amount: true, initial: model.max_output_tokens === null ? "" : String(model.max_output_tokens) },
        ]}
        onConfirm={(values) =>
          acts.edit({
            name: text(values, "name"),
            description: text(values, "description"),
            context_length: number(text(values, "context_length")),
            max_output_tokens: number(text(values, "max_output_tokens")),
            reason: text(values, "reason"),
          })
        }
      />
      <ActDialog
        {...common("cap")}
        title={t("console_models.cap_title", { model: model.name })}
        verb={t("console_models.set_cap")}
        fields={[{ name: "daily", label: t("console_models.cap"), description: t("console_models.cap_hint"), amount: true, optional: true }]}
        onConfirm={(values) => acts.cap(text(values, "daily") === "" ? null : (typed(text(values, "daily")) ?? text(values, "daily")), text(values, "reason"))}
      />
      <ActDialog
        {...common("hide")}
        title={t(model.hidden ? "console_models.show_title" : "console_models.hide_title", { model: model.name })}
        verb={t(model.hidden ? "console_models.show" : "console_models.hide")}
        onConfirm={(values) => acts.hide(!model.hidden, text(values, "reason"))}
      >
        {t(model.hidden ? "console_models.show_text" : "console_models.hide_text")}
      </ActDialog>
      <ActDialog
        {...common("sell")}
        title={t(model.enabled ? "console_models.disable_title" : "console_models.enable_title", { model: model.name })}
        verb={t(model.enabled ? "console_models.disable" : "console_models.enable")}
        danger={model.enabled}
        onConfirm={(values) => acts.sell(!model.enabled, text(values, "reason"))}
      >
        {t(model.enabled ? "console_models.disable_text" : "console_models.enable_text")}
      </ActDialog>
      <ActDialog
        {...common("deprecate")}
        title={t("console_models.deprecate_title", { model: model.name })}
        verb={t("console_models.deprecate")}
        danger
        fields={[
          { name: "successor", label: t("console_models.successor"), description: t("console_models.successor_hint"), optional: true },
          { name: "retires_at", label: t("console_models.retires_at"), description: t("console_models.retires_hint") },
        ]}
        onConfirm={(values) =>
          acts.deprecate({
            successor: text(values, "successor") || null,
            retires_at: momentOf(text(values, "retires_at")) ?? "",
            reason: text(values, "reason"),
          })
        }
      >
        {t("console_models.deprecate_text")}
      </ActDialog>
      <ActDialog
        {...common("restore")}
        title={t("console_models.restore_title", { model: model.name })}
        verb={t("console_models.restore")}
        onConfirm={(values) => acts.restore(text(values, "reason"))}
      >
        {t("console_models.restore_text")}
      </ActDialog>
      <ActDialog
        {...common("alias")}
        title={t("console_models.add_alias")}
        verb={t("console_models.add_alias")}
        fields={[{ name: "alias", label: t("console_models.alias"), description: t("console_models.alias_hint") }]}
        onConfirm={(values) => acts.alias(text(values, "alias"), text(values, "reason"))}
      />
      <ActDialog
        {...common("unalias")}
        title={t("console_models.remove_alias")}
        verb={t("console_models.remove_alias")}
        danger
        fields={[{ name: "alias", label: t("console_models.alias"), initial: model.aliases.length === 1 ? (model.aliases[0] ?? "") : "" }]}
        onConfirm={(values) => acts.unalias(text(values, "alias"), text(values, "reason"))}
      />
    </div>
  );
}
