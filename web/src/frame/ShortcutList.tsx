import { Stack, Switch } from "@mantine/core";

import { type Key, useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import styles from "./ShortcutList.module.css";
import { modifier, setShortcuts, useShortcutsOn } from "@/ui/shortcuts";

const LIST: readonly [keys: string, label: Key][] = [
  ["K", "shortcut.search"],
  ["/", "shortcut.list"],
  [".", "shortcut.settings"],
  ["Shift S", "shortcut.rail"],
];

export function ShortcutList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useT();
  const on = useShortcutsOn();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("shortcut.title")} size="sm">
      <Stack gap="lg">
        <dl className={styles.list}>
          {LIST.map(([keys, label]) => (
            <div key={keys}>
              <dt>{(t as (key: Key) => string)(label)}</dt>
              <dd>
                <kbd>
                  {modifier} {keys}
                </kbd>
              </dd>
            </div>
          ))}
        </dl>
        <Switch
          label={t("shortcut.on")}
          checked={on}
          onChange={(event) => {
            setShortcuts(event.currentTarget.checked);
          }}
        />
      </Stack>
    </Dialog>
  );
}
