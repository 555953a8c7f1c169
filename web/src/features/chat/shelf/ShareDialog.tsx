import { Button, Radio, Stack, Switch } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { ChatRow } from "@/api/chats";
import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { RowButton } from "@/ui/RowButton";
import { TimeAgo } from "@/ui/TimeAgo";
import { toast } from "@/ui/toast";
import { useHeld } from "@/ui/useHeld";
import { useWorkspace } from "@/ui/workspace";
import { type Audience, sharesQuery, useShareActs } from "./shares";
import styles from "./shelf.module.css";

interface ShareDialogProps {
  workspace: string;
  /** null: closed. */
  row: ChatRow | null;
  onClose: () => void;
  /** Let the workspace read along, or no longer. */
  onShared: (row: ChatRow, shared: boolean) => Promise<unknown>;
}

/** Who may read a chat: the workspace, as it goes on; whoever has a link, as it is now. */
export function ShareDialog({ workspace, row, onClose, onShared }: ShareDialogProps) {
  const t = useT();
  const held = useHeld(row);
  const team = useWorkspace().kind === "team";
  return (
    <Dialog opened={row !== null} onClose={onClose} title={t("shelf.share_title")}>
      {held !== null && (
        <Stack gap="lg">
          <p className={styles.named}>{held.title === "" ? t("shelf.untitled") : held.title}</p>
          {team && <WithWorkspace key={held.id} row={held} onShared={onShared} />}
          <ByLink workspace={workspace} chat={held.id} />
        </Stack>
      )}
    </Dialog>
  );
}

function WithWorkspace({ row, onShared }: { row: ChatRow; onShared: ShareDialogProps["onShared"] }) {
  const t = useT();
  const { name } = useWorkspace();
  const [on, setOn] = useState(row.shared);
  const share = useMutation({ mutationFn: (shared: boolean) => onShared(row, shared) });
  return (
    <section className={styles.part}>
      <h3>{t("shelf.share_team")}</h3>
      <Switch
        label={t("shelf.share_team_on", { name })}
        description={t("shelf.share_team_text")}
        checked={on}
        onChange={(event) => {
          const shared = event.currentTarget.checked;
          setOn(shared);
          share.mutate(shared, {
            onError: () => {
              setOn(!shared);
            },
          });
        }}
      />
      <ErrorNotice error={share.error} />
    </section>
  );
}

function ByLink({ workspace, chat }: { workspace: string; chat: string }) {
  const t = useT();
  const shares = useQuery(sharesQuery(workspace));
  const { create, revoke } = useShareActs(workspace);
  const [audience, setAudience] = useState<Audience>("anyone");
  const here = shares.data?.filter((one) => one.chat === chat) ?? [];
  return (
    <section className={styles.part}>
      <h3>{t("shelf.share_link")}</h3>
      <p className={styles.quiet}>{t("shelf.share_link_text")}</p>
      <Radio.Group label={t("shelf.audience")} value={audience} onChange={setAudience as (value: string) => void}>
        <Stack gap="xs" mt="xs">
          <Radio value="anyone" label={t("shelf.audience_anyone")} />
          <Radio value="signed_in" label={t("shelf.audience_signed_in")} />
        </Stack>
      </Radio.Group>
      <div>
        <Button
          loading={create.isPending}
          onClick={() => {
            create.mutate({ chat, audience });
          }}
        >
          {t("shelf.link_create")}
        </Button>
      </div>
      <ErrorNotice error={create.error ?? revoke.error ?? shares.error} />
      <div role="status" className="visually-hidden">
        {create.isSuccess ? t("shelf.link_made") : ""}
      </div>
      {here.length > 0 && (
        <ul className={styles.links} aria-label={t("shelf.links_here")}>
          {here.map((one) => (
            <li key={one.id}>
              <code className={styles.address}>{one.url}</code>
              <span className={styles.quiet}>
                {t(one.audience === "anyone" ? "shelf.audience_anyone" : "shelf.audience_signed_in")} · <TimeAgo moment={one.created_at} />
              </span>
              <span className={styles.acts}>
                <CopyButton text={one.url} label={t("shelf.link_copy")} wide />
                <RowButton
                  of={one.url}
                  loading={revoke.isPending && revoke.variables === one.id}
                  onClick={() => {
                    revoke.mutate(one.id, {
                      onSuccess: () => {
                        toast(t("shelf.link_revoked"));
                      },
                    });
                  }}
                >
                  {t("shelf.link_revoke")}
                </RowButton>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
