import { Radio, Stack } from "@mantine/core";

import { type Key, useT } from "@/locales";
import { useWorkspace } from "@/ui/workspace";
import { givable, ROLE_NAMES, ROLE_TEXTS } from "./model";
import type { Role } from "./queries";

/** The roles one may give, each with what it may. */
export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const { role } = useWorkspace();
  return (
    <Radio.Group
      label={t("team.role")}
      value={value}
      onChange={(chosen) => {
        onChange(chosen as Role);
      }}
    >
      <Stack gap="sm" mt="xs">
        {givable(role).map((one) => (
          <Radio key={one} value={one} label={say(ROLE_NAMES[one])} description={say(ROLE_TEXTS[one])} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
