import { Badge, Button, Group, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconShieldLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { Schemas } from "@/api/client";
import { installationQuery } from "@/api/queries";
import { fieldErrors } from "@/lib/fields";
import { type Key, useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { type Column, DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { Result } from "@/ui/Result";
import { RowButton } from "@/ui/RowButton";
import { SecretOnce } from "@/ui/SecretOnce";
import { RowsSkeleton } from "@/ui/skeletons";
import { Snippet } from "@/ui/Snippet";
import { TimeAgo, useNow } from "@/ui/TimeAgo";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { EXPIRY_NAMES } from "./KeyFields";
import styles from "./keys.module.css";
import { EXPIRIES, type Expiry, expiresAt, type ManagementKey } from "./model";
import { managementKeysQuery, useManagementKeyActs } from "./queries";

type Role = ManagementKey["role"];
const ROLES: readonly Role[] = ["admin", "billing", "member"];
export const ROLE_NAMES: Record<Role, Key> = { admin: "role.admin", billing: "role.billing", member: "role.member" };

/** Keys of programs that manage this workspace; each may what its role may, and never more than its maker. */
export function ManagementKeys() {
  const t = useT();
  const say = t as (key: Key) => string;
  const workspace = useWorkspace();
  const keys = useQuery(managementKeysQuery(workspace.id));
  const { revoke } = useManagementKeyActs(workspace.id);
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<Schemas["ManagementKeyMade"] | null>(null);
  const [doomed, setDoomed] = useState<ManagementKey | null>(null);
  const base = useQuery(installationQuery).data?.base_url ?? location.origin;

  const create = (
    <Button
      leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
      onClick={() => {
        setCreating(true);
      }}
    >
      {t("mgmt.create")}
    </Button>
  );
  const columns: Column<ManagementKey>[] = [
    {
      id: "name",
      header: t("key.name"),
      primary: true,
      cell: (key) => (
        <span className={styles.name}>
          <span style={{ fontWeight: 500 }}>{key.name}</span>
          <code>{key.label}</code>
        </span>
      ),
    },
    { id: "role", header: t("mgmt.role"), cell: (key) => <Badge color="gray">{say(ROLE_NAMES[key.role])}</Badge> },
    {
      id: "created",
      header: t("key.created"),
      cell: (key) => (
        <span className={styles.two}>
          <TimeAgo moment={key.created_at} />
          <small>{key.creator_name ?? t("key.creator_gone")}</small>
        </span>
      ),
    },
    {
      id: "used",
      header: t("key.last_used"),
      cell: (key) => (key.last_used_at === null ? <span className={styles.quiet}>{t("key.never_used")}</span> : <TimeAgo moment={key.last_used_at} />),
    },
    {
      id: "expires",
      header: t("key.expires"),
      cell: (key) => (key.expires_at === null ? t("key.expiry_never") : <TimeAgo moment={key.expires_at} />),
    },
    {
      id: "act",
      header: t("mgmt.act"),
      action: true,
      cell: (key) => (
        <RowButton
          of={key.name}
          onClick={() => {
            setDoomed(key);
          }}
        >
          {t("mgmt.delete_short")}
        </RowButton>
      ),
    },
  ];
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="md">
        <Text c="var(--text-2)" maw="var(--width-prose)" style={{ flex: "1 1 20rem" }}>
          {t("mgmt.lead")}
        </Text>
        {keys.data !== undefined && keys.data.length > 0 && create}
      </Group>
      <Result query={keys} skeleton={<RowsSkeleton rows={3} />}>
        {(rows) => (
          <DataTable
            label={t("key.tab_management")}
            columns={columns}
            rows={rows}
            rowKey={(key) => key.id}
            empty={
              <EmptyState icon={IconShieldLock} title={t("mgmt.none")} action={create}>
                {t("mgmt.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
      <Dialog
        opened={creating}
        onClose={() => {
          setCreating(false);
        }}
        title={t("mgmt.create_title")}
      >
        <Form
          onClose={() => {
            setCreating(false);
          }}
          onMade={(key) => {
            setCreating(false);
            setMade(key);
          }}
        />
      </Dialog>
      <SecretOnce
        title={made === null ? "" : t("mgmt.made_title", { name: made.key.name })}
        secret={made?.secret ?? null}
        copyLabel={t("key.copy")}
        onClose={() => {
          setMade(null);
        }}
      >
        {made && (
          <Stack gap="md">
            <Text c="var(--text-2)">{t("mgmt.made_text")}</Text>
            <Snippet
              wrap
              samples={[{ label: "curl", code: `curl ${base}/api/workspaces/${workspace.id}/keys \\\n  -H "Authorization: Bearer ${made.secret}"` }]}
            />
          </Stack>
        )}
      </SecretOnce>
      <ConfirmDialog
        opened={doomed !== null}
        onClose={() => {
          setDoomed(null);
        }}
        title={doomed === null ? "" : t("key.delete_title", { name: doomed.name })}
        verb={t("mgmt.delete")}
        danger
        typed={doomed?.name ?? ""}
        onConfirm={async () => {
          if (doomed === null) return;
          await revoke.mutateAsync(doomed.id);
          toast(t("key.deleted", { name: doomed.name }));
        }}
      >
        {t("mgmt.delete_what")}
      </ConfirmDialog>
    </Stack>
  );
}

function Form({ onClose, onMade }: { onClose: () => void; onMade: (made: Schemas["ManagementKeyMade"]) => void }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const workspace = useWorkspace();
  const { create } = useManagementKeyActs(workspace.id);
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const [role, setRole] = useState<Role>("admin");
  const [expiry, setExpiry] = useState<Expiry>("90");
  const [date, setDate] = useState("");
  const now = useNow();
  const errors = fieldErrors(create.error);
  const dateWrong = expiry === "date" && !(Date.parse(date) > now);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || dateWrong) return;
    create.mutate({ name: name.trim(), role, expires_at: expiresAt(expiry, date, Date.now()) }, { onSuccess: onMade });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t("key.name")}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
          error={tried && name.trim() === "" ? t("key.wrong_name") : errors.name}
          maxLength={80}
          autoComplete="off"
          data-autofocus
        />
        <Select
          label={t("mgmt.role")}
          description={t("mgmt.role_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={role}
          onChange={(value) => {
            setRole((value ?? "admin") as Role);
          }}
          data={ROLES.map((one) => ({ value: one, label: say(ROLE_NAMES[one]) }))}
          allowDeselect={false}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <Select
            label={t("key.expiry")}
            value={expiry}
            onChange={(value) => {
              setExpiry((value ?? "90") as Expiry);
            }}
            data={EXPIRIES.map((one) => ({ value: one, label: say(EXPIRY_NAMES[one]) }))}
            allowDeselect={false}
          />
          {expiry === "date" && (
            <TextInput
              type="datetime-local"
              label={t("key.expiry_at")}
              value={date}
              onChange={(event) => {
                setDate(event.currentTarget.value);
              }}
              error={tried && dateWrong ? t("key.wrong_past") : errors.expires_at}
            />
          )}
        </SimpleGrid>
        <ErrorNotice error={create.error} />
        <FormButtons act={t("mgmt.create")} busy={create.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
