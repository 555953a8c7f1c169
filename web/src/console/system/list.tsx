import { Tabs } from "@mantine/core";

import { useT } from "@/locales";
import { useAddress } from "@/ui/useAddress";
import { ConsoleHeader } from "../ConsoleHeader";
import { Health } from "./Health";
import { Jobs } from "./Jobs";
import { Mails } from "./Mails";
import { Settings } from "./Settings";

const TABS = ["health", "jobs", "mail", "settings"] as const;

/** How this installation fares. */
export default function SystemPage() {
  const t = useT();
  const address = useAddress();
  const tab = TABS.find((one) => one === address.value("tab")) ?? "health";
  return (
    <>
      <ConsoleHeader title={t("console_system.title")} lead={t("console_system.lead")} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) => {
          address.set({ tab: chosen === "health" || chosen === null ? "" : chosen, q: "", state: "", cursor: "" });
        }}
      >
        <Tabs.List mb="md" aria-label={t("console_system.title")}>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`console_system.tab_${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="health">
          <Health />
        </Tabs.Panel>
        <Tabs.Panel value="jobs">
          <Jobs />
        </Tabs.Panel>
        <Tabs.Panel value="mail">
          <Mails />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Settings />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
