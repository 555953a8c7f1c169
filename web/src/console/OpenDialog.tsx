import { Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { onConsoleClosed } from "@/api/consoleDoor";
import { isCancelled } from "@/api/problem";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { openConsole } from "./openConsole";
import { sessionQuery } from "./session";

/** Over a page whose console has closed: what was typed stays, and what was asked goes again once it is open. */
export function OpenDialog() {
  const t = useT();
  const client = useQueryClient();
  const [answer, setAnswer] = useState<((opened: boolean) => void) | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    onConsoleClosed(
      () =>
        new Promise((resolve) => {
          setError(null);
          setAnswer(() => resolve);
        }),
    );
  }, []);
  const finish = (opened: boolean) => {
    answer?.(opened);
    setAnswer(null);
    // Left closed, the page gives way to the door.
    if (!opened) void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  const open = async () => {
    setSending(true);
    setError(null);
    try {
      client.setQueryData(sessionQuery.queryKey, await openConsole());
      finish(true);
    } catch (failure) {
      if (!isCancelled(failure)) setError(failure);
    } finally {
      setSending(false);
    }
  };
  return (
    <Dialog
      opened={answer !== null}
      onClose={() => {
        finish(false);
      }}
      title={t("console.closed_title")}
      size="sm"
      zIndex={350}
    >
      <Stack gap="md">
        <Text c="var(--text-2)">{t("console.closed_over")}</Text>
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            onClick={() => {
              finish(false);
            }}
          >
            {t("console.leave_closed")}
          </Button>
          <Button loading={sending} data-autofocus onClick={() => void open()}>
            {t("console.open")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
