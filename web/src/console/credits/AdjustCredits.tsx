import { Button } from "@mantine/core";
import { IconCoins } from "@tabler/icons-react";
import { useState } from "react";

import { type Key, useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import { useStaffMay } from "../session";
import { GIVINGS, wishOf } from "./model";
import { useCreditActs } from "./queries";

/** Gives Credits to a workspace, or takes them; for whoever may move money. */
export function AdjustCredits({ workspace, name }: { workspace: string; name?: string | undefined }) {
  const t = useT();
  const acts = useCreditActs();
  const may = useStaffMay("money");
  const [opened, setOpened] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconCoins size={16} stroke={1.5} aria-hidden />}
        onClick={() => {
          setOpened(true);
        }}
      >
        {t("console_credits.adjust")}
      </Button>
      <ActDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("console_credits.adjust_title", { workspace: name ?? workspace })}
        verb={t("console_credits.adjust")}
        fields={[
          {
            name: "giving",
            label: t("console_credits.kind"),
            choices: GIVINGS.map((value) => ({ value, label: (t as (key: Key) => string)(`console_credits.${value}` as Key) })),
          },
          { name: "credits", label: t("console_credits.credits"), amount: true },
          {
            name: "expires_on",
            label: t("console_credits.expires"),
            description: t("console_credits.expires_hint"),
            optional: true,
            when: (values) => values.giving === "promo",
          },
          { name: "note", label: t("console_credits.note"), description: t("console_credits.note_hint") },
        ]}
        preview={(values) => acts.preview(wishOf(workspace, values))}
        previewNeeds={["credits"]}
        onConfirm={(values) => acts.propose(wishOf(workspace, values))}
        done={(answer) => t(answer.booked ? "console_credits.booked" : "console_credits.proposed")}
      >
        {t("console_credits.adjust_text")}
      </ActDialog>
    </>
  );
}
