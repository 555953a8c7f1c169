import { Radio, Stack } from "@mantine/core";

import { useT } from "@/locales";
import type { Keys } from "./queries";

/** What happens to somebody's keys: stop them, or hand them over. you: one asks about one's own. */
export function KeysField({ value, onChange, you = false }: { value: Keys; onChange: (keys: Keys) => void; you?: boolean }) {
  const t = useT();
  return (
    <Radio.Group
      label={you ? t("team.keys_yours") : t("team.keys_theirs")}
      value={value}
      onChange={(chosen) => {
        onChange(chosen as Keys);
      }}
    >
      <Stack gap="sm" mt="xs">
        <Radio value="stop" label={t("team.keys_stop")} description={t("team.keys_stop_text")} />
        <Radio value="hand_over" label={t("team.keys_hand")} description={you ? t("team.keys_hand_owner") : t("team.keys_hand_you")} />
      </Stack>
    </Radio.Group>
  );
}
