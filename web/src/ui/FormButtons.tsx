import { Button, Group } from "@mantine/core";

import { useT } from "@/locales";

/** The end of a form in a dialog: the way back, and the act in its own words. */
export function FormButtons({ act, busy, onCancel }: { act: string; busy: boolean; onCancel: () => void }) {
  const t = useT();
  return (
    <Group justify="flex-end" gap="xs">
      <Button variant="default" onClick={onCancel}>
        {t("confirm.cancel")}
      </Button>
      <Button type="submit" loading={busy}>
        {act}
      </Button>
    </Group>
  );
}
