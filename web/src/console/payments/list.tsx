import { Tabs } from "@mantine/core";

import { useT } from "@/locales";
import { useAddress } from "@/ui/useAddress";
import { ConsoleHeader } from "../ConsoleHeader";
import { Events } from "./Events";
import { Methods } from "./Methods";
import { Payments } from "./Payments";

const TABS = ["payments", "events", "methods"] as const;

/** Money that came in, what payment services told us, and how people may pay. */
export default function PaymentsPage() {
  const t = useT();
  const address = useAddress();
  const tab = TABS.find((one) => one === address.value("tab")) ?? "payments";
  return (
    <>
      <ConsoleHeader title={t("console_payments.title")} lead={t("console_payments.lead")} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) => {
          address.set({ tab: chosen === "payments" || chosen === null ? "" : chosen, q: "", state: "", cursor: "" });
        }}
      >
        <Tabs.List mb="md" aria-label={t("console_payments.title")}>
          <Tabs.Tab value="payments">{t("console_payments.payments")}</Tabs.Tab>
          <Tabs.Tab value="events">{t("console_payments.events")}</Tabs.Tab>
          <Tabs.Tab value="methods">{t("console_payments.methods")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="payments">
          <Payments />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <Events />
        </Tabs.Panel>
        <Tabs.Panel value="methods">
          <Methods />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
