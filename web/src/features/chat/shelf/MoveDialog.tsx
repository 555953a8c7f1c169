import { Radio, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { ChatRow } from "@/api/chats";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { toast } from "@/ui/toast";
import { useHeld } from "@/ui/useHeld";
import { type Folder, foldersQuery } from "./queries";
import styles from "./shelf.module.css";

interface MoveDialogProps {
  workspace: string;
  /** null: closed. */
  rows: readonly ChatRow[] | null;
  onClose: () => void;
  onMove: (rows: readonly ChatRow[], folder: string | null) => Promise<unknown>;
}

/** Into which folder: the way without dragging. */
export function MoveDialog({ workspace, rows, onClose, onMove }: MoveDialogProps) {
  const t = useT();
  const folders = useQuery({ ...foldersQuery(workspace), enabled: rows !== null });
  const held = useHeld(rows);
  return (
    <Dialog opened={rows !== null} onClose={onClose} title={t("shelf.move_title")} size="sm">
      {held !== null && (
        <Result query={folders} skeleton={<BlockSkeleton height={160} />}>
          {(data) => <Form rows={held} folders={data} onClose={onClose} onMove={onMove} />}
        </Result>
      )}
    </Dialog>
  );
}

function Form({ rows, folders, onClose, onMove }: Pick<MoveDialogProps, "onClose" | "onMove"> & { rows: readonly ChatRow[]; folders: readonly Folder[] }) {
  const t = useT();
  const [folder, setFolder] = useState(rows[0]?.folder ?? "");
  const move = useMutation({ mutationFn: () => onMove(rows, folder === "" ? null : folder) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    move.mutate(undefined, {
      onSuccess: () => {
        toast(t(folder === "" ? "shelf.moved_out" : "shelf.moved", { count: rows.length }));
        onClose();
      },
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <p className={styles.quiet}>{t("shelf.move_text", { count: rows.length })}</p>
        <Radio.Group aria-label={t("shelf.folders")} value={folder} onChange={setFolder}>
          <Stack gap="xs" className={styles.choices}>
            <Radio value="" label={t("shelf.no_folder")} data-autofocus={folder === "" ? true : undefined} />
            {folders.map((one) => (
              <Radio key={one.id} value={one.id} label={one.name} data-autofocus={folder === one.id ? true : undefined} />
            ))}
          </Stack>
        </Radio.Group>
        {folders.length === 0 && <p className={styles.quiet}>{t("shelf.no_folders_yet")}</p>}
        <ErrorNotice error={move.error} />
        <FormButtons act={t("shelf.move")} busy={move.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
