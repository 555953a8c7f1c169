import { Button, Group } from "@mantine/core";
import { useState } from "react";

import { isCancelled } from "@/api/problem";
import { type Key, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { ActDialog, type ActField } from "../ActDialog";
import { useStaffMay } from "../session";
import { whole } from "./model";
import { type Case, type Decision, useActs } from "./queries";

const CHOICES = ["clear", "limit", "freeze", "ban"] as const;

/** Take the case, and decide it. */
export function Decide({ found }: { found: Case }) {
  const t = useT();
  const say = t as (key: Key, values?: object) => string;
  const guard = useStaffMay("freeze");
  const owner = useStaffMay("own");
  const acts = useActs(found.id);
  const [acting, setActing] = useState<Decision | null>(null);
  const [error, setError] = useState<unknown>(null);
  if (!guard || found.state !== "open") return null;
  const take = async () => {
    setError(null);
    try {
      await acts.assign(found.assignee?.yours ? null : "me", found.assignee?.id ?? null);
    } catch (failure) {
      if (!isCancelled(failure)) setError(failure);
    }
  };
  const message: ActField = { name: "message", label: t("console_risk.message"), description: t("console_risk.message_hint"), long: true, optional: true };
  const fields: Record<Decision, readonly ActField[]> = {
    clear: [],
    limit: [{ name: "limit", label: t("console_risk.limit_field"), amount: true }],
    freeze: [message, { name: "days", label: t("console_risk.days"), description: t("console_risk.days_hint"), amount: true, optional: true }],
    ban: [message],
  };
  const workspace = found.workspace.name;
  return (
    <>
      <ErrorNotice error={error} />
      <Group gap="xs">
        <Button variant="default" onClick={() => void take()}>
          {t(found.assignee?.yours ? "console_risk.give_back" : "console_risk.take")}
        </Button>
        {!found.yours &&
          CHOICES.filter((choice) => choice !== "ban" || owner).map((choice) => (
            <Button
              key={choice}
              variant="default"
              onClick={() => {
                setActing(choice);
              }}
            >
              {say(`console_risk.${choice}` as Key)}
            </Button>
          ))}
      </Group>
      {CHOICES.map((choice) => (
        <ActDialog
          key={choice}
          opened={acting === choice}
          onClose={() => {
            setActing(null);
          }}
          title={say(`console_risk.${choice}_title` as Key, { workspace })}
          verb={say(`console_risk.${choice}` as Key)}
          danger={choice === "freeze" || choice === "ban"}
          fields={fields[choice]}
          onConfirm={(values) =>
            acts.decide({
              decision: choice,
              reason: values.reason ?? "",
              limit: values.limit || null,
              message: values.message ?? "",
              days: values.days ? whole(values.days) : null,
            })
          }
          done={say(`console_risk.${choice}_done` as Key, { workspace })}
        >
          {say(`console_risk.${choice}_text` as Key)}
        </ActDialog>
      ))}
    </>
  );
}
