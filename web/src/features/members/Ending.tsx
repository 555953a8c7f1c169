import { Anchor, Button, Checkbox, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { installationQuery, workspacesQuery } from "@/api/queries";
import { parse } from "@/lib/money";
import { Rich, useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Money } from "@/ui/Money";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { useMay, useWorkspace } from "@/ui/workspace";
import { KeysField } from "./KeysField";
import styles from "./members.module.css";
import { hasKeys } from "./model";
import { type Keys, type Member, useForget, useTeamActs } from "./queries";

/** Leave, hand the workspace over, delete it: each says what follows. */
export function Ending({ members }: { members: readonly Member[] }) {
  const t = useT();
  const owns = useMay("ownership");
  const you = members.find((member) => member.you);
  const lastOwner = you?.role === "owner" && members.filter((member) => member.role === "owner").length === 1;
  const others = members.filter((member) => !member.you);
  return (
    <Section title={t("team.ending")}>
      <div className={styles.acts}>
        {lastOwner ? <Act title={t("team.leave")} text={t("team.leave_last")} /> : <Leave you={you} />}
        {owns && <Transfer others={others} />}
        {owns && <Delete />}
      </div>
    </Section>
  );
}

function Act({ title, text, children }: { title: string; text: ReactNode; children?: ReactNode }) {
  return (
    <div className={styles.act}>
      <div>
        <h3>{title}</h3>
        <p>{text}</p>
      </div>
      {children}
    </div>
  );
}

/** One leaves the workspace of the page: the page goes to another one first. */
function useGone() {
  const navigate = useNavigate();
  const forget = useForget();
  const others = useQuery(workspacesQuery).data;
  return async (workspace: string) => {
    // Everybody keeps a workspace of their own.
    const next = others?.find((one) => one.id !== workspace);
    if (next !== undefined) await navigate({ to: "/w/$ws", params: { ws: next.id } });
    await forget(workspace);
  };
}

function Leave({ you }: { you: Member | undefined }) {
  const t = useT();
  const workspace = useWorkspace();
  const gone = useGone();
  const { leave } = useTeamActs(workspace.id);
  const [opened, setOpened] = useState(false);
  const [keys, setKeys] = useState<Keys>("hand_over");
  return (
    <Act title={t("team.leave")} text={t("team.leave_text")}>
      <Button
        variant="default"
        onClick={() => {
          setOpened(true);
        }}
      >
        {t("team.leave")}
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("team.leave_title", { name: workspace.name })}
        verb={t("team.leave")}
        danger
        onConfirm={async () => {
          await leave.mutateAsync(keys);
          toast(t("team.left", { name: workspace.name }));
          await gone(workspace.id);
        }}
      >
        <p>{t("team.leave_what")}</p>
        {you && hasKeys(you.role) && you.keys !== 0 && (
          <div className={styles.choices}>
            <KeysField value={keys} onChange={setKeys} you />
          </div>
        )}
      </ConfirmDialog>
    </Act>
  );
}

function Transfer({ others }: { others: readonly Member[] }) {
  const t = useT();
  const workspace = useWorkspace();
  const { transfer } = useTeamActs(workspace.id);
  const [opened, setOpened] = useState(false);
  const candidates = others.filter((member) => member.role !== "owner");
  const [chosen, choose] = useState<string | null>(null);
  const member = chosen ?? candidates[0]?.id ?? null;
  if (candidates.length === 0) return <Act title={t("team.transfer")} text={t("team.transfer_nobody")} />;
  return (
    <Act title={t("team.transfer")} text={t("team.transfer_text")}>
      <Button
        variant="default"
        onClick={() => {
          setOpened(true);
        }}
      >
        {t("team.transfer")}
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("team.transfer_title", { name: workspace.name })}
        verb={t("team.transfer")}
        danger
        typed={workspace.name}
        onConfirm={async () => {
          if (member === null) return;
          await transfer.mutateAsync({ member, name: workspace.name });
          toast(t("team.transferred", { name: candidates.find((one) => one.id === member)?.name ?? "" }));
        }}
      >
        <p>{t("team.transfer_what")}</p>
        <Left />
        <Select
          mt="md"
          label={t("team.new_owner")}
          value={member}
          onChange={choose}
          data={candidates.map((one) => ({ value: one.id, label: one.email === null ? one.name : `${one.name} (${one.email})` }))}
          allowDeselect={false}
        />
      </ConfirmDialog>
    </Act>
  );
}

function Delete() {
  const t = useT();
  const workspace = useWorkspace();
  const gone = useGone();
  const { delete: remove } = useTeamActs(workspace.id);
  const [opened, setOpened] = useState(false);
  const [forfeit, setForfeit] = useState(false);
  const rich = workspace.balance !== null && parse(workspace.balance) > 0n;
  return (
    <Act title={t("team.delete")} text={t("team.delete_text")}>
      <Button
        color="bad"
        onClick={() => {
          setForfeit(false);
          setOpened(true);
        }}
      >
        {t("team.delete")}
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("team.delete_title", { name: workspace.name })}
        verb={t("team.delete")}
        danger
        typed={workspace.name}
        onConfirm={async () => {
          await remove.mutateAsync({ name: workspace.name, forfeit_credits: forfeit });
          toast(t("team.deleted", { name: workspace.name }));
          await gone(workspace.id);
        }}
      >
        <Left refund />
        <p style={{ marginBlockStart: "var(--space-3)" }}>{t("team.delete_what")}</p>
        {rich && (
          <Checkbox
            mt="md"
            label={<Rich k="team.forfeit" values={{ credits: <Money value={workspace.balance} unit /> }} />}
            checked={forfeit}
            onChange={(event) => {
              setForfeit(event.currentTarget.checked);
            }}
          />
        )}
      </ConfirmDialog>
    </Act>
  );
}

/** What the workspace still has, and how to get it back before it goes. */
function Left({ refund = false }: { refund?: boolean }) {
  const t = useT();
  const workspace = useWorkspace();
  const support = useQuery(installationQuery).data?.support_email ?? "";
  return (
    <div className={styles.left} style={{ marginBlockStart: "var(--space-3)" }}>
      <p>
        <Rich k="team.credits_left" values={{ credits: <b key="credits"><Money value={workspace.balance} unit /></b> }} />
      </p>
      {refund && (
        <p className={styles.quiet}>
          <Rich k="team.refund_first" values={{ policy: <Anchor inherit href="/refund-policy">{t("team.refund_policy")}</Anchor>, support }} />
        </p>
      )}
    </div>
  );
}
