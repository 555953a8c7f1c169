import { useEffect, useRef, useState } from "react";

import { api } from "@/api/client";
import { ApiError, type Problem, problemOf } from "@/api/problem";
import { upload } from "@/api/upload";
import type { Attachment } from "../types";
import { type Kind, kindOf, MOST_BYTES, MOST_FILES } from "./model";

/** A file on its way into a message. */
export interface Item {
  key: string;
  name: string;
  size: number;
  kind: Kind | null;
  /** A picture to look at. */
  picture: string | null;
  state: { is: "sending"; part: number } | { is: "ready"; attachment: Attachment } | { is: "failed"; why: "type" | "size" | Problem };
}

export interface Files {
  items: readonly Item[];
  add: (files: readonly File[]) => void;
  remove: (key: string) => void;
  retry: (key: string) => void;
  /** Begin anew with these: they were sent, or another chat is open. */
  reset: (attachments: readonly Attachment[]) => void;
  /** More were added than a message carries. */
  tooMany: boolean;
}

let made = 0;

/** Files of a message: handed in as soon as they are chosen. kept: false in a temporary chat, where they are only read. */
export function useFiles(workspace: string, kept: boolean, initial: readonly Attachment[]): Files {
  const [items, setItems] = useState<readonly Item[]>(() => initial.map((one) => itemOf(workspace, one)));
  const [tooMany, setTooMany] = useState(false);
  const sources = useRef(new Map<string, File>());
  const running = useRef(new Map<string, () => void>());
  useEffect(() => {
    const stops = running.current;
    return () => {
      for (const stop of stops.values()) stop();
    };
  }, []);

  const set = (key: string, change: Partial<Item>) => {
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...change } : item)));
  };
  const send = (key: string, file: File) => {
    set(key, { state: { is: "sending", part: 0 } });
    const progress = (part: number) => {
      set(key, { state: { is: "sending", part } });
    };
    const sent = kept ? upload<Attachment>(workspace, file, progress, "chat/files") : read(workspace, key, file, progress);
    running.current.set(key, sent.stop);
    sent.done
      .then((attachment) => {
        set(key, { name: attachment.name, kind: attachment.kind, state: { is: "ready", attachment } });
      })
      .catch((failure: unknown) => {
        if (failure instanceof ApiError) set(key, { state: { is: "failed", why: failure.problem } });
      })
      .finally(() => running.current.delete(key));
  };
  const add = (files: readonly File[]) => {
    const room = MOST_FILES - items.length;
    setTooMany(files.length > room);
    const added = files.slice(0, room).map((file): [Item, File] => {
      const kind = kindOf(file);
      const wrong = kind === null ? "type" : file.size > MOST_BYTES ? "size" : null;
      const picture = kind === "image" && wrong === null ? URL.createObjectURL(file) : null;
      const state: Item["state"] = wrong === null ? { is: "sending", part: 0 } : { is: "failed", why: wrong };
      return [{ key: `file${made++}`, name: file.name, size: file.size, kind, picture, state }, file];
    });
    setItems((before) => [...before, ...added.map(([item]) => item)]);
    for (const [item, file] of added) {
      if (item.state.is !== "sending") continue;
      sources.current.set(item.key, file);
      send(item.key, file);
    }
  };
  const drop = (item: Item) => {
    running.current.get(item.key)?.();
    running.current.delete(item.key);
    sources.current.delete(item.key);
    if (item.picture?.startsWith("blob:")) URL.revokeObjectURL(item.picture);
  };
  return {
    items,
    add,
    tooMany,
    remove: (key) => {
      const item = items.find((one) => one.key === key);
      if (item === undefined) return;
      drop(item);
      setTooMany(false);
      setItems((before) => before.filter((one) => one.key !== key));
      // It is deleted now rather than in two days; one that stands in a message stays.
      if (kept && item.state.is === "ready") {
        void api.DELETE("/api/workspaces/{workspace}/chat/files/{upload}", { params: { path: { workspace, upload: item.state.attachment.id } } }).catch(() => undefined);
      }
    },
    retry: (key) => {
      const file = sources.current.get(key);
      if (file !== undefined) send(key, file);
    },
    reset: (attachments) => {
      for (const item of items) drop(item);
      setTooMany(false);
      setItems(attachments.map((one) => itemOf(workspace, one)));
    },
  };
}

export function readyOf(items: readonly Item[]): Attachment[] {
  return items.flatMap((item) => (item.state.is === "ready" ? [item.state.attachment] : []));
}

export function mayRetry(item: Item): boolean {
  if (item.state.is !== "failed" || typeof item.state.why === "string") return false;
  return !["upload_refused", "request_too_large", "invalid_value"].includes(item.state.why.code);
}

function itemOf(workspace: string, attachment: Attachment): Item {
  const { name, size, kind } = attachment;
  const picture = kind === "image" ? `/api/workspaces/${encodeURIComponent(workspace)}/chat/files/${encodeURIComponent(attachment.id)}` : null;
  return { key: `file${made++}`, name, size, kind, picture, state: { is: "ready", attachment } };
}

/** What a file says, where none may be kept: the server reads it and forgets it. */
function read(workspace: string, key: string, file: File, onProgress: (part: number) => void): { done: Promise<Attachment>; stop: () => void } {
  const sent = upload<Omit<Attachment, "id" | "inline"> & { text: string }>(workspace, file, onProgress, "chat/files/read");
  const done = sent.done.then(async ({ text, ...row }) => ({ ...row, id: `local_${key}`, inline: row.kind === "image" ? await dataUrl(file) : text }));
  return { done, stop: sent.stop };
}

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(reader.result as string);
    };
    reader.onerror = () => {
      reject(new ApiError(0, problemOf(null, null)));
    };
    reader.readAsDataURL(file);
  });
}
