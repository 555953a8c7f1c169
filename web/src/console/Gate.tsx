import { Button } from "@mantine/core";
import { IconLock, IconShieldLock } from "@tabler/icons-react";
import { useState } from "react";

import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { ConsoleHeader } from "./ConsoleHeader";
import { openConsole } from "./openConsole";
import type { ConsoleSession } from "./session";

/** The console is closed: one button and a proof open it. */
export function ClosedPage({ onOpen }: { onOpen: (session: ConsoleSession) => void }) {
  const t = useT();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const open = async () => {
    setSending(true);
    setError(null);
    try {
      onOpen(await openConsole());
    } catch (failure) {
      setError(failure);
      setSending(false);
    }
  };
  return (
    <>
      <ConsoleHeader title={t("console.name")} />
      <EmptyState
        icon={IconLock}
        title={t("console.closed_title")}
        action={
          <Button loading={sending} onClick={() => void open()}>
            {t("console.open")}
          </Button>
        }
      >
        {t("console.closed_text")}
      </EmptyState>
      <ErrorNotice error={error} />
    </>
  );
}

/** Somebody of the staff without a second factor adds one in the settings; the first owner does so at first entry. */
export function SecondFactorPage() {
  const t = useT();
  return (
    <>
      <ConsoleHeader title={t("console.name")} />
      <EmptyState
        icon={IconShieldLock}
        title={t("console.factor_title")}
        action={
          <Button component="a" href="/app/settings/security">
            {t("console.factor_link")}
          </Button>
        }
      >
        {t("console.factor_text")}
      </EmptyState>
    </>
  );
}
