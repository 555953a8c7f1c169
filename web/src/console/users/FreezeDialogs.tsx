import { TextInput } from "@mantine/core";
import { useState } from "react";

import type { Schemas } from "@/api/client";
import { useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import type { Acted } from "../effect";

interface FreezeProps {
  /** Whom or what: an address, the name of a workspace. */
  name: string;
  text: string;
  opened: boolean;
  onClose: () => void;
  freeze: (body: Schemas["FreezeNew"]) => Promise<Acted>;
}

/** A freeze: why, what the customer reads, until when. */
export function FreezeDialog({ name, text, opened, onClose, freeze }: FreezeProps) {
  const t = useT();
  const [until, setUntil] = useState("");
  return (
    <ActDialog
      opened={opened}
      onClose={onClose}
      title={t("console_people.freeze_title", { name })}
      verb={t("console_people.freeze")}
      danger
      fields={[{ name: "message", label: t("console_people.message"), description: t("console_people.message_hint"), long: true, optional: true }]}
      onConfirm={(values) =>
        freeze({ reason: values.reason ?? "", message: values.message ?? "", until: until === "" ? null : new Date(until).toISOString() })
      }
      done={t("console_people.freeze_done", { name })}
    >
      <p>{text}</p>
      <TextInput
        type="datetime-local"
        label={t("console_people.until")}
        description={t("console_people.until_hint")}
        value={until}
        onChange={(event) => {
          setUntil(event.currentTarget.value);
        }}
      />
    </ActDialog>
  );
}

interface UnfreezeProps {
  name: string;
  opened: boolean;
  onClose: () => void;
  unfreeze: (reason: string) => Promise<Acted>;
}

export function UnfreezeDialog({ name, opened, onClose, unfreeze }: UnfreezeProps) {
  const t = useT();
  return (
    <ActDialog
      opened={opened}
      onClose={onClose}
      title={t("console_people.unfreeze_title", { name })}
      verb={t("console_people.unfreeze")}
      onConfirm={(values) => unfreeze(values.reason ?? "")}
      done={t("console_people.unfreeze_done", { name })}
    >
      {t("console_people.unfreeze_text")}
    </ActDialog>
  );
}
