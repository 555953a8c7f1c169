import { Button, Group, PasswordInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";

import { api, ask, type Schemas } from "@/api/client";
import { type Confirmation, onConfirmation } from "@/api/stepUp";
import { assertPasskey, passkeysWork } from "@/lib/webauthn";
import { useT } from "@/locales";
import { Dialog } from "./Dialog";
import { ErrorNotice } from "./ErrorNotice";

/** Password and code are shown together, where a person has both; a passkey is enough alone. */
type Way = "typed" | "passkey";

interface Asked extends Confirmation {
  answer: (granted: boolean) => void;
}

/** The one dialog that proves who is asking. The client opens it when /api wants a proof, and then repeats the request. */
export function StepUpDialog() {
  const t = useT();
  const [asked, setAsked] = useState<Asked | null>(null);
  useEffect(() => {
    onConfirmation(
      (confirmation) =>
        new Promise((answer) => {
          setAsked({ ...confirmation, answer });
        }),
    );
  }, []);
  const finish = (granted: boolean) => {
    asked?.answer(granted);
    setAsked(null);
  };
  return (
    <Dialog
      opened={asked !== null}
      onClose={() => {
        finish(false);
      }}
      title={t("stepup.title")}
      size="sm"
      zIndex={400}
    >
      {asked && <Proof asked={asked} finish={finish} />}
    </Dialog>
  );
}

function Proof({ asked, finish }: { asked: Asked; finish: (granted: boolean) => void }) {
  const t = useT();
  const ways = waysOf(asked.methods);
  const [way, setWay] = useState<Way>(ways[0] ?? "typed");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const asksPassword = way === "typed" && asked.methods.includes("password");
  const asksCode = way === "typed" && asked.methods.includes("totp");

  const prove = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setError(null);
    try {
      const proof: Partial<Schemas["StepUpProof"]> =
        way === "passkey" ? { passkey: await assertion() } : { ...(asksPassword && { password }), ...(asksCode && { code }) };
      await ask(api.POST("/api/account/step-up", { body: { action: asked.action, target: asked.target, ...proof } }));
      finish(true);
    } catch (failure) {
      // Closing the browser's own passkey window is a change of mind, not an error.
      if (!(failure instanceof DOMException)) setError(failure);
      setCode("");
    } finally {
      setSending(false);
    }
  };
  return (
    <form onSubmit={(event) => void prove(event)}>
      <Stack gap="md">
        <Text c="var(--text-2)">{t("stepup.why")}</Text>
        {ways.length > 1 && (
          <SegmentedControl
            fullWidth
            aria-label={t("stepup.method")}
            value={way}
            onChange={(value) => {
              setWay(value as Way);
              setError(null);
            }}
            data={[
              { value: "passkey", label: t("stepup.passkey") },
              { value: "typed", label: asked.methods.includes("password") ? t("stepup.password") : t("stepup.code") },
            ]}
          />
        )}
        {asksPassword && (
          <PasswordInput
            label={t("stepup.password")}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
            value={password}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
            data-autofocus
            required
            withAsterisk={false}
          />
        )}
        {asksCode && (
          <TextInput
            label={t("stepup.code")}
            description={t("stepup.code_hint")}
            autoComplete="one-time-code"
            spellCheck={false}
            value={code}
            onChange={(event) => {
              setCode(event.currentTarget.value);
            }}
            data-autofocus={!asksPassword || undefined}
            required
            withAsterisk={false}
          />
        )}
        {ways.length === 0 && <Text>{t("stepup.nothing")}</Text>}
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            onClick={() => {
              finish(false);
            }}
          >
            {t("confirm.cancel")}
          </Button>
          {ways.length > 0 && (
            <Button type="submit" loading={sending}>
              {way === "passkey" ? t("stepup.use_passkey") : t("stepup.confirm")}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function waysOf(methods: readonly string[]): Way[] {
  const ways: Way[] = [];
  if (methods.includes("passkey") && passkeysWork()) ways.push("passkey");
  if (methods.includes("password") || methods.includes("totp")) ways.push("typed");
  return ways;
}

async function assertion(): Promise<Record<string, unknown>> {
  const { options } = await ask(api.POST("/api/account/step-up/options"));
  return assertPasskey(options);
}
