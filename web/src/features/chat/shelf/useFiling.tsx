import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { ChatRow } from "@/api/chats";
import { useT } from "@/locales";
import { toast } from "@/ui/toast";
import { undoToast } from "@/ui/undo";
import { FolderDialog } from "./FolderDialog";
import { MoveDialog } from "./MoveDialog";
import { type Act, type Folder, useChatActs } from "./queries";
import { ShareDialog } from "./ShareDialog";

type Asked = { kind: "share"; row: ChatRow } | { kind: "move"; rows: readonly ChatRow[] } | { kind: "folder"; folder: Folder | null };

export interface Filing {
  /** What was refused last. */
  error: unknown;
  forget: () => void;
  pin: (rows: readonly ChatRow[], on: boolean) => void;
  archive: (rows: readonly ChatRow[], on: boolean) => void;
  move: (rows: readonly ChatRow[], folder: string | null) => void;
  remove: (rows: readonly ChatRow[]) => void;
  rename: (row: ChatRow, title: string) => void;
  askShare: (row: ChatRow) => void;
  askMove: (rows: readonly ChatRow[]) => void;
  askFolder: (folder: Folder | null) => void;
  /** One of the dialogs is open. */
  asking: boolean;
  dialogs: React.ReactNode;
}

interface FilingOptions {
  workspace: string;
  /** The chat that is open: it closes when it is deleted. */
  current: string | null;
  onNew: () => void;
}

/** Everything that is done with chats, where there is a list of them and where one is open. */
export function useFiling({ workspace, current, onNew }: FilingOptions): Filing {
  const t = useT();
  const navigate = useNavigate();
  const { bulk, change } = useChatActs(workspace);
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => {
    setAsked(null);
  };
  const idsOf = (rows: readonly ChatRow[]) => rows.map((row) => row.id);
  const forget = () => {
    bulk.reset();
    change.reset();
  };
  // A list, or the head of a chat, may be gone when the answer comes: what follows belongs to no component.
  const after = (act: Act & { rows?: readonly ChatRow[] }, then: () => void, refused?: () => void) => {
    bulk.mutateAsync(act).then(then, refused ?? (() => undefined));
  };
  const sorry = () => {
    toast(t("shelf.undo_failed"));
  };
  const remove = (rows: readonly ChatRow[]) => {
    const chats = idsOf(rows);
    const open = current !== null && chats.includes(current) ? current : null;
    const back = () => {
      if (open !== null) void navigate({ to: "/w/$ws/chat/$chat", params: { ws: workspace, chat: open } });
    };
    after({ act: "delete", chats }, () => {
      if (open !== null) onNew();
      undoToast(t("shelf.deleted", { count: chats.length }), t("shelf.undo"), () => {
        after({ act: "restore", chats, rows }, back, sorry);
      });
    });
  };
  const archive = (rows: readonly ChatRow[], on: boolean) => {
    const chats = idsOf(rows);
    after({ act: on ? "archive" : "unarchive", chats }, () => {
      if (!on) toast(t("shelf.unarchived", { count: chats.length }));
      else
        undoToast(t("shelf.archived", { count: chats.length }), t("shelf.undo"), () => {
          after({ act: "unarchive", chats }, () => undefined, sorry);
        });
    });
  };
  return {
    error: bulk.error ?? change.error,
    forget,
    remove,
    archive,
    pin: (rows, on) => {
      bulk.mutate({ act: on ? "pin" : "unpin", chats: idsOf(rows) });
    },
    move: (rows, folder) => {
      after({ act: "move", chats: idsOf(rows), folder }, () => {
        toast(t(folder === null ? "shelf.moved_out" : "shelf.moved", { count: rows.length }));
      });
    },
    rename: (row, title) => {
      if (title !== "" && title !== row.title) change.mutate({ chat: row.id, body: { title } });
    },
    askShare: (row) => {
      setAsked({ kind: "share", row });
    },
    askMove: (rows) => {
      setAsked({ kind: "move", rows });
    },
    askFolder: (folder) => {
      setAsked({ kind: "folder", folder });
    },
    asking: asked !== null,
    dialogs: (
      <>
        <ShareDialog
          workspace={workspace}
          row={asked?.kind === "share" ? asked.row : null}
          onClose={close}
          onShared={(row, shared) => change.mutateAsync({ chat: row.id, body: { shared } })}
        />
        <MoveDialog
          workspace={workspace}
          rows={asked?.kind === "move" ? asked.rows : null}
          onClose={close}
          onMove={(rows, folder) => bulk.mutateAsync({ act: "move", chats: idsOf(rows), folder })}
        />
        <FolderDialog workspace={workspace} opened={asked?.kind === "folder"} folder={asked?.kind === "folder" ? asked.folder : null} onClose={close} />
      </>
    ),
  };
}
