import { Stack, Switch } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { changeChatSettings } from "@/api/chats";
import { type Key, useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { modifier, setShortcuts, useShortcutsOn } from "@/ui/shortcuts";
import styles from "./ShortcutList.module.css";

type Line = readonly [keys: string, label: Key];

const EVERYWHERE: readonly Line[] = [
  [`${modifier} K`, "shortcut.search"],
  [`${modifier} /`, "shortcut.list"],
  [`${modifier} .`, "shortcut.settings"],
  [`${modifier} Shift S`, "shortcut.rail"],
];

const IN_CHAT: readonly Line[] = [
  [`${modifier} Shift O`, "shortcut.new_chat"],
  [`${modifier} K`, "shortcut.find_chat"],
  [`${modifier} Shift M`, "shortcut.model"],
  [`${modifier} Shift S`, "shortcut.shelf"],
  [`${modifier} Shift C`, "shortcut.copy_answer"],
  [`${modifier} Shift ;`, "shortcut.copy_code"],
  ["Shift Esc", "shortcut.focus"],
  ["Esc", "shortcut.stop"],
  ["↑", "shortcut.edit_last"],
  ["F2", "shortcut.rename_chat"],
  ["Del", "shortcut.delete_chat"],
  [`${modifier} Z`, "shortcut.take_back"],
];

interface ShortcutListProps {
  opened: boolean;
  onClose: () => void;
  /** Whether the reader has a chat at all. */
  chat: boolean;
}

export function ShortcutList({ opened, onClose, chat }: ShortcutListProps) {
  const t = useT();
  const client = useQueryClient();
  const on = useShortcutsOn();
  // Kept with the account, for the next browser.
  const keep = useMutation({ mutationFn: (shortcuts: boolean) => changeChatSettings(client, { shortcuts }) });
  return (
    <Dialog opened={opened} onClose={onClose} title={t("shortcut.title")} size="md">
      <Stack gap="lg">
        <Lines name={t("shortcut.everywhere")} lines={EVERYWHERE} />
        {chat && <Lines name={t("shortcut.in_chat")} lines={IN_CHAT} />}
        <Switch
          label={t("shortcut.on")}
          checked={on}
          onChange={(event) => {
            setShortcuts(event.currentTarget.checked);
            keep.mutate(event.currentTarget.checked);
          }}
        />
        <ErrorNotice error={keep.error} />
      </Stack>
    </Dialog>
  );
}

function Lines({ name, lines }: { name: string; lines: readonly Line[] }) {
  const t = useT();
  return (
    <section aria-label={name}>
      <h3 className={styles.name}>{name}</h3>
      <dl className={styles.list}>
        {lines.map(([keys, label]) => (
          <div key={label}>
            <dt>{(t as (key: Key) => string)(label)}</dt>
            <dd>
              <kbd>{keys}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
