import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Rich, useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { RowButton } from "@/ui/RowButton";
import { Section } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import { toast } from "@/ui/toast";
import { identitiesQuery, type Identity, useAccountActs } from "./queries";
import styles from "./settings.module.css";

interface Provider {
  provider: string;
  label: string;
}

/** Accounts elsewhere that sign in here. Not drawn where none is configured. */
export function Identities() {
  const t = useT();
  const identities = useQuery(identitiesQuery);
  const { link, unlink } = useAccountActs();
  const [doomed, setDoomed] = useState<Identity | null>(null);
  if (identities.isError) return <ErrorNotice error={identities.error} retry={() => void identities.refetch()} />;
  const linked = identities.data?.linked ?? [];
  const available = ((identities.data?.available ?? []) as unknown as Provider[]).filter(
    (one) => !linked.some((identity) => identity.provider === one.provider),
  );
  if (linked.length === 0 && available.length === 0) return null;
  return (
    <Section title={t("settings.identities")} text={t("settings.identities_text")}>
      <ul className={styles.rows}>
        {linked.map((row) => (
          <li key={row.id}>
            <div className={styles.item}>
              <b>{row.label}</b>
              <span className={styles.quiet}>
                {row.email !== null && `${row.email} · `}
                <Rich k="settings.identity_linked" values={{ when: <TimeAgo moment={row.linked_at} /> }} />
              </span>
            </div>
            <RowButton
              of={row.label}
              onClick={() => {
                setDoomed(row);
              }}
            >
              {t("settings.unlink")}
            </RowButton>
          </li>
        ))}
        {available.map((row) => (
          <li key={row.provider}>
            <div className={styles.item}>
              <b>{row.label}</b>
              <span className={styles.quiet}>{t("settings.identity_none")}</span>
            </div>
            <RowButton
              of={row.label}
              loading={link.isPending && link.variables === row.provider}
              onClick={() => {
                link.mutate(row.provider);
              }}
            >
              {t("settings.link")}
            </RowButton>
          </li>
        ))}
      </ul>
      <ErrorNotice error={link.error} />
      <ConfirmDialog
        opened={doomed !== null}
        onClose={() => {
          setDoomed(null);
        }}
        title={t("settings.unlink_named", { name: doomed?.label ?? "" })}
        verb={t("settings.unlink_verb")}
        danger
        onConfirm={async () => {
          if (doomed === null) return;
          await unlink.mutateAsync(doomed.id);
          toast(t("settings.unlinked", { name: doomed.label }));
        }}
      >
        {t("settings.unlink_text")}
      </ConfirmDialog>
    </Section>
  );
}
