import { Checkbox, NativeSelect, Stack } from "@mantine/core";
import { useState } from "react";

import { useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import { useGo } from "../links";
import { useActs } from "./queries";

const KINDS = ["openai", "anthropic", "gemini"] as const;
type Kind = (typeof KINDS)[number];

export function AddDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useT();
  const go = useGo();
  const { add } = useActs("");
  const [kind, setKind] = useState<Kind>("openai");
  const [inner, setInner] = useState(false);
  return (
    <ActDialog
      opened={opened}
      onClose={onClose}
      title={t("console_providers.add")}
      verb={t("console_providers.add")}
      fields={[
        { name: "name", label: t("console_providers.name"), description: t("console_providers.name_hint") },
        { name: "base_url", label: t("console_providers.address"), description: t("console_providers.address_hint") },
        { name: "api_key", label: t("console_providers.key"), description: t("console_providers.key_hint"), optional: true, secret: true },
      ]}
      onConfirm={async (values) => {
        const made = await add({
          name: values.name ?? "",
          kind,
          base_url: values.base_url ?? "",
          allow_private: inner,
          api_key: values.api_key === "" ? null : values.api_key,
          reason: values.reason ?? "",
        });
        go(`/providers/${made.name}`);
        return made;
      }}
      done={t("console_providers.added")}
    >
      <Stack gap="md">
        <NativeSelect
          label={t("console_providers.kind")}
          value={kind}
          data={KINDS.map((one) => ({ value: one, label: t(`console_providers.kind_${one}`) }))}
          onChange={(event) => {
            setKind(event.currentTarget.value as Kind);
          }}
        />
        <Inner checked={inner} onChange={setInner} />
      </Stack>
    </ActDialog>
  );
}

/** Leave for plain http, another port or an inner address. */
export function Inner({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }) {
  const t = useT();
  return (
    <Checkbox
      label={t("console_providers.allow_private")}
      description={t("console_providers.allow_private_hint")}
      checked={checked}
      onChange={(event) => {
        onChange(event.currentTarget.checked);
      }}
    />
  );
}
