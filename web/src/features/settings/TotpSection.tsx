import { Badge, Button } from "@mantine/core";
import { useState } from "react";

import { useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { type Profile, useAccountActs } from "./queries";
import { RecoveryCodes } from "./RecoveryCodes";
import { TotpDialog } from "./TotpDialog";

const FEW_CODES = 3;

export function TotpSection({ profile }: { profile: Profile }) {
  const t = useT();
  const { beginTotp, removeTotp, newCodes, refresh } = useAccountActs();
  const [removing, setRemoving] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  const setup = beginTotp.data ?? null;
  const left = profile.recovery_codes_left ?? 0;

  const begin = (
    <Button
      variant={profile.has_totp ? "default" : "filled"}
      loading={beginTotp.isPending}
      onClick={() => {
        beginTotp.mutate();
      }}
    >
      {profile.has_totp ? t("settings.totp_replace") : t("settings.totp_on")}
    </Button>
  );
  return (
    <Section
      title={t("settings.totp")}
      text={profile.has_totp ? t("settings.totp_text_on") : t("settings.totp_text_off")}
      mark={<Badge color={profile.has_totp ? "ok" : "gray"}>{profile.has_totp ? t("settings.on") : t("settings.off")}</Badge>}
      actions={
        <>
          {begin}
          {profile.has_totp && (
            <>
              <Button
                variant="default"
                loading={newCodes.isPending}
                onClick={() => {
                  newCodes.mutate(undefined, {
                    onSuccess: (made) => {
                      setCodes(made.codes);
                    },
                  });
                }}
              >
                {t("settings.codes_new")}
              </Button>
              <Button
                variant="default"
                onClick={() => {
                  setRemoving(true);
                }}
              >
                {t("settings.totp_off")}
              </Button>
            </>
          )}
        </>
      }
    >
      {(profile.has_totp || beginTotp.isError || newCodes.isError) && (
        <>
          {profile.has_totp && (
            <p style={{ color: left <= FEW_CODES ? "var(--warn)" : "var(--text-2)" }}>{t("settings.codes_left", { count: left })}</p>
          )}
          <ErrorNotice error={beginTotp.error ?? newCodes.error} />
        </>
      )}
      <TotpDialog
        setup={setup}
        onCancel={() => {
          beginTotp.reset();
        }}
        onDone={() => {
          beginTotp.reset();
          void refresh();
          toast(t("settings.totp_done"));
        }}
      />
      <RecoveryCodes
        codes={codes}
        onDone={() => {
          setCodes(null);
          newCodes.reset();
          void refresh();
        }}
      />
      <ConfirmDialog
        opened={removing}
        onClose={() => {
          setRemoving(false);
        }}
        title={t("settings.totp_off_title")}
        verb={t("settings.totp_off")}
        danger
        onConfirm={async () => {
          await removeTotp.mutateAsync();
          toast(t("settings.totp_removed"));
        }}
      >
        {t("settings.totp_off_text")}
      </ConfirmDialog>
    </Section>
  );
}
