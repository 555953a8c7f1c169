import { Button, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import type { Schemas } from "@/api/client";
import { useT } from "@/locales";
import { PageHeader } from "@/ui/PageHeader";
import { useAddress } from "@/ui/useAddress";
import { useMay, useWorkspace } from "@/ui/workspace";
import { CreateKeyDialog } from "./CreateKeyDialog";
import { KeyList } from "./KeyList";
import { KeyMadeDialog } from "./KeyMadeDialog";
import { ManagementKeys } from "./ManagementKeys";

export default function KeysPage() {
  const t = useT();
  const workspace = useWorkspace();
  const address = useAddress();
  const manages = useMay("management_keys");
  const [made, setMade] = useState<Schemas["KeyMade"] | null>(null);
  const tab = manages && address.value("tab") === "management" ? "management" : "api";
  // Other pages link here with it; Back closes the dialog.
  const creating = tab === "api" && workspace.pending === null && address.value("create") === "1";
  const create = () => {
    address.set({ create: "1" });
  };
  const done = () => {
    address.set({ create: "" }, { replace: true });
  };
  return (
    <>
      <PageHeader
        title={t("key.title")}
        lead={t("key.lead")}
        actions={
          tab === "api" && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={create} disabled={workspace.pending !== null}>
              {t("key.create")}
            </Button>
          )
        }
      />
      {manages ? (
        <Tabs
          value={tab}
          onChange={(value) => {
            address.set({ tab: value === "management" ? "management" : "", search: "", status: "", sort: "", cursor: "" });
          }}
          keepMounted={false}
        >
          <Tabs.List mb="lg">
            <Tabs.Tab value="api">{t("key.tab_api")}</Tabs.Tab>
            <Tabs.Tab value="management">{t("key.tab_management")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="api">
            <KeyList onCreate={create} />
          </Tabs.Panel>
          <Tabs.Panel value="management">
            <ManagementKeys />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <KeyList onCreate={create} />
      )}
      <CreateKeyDialog
        opened={creating}
        onClose={done}
        onMade={(key) => {
          done();
          setMade(key);
        }}
      />
      <KeyMadeDialog
        made={made}
        onClose={() => {
          setMade(null);
        }}
      />
    </>
  );
}
