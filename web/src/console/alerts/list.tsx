import { Tabs } from "@mantine/core";

import { useT } from "@/locales";
import { useAddress } from "@/ui/useAddress";
import { ConsoleHeader } from "../ConsoleHeader";
import { useStaffMay } from "../session";
import { AlertTable } from "./AlertTable";
import { Protection } from "./Protection";
import { Telling } from "./Telling";

const TABS = ["alerts", "telling", "protection"] as const;

/** What operators must know, whom it is told to, and from where on the platform protects itself. */
export default function Alerts() {
  const t = useT();
  const address = useAddress();
  const own = useStaffMay("own");
  const tabs = TABS.filter((one) => own || one !== "telling");
  const tab = tabs.find((one) => one === address.value("tab")) ?? "alerts";
  return (
    <>
      <ConsoleHeader title={t("console_alerts.title")} lead={t("console_alerts.lead")} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) => {
          address.set({ tab: chosen === "alerts" || chosen === null ? "" : chosen, state: "", cursor: "" });
        }}
      >
        <Tabs.List mb="md" aria-label={t("console_alerts.title")}>
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`console_alerts.tab_${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="alerts">
          <AlertTable />
        </Tabs.Panel>
        {own && (
          <Tabs.Panel value="telling">
            <Telling />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="protection">
          <Protection />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
