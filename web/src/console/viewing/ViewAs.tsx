import { Button } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useState } from "react";

import { api, ask } from "@/api/client";
import { useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import { useStaffMay } from "../session";

/** Opens the app as a customer sees it, read-only; for owners. */
export function ViewAs({ user, name }: { user: string; name: string }) {
  const t = useT();
  const may = useStaffMay("own");
  const [opened, setOpened] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconEye size={16} stroke={1.5} aria-hidden />}
        onClick={() => {
          setOpened(true);
        }}
      >
        {t("console_viewing.begin")}
      </Button>
      <ActDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("console_viewing.title", { name })}
        verb={t("console_viewing.begin")}
        onConfirm={async (values) => {
          const begun = await ask(api.POST("/api/console/viewings", { body: { user, reason: values.reason ?? "" } }));
          location.assign(`/console/view/${begun.id}`);
          return begun;
        }}
        done={t("console_viewing.begun")}
      >
        {t("console_viewing.text")}
      </ActDialog>
    </>
  );
}
