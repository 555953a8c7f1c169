import { Button, FileButton, Loader } from "@mantine/core";
import { IconPaperclip, IconX } from "@tabler/icons-react";

import { ApiError } from "@/api/problem";
import { useWords } from "@/locales";
import { inWords } from "@/ui/ErrorNotice";
import { FILE_TYPES, fileSize, MOST_BYTES, MOST_FILES } from "./model";
import { type Attachment, handIn } from "./queries";
import styles from "./support.module.css";

export interface Picked {
  key: number;
  name: string;
  size: number;
  /** What the server made of it. */
  upload?: Attachment;
  /** Why it cannot come along. */
  problem?: string;
}

/** Whether no file is still on its way. A refused one stays behind by itself. */
export function ready(files: readonly Picked[]): boolean {
  return files.every((file) => file.upload !== undefined || file.problem !== undefined);
}

interface FilesProps {
  workspace: string;
  files: readonly Picked[];
  onChange: (change: (files: readonly Picked[]) => readonly Picked[]) => void;
}

let last = 0;

/** Files that go with a message: handed in as soon as they are chosen, so that a refusal is seen at once. */
export function Files({ workspace, files, onChange }: FilesProps) {
  const { t, tag, language } = useWords();
  const add = (chosen: readonly File[]) => {
    const taken = files.filter((file) => file.problem === undefined).length;
    for (const [index, file] of chosen.entries()) {
      const picked: Picked = { key: ++last, name: file.name, size: file.size };
      const change = (more: Partial<Picked>) => {
        onChange((before) => before.map((one) => (one.key === picked.key ? { ...one, ...more } : one)));
      };
      if (taken + index >= MOST_FILES) picked.problem = t("support.file_many", { count: MOST_FILES });
      else if (file.size > MOST_BYTES) picked.problem = t("support.file_large");
      onChange((before) => [...before, picked]);
      if (picked.problem !== undefined) continue;
      handIn(workspace, file).then(
        (upload) => {
          change({ upload });
        },
        (error: unknown) => {
          change({ problem: error instanceof ApiError ? inWords(error.problem, t, language === "en") : t("error.unreadable") });
        },
      );
    }
  };
  return (
    <div className={styles.files}>
      {files.length > 0 && (
        <ul aria-label={t("support.files")}>
          {files.map((file) => (
            <li key={file.key} data-wrong={file.problem !== undefined}>
              <IconPaperclip size={16} stroke={1.5} aria-hidden />
              <span className={styles.name}>{file.upload?.name ?? file.name}</span>
              <small>{fileSize(file.size, tag)}</small>
              {file.upload === undefined && file.problem === undefined && <Loader size={16} aria-label={t("support.file_sending")} />}
              <Button
                variant="subtle"
                size="compact-sm"
                leftSection={<IconX size={16} stroke={1.5} aria-hidden />}
                onClick={() => {
                  onChange((before) => before.filter((one) => one.key !== file.key));
                }}
              >
                {t("support.take_away")}
              </Button>
              {file.problem !== undefined && (
                <p className={styles.wrong} role="alert">
                  {file.problem}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className={styles.attach}>
        <FileButton multiple accept={FILE_TYPES} onChange={add}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconPaperclip size={16} stroke={1.5} aria-hidden />}>
              {t("support.attach")}
            </Button>
          )}
        </FileButton>
        <span>{t("support.attach_hint", { count: MOST_FILES })}</span>
      </div>
    </div>
  );
}
