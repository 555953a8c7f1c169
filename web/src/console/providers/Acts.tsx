import { useState } from "react";

import { ApiError, problemOf } from "@/api/problem";
import { typed } from "@/lib/money";
import { useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import { Inner } from "./AddDialog";
import { whole } from "./model";
import { type Detail, useActs } from "./queries";

export type ActName = "address" | "key" | "forget" | "enable" | "disable" | "bound" | "caps";

/** Every act on a provider but the test call. */
export function Acts({ provider, acting, onClose }: { provider: Detail; acting: ActName | null; onClose: () => void }) {
  const t = useT();
  const acts = useActs(provider.name);
  const name = provider.name;
  const common = (act: ActName) => ({ opened: acting === act, onClose });
  return (
    <>
      <Address provider={provider} {...common("address")} />
      <ActDialog
        {...common("key")}
        title={t("console_providers.key_title", { name })}
        verb={t("console_providers.replace_key")}
        fields={[{ name: "api_key", label: t("console_providers.key"), description: t("console_providers.key_hint"), secret: true }]}
        onConfirm={(values) => acts.replaceKey({ api_key: values.api_key ?? "", reason: values.reason ?? "" })}
        done={t("console_providers.key_replaced")}
      >
        {t("console_providers.key_text")}
      </ActDialog>
      <ActDialog
        {...common("forget")}
        title={t("console_providers.forget_title", { name })}
        verb={t("console_providers.forget")}
        danger
        onConfirm={(values) => acts.removeKey(values.reason ?? "")}
        done={t("console_providers.forgotten")}
      >
        {t("console_providers.forget_text")}
      </ActDialog>
      <ActDialog
        {...common("disable")}
        title={t("console_providers.disable_title", { name })}
        verb={t("console_providers.disable")}
        danger
        onConfirm={(values) => acts.disable(values.reason ?? "")}
        done={t("console_providers.disabled")}
      >
        {t("console_providers.disable_text")}
      </ActDialog>
      <ActDialog
        {...common("enable")}
        title={t("console_providers.enable_title", { name })}
        verb={t("console_providers.enable")}
        onConfirm={(values) => acts.enable(values.reason ?? "")}
        done={t("console_providers.enabled")}
      />
      <ActDialog
        {...common("bound")}
        title={t("console_providers.bound_title", { name })}
        verb={t("console_providers.save")}
        fields={[
          {
            name: "max_in_flight",
            label: t("console_providers.bound"),
            description: t("console_providers.bound_hint"),
            optional: true,
            amount: true,
            initial: provider.max_in_flight?.toString() ?? "",
          },
        ]}
        onConfirm={(values) => acts.bound({ max_in_flight: number(values.max_in_flight, "max_in_flight", t("console_providers.wrong_number")), reason: values.reason ?? "" })}
        done={t("console_providers.bound_done")}
      />
      <ActDialog
        {...common("caps")}
        title={t("console_providers.caps_title", { name })}
        verb={t("console_providers.save")}
        fields={[
          { name: "daily", label: t("console_providers.daily"), optional: true, amount: true, initial: provider.day.cap ?? "" },
          { name: "monthly", label: t("console_providers.monthly"), optional: true, amount: true, initial: provider.month.cap ?? "" },
        ]}
        onConfirm={(values) => acts.cap({ daily: amount(values.daily), monthly: amount(values.monthly), reason: values.reason ?? "" })}
        done={t("console_providers.caps_done")}
      >
        {t("console_providers.caps_text")}
      </ActDialog>
    </>
  );
}

function Address({ provider, opened, onClose }: { provider: Detail; opened: boolean; onClose: () => void }) {
  const t = useT();
  const { move } = useActs(provider.name);
  const [inner, setInner] = useState(provider.allow_private);
  return (
    <ActDialog
      opened={opened}
      onClose={onClose}
      title={t("console_providers.address_title", { name: provider.name })}
      verb={t("console_providers.save")}
      fields={[
        { name: "base_url", label: t("console_providers.address"), description: t("console_providers.address_hint"), initial: provider.base_url },
      ]}
      onConfirm={(values) => move({ base_url: values.base_url ?? "", allow_private: inner, reason: values.reason ?? "" })}
      done={t("console_providers.address_done")}
    >
      <p>{t("console_providers.address_text")}</p>
      <Inner checked={inner} onChange={setInner} />
    </ActDialog>
  );
}

function amount(text: string | undefined): string | null {
  // What is no amount is refused by /api, beside its field.
  return text === undefined || text === "" ? null : (typed(text) ?? text);
}

export function number(text: string | undefined, field: string, problem: string): number | null {
  const read = whole(text ?? "");
  // As /api would have refused it, so that a form shows it beside its field.
  if (read === undefined) throw new ApiError(400, problemOf({ error: { code: "invalid_value", message: problem, field, fields: [{ field, message: problem }] } }, null));
  return read;
}
