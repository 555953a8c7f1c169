import { Anchor, Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { Schemas } from "@/api/client";
import { installationQuery } from "@/api/queries";
import { fieldErrors } from "@/lib/fields";
import { parse } from "@/lib/money";
import { clock } from "@/lib/time";
import { Rich, useT, useWords } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { useZone } from "@/ui/zone";
import { deletionQuery, type Profile, useAccountActs } from "./queries";
import styles from "./settings.module.css";

export function MyData({ profile }: { profile: Profile }) {
  return (
    <>
      <Export />
      <Deletion profile={profile} />
    </>
  );
}

function Export() {
  const { t, tag } = useWords();
  const zone = useZone();
  const { export: make } = useAccountActs();
  const made = make.data;
  return (
    <Section
      title={t("settings.export")}
      text={t("settings.export_text")}
      actions={
        <Button
          variant="default"
          loading={make.isPending}
          onClick={() => {
            make.mutate();
          }}
        >
          {t("settings.export_make")}
        </Button>
      }
    >
      {(made !== undefined || make.isError) && (
        <div role="status">
          {made?.url && (
            <Group gap="sm">
              <Button component="a" href={made.url} download leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}>
                {t("settings.export_download")}
              </Button>
              {made.expires_at !== null && <span className={styles.quiet}>{t("settings.export_until", { time: clock(made.expires_at, tag, zone) })}</span>}
            </Group>
          )}
          {made !== undefined && !made.url && <p>{t("settings.export_making")}</p>}
          <ErrorNotice error={make.error} />
        </div>
      )}
    </Section>
  );
}

function Deletion({ profile }: { profile: Profile }) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const close = () => {
    setOpened(false);
  };
  return (
    <Section
      title={t("settings.delete")}
      text={t("settings.delete_text")}
      actions={
        <Button
          color="bad"
          onClick={() => {
            setOpened(true);
          }}
        >
          {t("settings.delete_account")}
        </Button>
      }
    >
      <Dialog opened={opened} onClose={close} title={t("settings.delete_account")}>
        <Facts profile={profile} onClose={close} />
      </Dialog>
    </Section>
  );
}

function Facts({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const facts = useQuery(deletionQuery);
  return (
    <Result query={facts} skeleton={<BlockSkeleton height={220} />}>
      {(data) => (data.blocked_by.length > 0 ? <Blocked facts={data} /> : <Form profile={profile} facts={data} onClose={onClose} />)}
    </Result>
  );
}

/** Teams that would be left without an owner come first. */
function Blocked({ facts }: { facts: Schemas["DeletionFacts"] }) {
  const t = useT();
  return (
    <Stack gap="md">
      <p>{t("settings.delete_blocked")}</p>
      <ul className={styles.rows}>
        {(facts.blocked_by as { workspace: string; name: string }[]).map((one) => (
          <li key={one.workspace}>
            <AnchorLink to="/w/$ws/team" params={{ ws: one.workspace }}>
              {one.name}
            </AnchorLink>
          </li>
        ))}
      </ul>
    </Stack>
  );
}

function Form({ profile, facts, onClose }: { profile: Profile; facts: Schemas["DeletionFacts"]; onClose: () => void }) {
  const t = useT();
  const { delete: remove } = useAccountActs();
  const support = useQuery(installationQuery).data?.support_email ?? "";
  const [email, setEmail] = useState("");
  const [forfeit, setForfeit] = useState(false);
  const rich = parse(facts.credits_left) > 0n;
  const ready = email.trim().toLowerCase() === profile.email.toLowerCase() && (!rich || forfeit);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    remove.mutate(
      { email: email.trim(), forfeit_credits: forfeit },
      {
        onSuccess: () => {
          // Nobody is signed in any more: the public site.
          location.assign("/");
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <p>{t("settings.delete_what")}</p>
        <div className={styles.left}>
          <p>
            <Rich
              k="settings.delete_credits"
              values={{
                credits: (
                  <b>
                    <Money value={facts.credits_left} unit />
                  </b>
                ),
              }}
            />
          </p>
          {rich && (
            <p className={styles.quiet}>
              <Rich k="settings.delete_refund" values={{ policy: <Anchor inherit href="/refund-policy">{t("team.refund_policy")}</Anchor>, support }} />
            </p>
          )}
        </div>
        {rich && (
          <Checkbox
            label={<Rich k="team.forfeit" values={{ credits: <Money value={facts.credits_left} unit /> }} />}
            checked={forfeit}
            onChange={(event) => {
              setForfeit(event.currentTarget.checked);
            }}
          />
        )}
        <TextInput
          label={<Rich k="confirm.type" values={{ text: <strong>{profile.email}</strong> }} />}
          value={email}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
          }}
          error={fieldErrors(remove.error).email}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <ErrorNotice error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" color="bad" disabled={!ready} loading={remove.isPending}>
            {t("settings.delete_account")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
