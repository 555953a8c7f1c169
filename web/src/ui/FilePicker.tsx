import { Button, Progress } from "@mantine/core";
import { IconFileText, IconUpload } from "@tabler/icons-react";
import { type DragEvent, useEffect, useId, useRef, useState } from "react";

import { ApiError } from "@/api/problem";
import { upload, type Uploaded } from "@/api/upload";
import { fileSize } from "@/lib/payments";
import { useWords } from "@/locales";
import { inWords } from "./ErrorNotice";
import styles from "./FilePicker.module.css";

interface FilePickerProps {
  workspace: string;
  label: string;
  /** What is taken: MIME types, and the most bytes of a file. None and 0 while nobody knows: the server decides. */
  types: readonly string[];
  mostBytes: number;
  /** What was handed in; null for nothing yet. */
  value: Uploaded | null;
  onChange: (value: Uploaded | null) => void;
  /** What is wrong with the field as a whole: nothing was chosen. */
  error?: string;
  /** While a file is on its way, the form cannot be sent. */
  onBusy?: (busy: boolean) => void;
}

interface Sending {
  file: File;
  part: number;
}

/** A file that is handed in as soon as it is chosen or dropped: preview, progress, the server's words when it refuses. */
export function FilePicker({ workspace, label, types, mostBytes, value, onChange, error, onBusy }: FilePickerProps) {
  const { t, tag, language } = useWords();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const running = useRef<(() => void) | null>(null);
  const [sending, setSending] = useState<Sending | null>(null);
  const [refusal, setRefusal] = useState("");
  const [picture, setPicture] = useState("");
  const [over, setOver] = useState(false);
  useEffect(
    () => () => {
      running.current?.();
    },
    [],
  );
  useEffect(
    () => () => {
      if (picture !== "") URL.revokeObjectURL(picture);
    },
    [picture],
  );

  const take = (file: File | undefined) => {
    if (file === undefined) return;
    setRefusal("");
    if (types.length > 0 && !types.includes(file.type)) {
      setRefusal(t("file.wrong_type", { name: file.name, types: kinds(types) }));
      return;
    }
    if (mostBytes > 0 && file.size > mostBytes) {
      setRefusal(t("file.too_large", { name: file.name, size: fileSize(file.size, tag), most: fileSize(mostBytes, tag) }));
      return;
    }
    running.current?.();
    const sent = upload(workspace, file, (part) => {
      setSending({ file, part });
    });
    running.current = sent.stop;
    setSending({ file, part: 0 });
    onBusy?.(true);
    sent.done
      .then((uploaded) => {
        setPicture(file.type.startsWith("image/") ? URL.createObjectURL(file) : "");
        onChange(uploaded);
      })
      .catch((failure: unknown) => {
        if (failure instanceof ApiError) setRefusal(inWords(failure.problem, t, language === "en"));
      })
      .finally(() => {
        running.current = null;
        setSending(null);
        onBusy?.(false);
      });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const wrong = refusal !== "" ? refusal : error;
  return (
    <div className={styles.field}>
      <span id={`${id}-label`} className={styles.label}>
        {label}
      </span>
      <div
        className={styles.place}
        data-over={over}
        data-wrong={wrong !== undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={drop}
      >
        {value !== null && sending === null && (
          <div className={styles.file}>
            {picture === "" ? <IconFileText size={28} stroke={1.5} aria-hidden /> : <img src={picture} alt={t("file.preview", { name: value.name })} className={styles.picture} />}
            <span className={styles.name}>
              {value.name}
              <small>{fileSize(value.size, tag)}</small>
            </span>
          </div>
        )}
        {sending !== null && (
          <div className={styles.sending}>
            <span className={styles.name}>{sending.file.name}</span>
            <Progress value={Math.round(sending.part * 100)} aria-label={t("file.sending", { name: sending.file.name })} />
          </div>
        )}
        <input
          ref={input}
          id={id}
          type="file"
          className="visually-hidden"
          accept={types.length > 0 ? types.join(",") : undefined}
          aria-labelledby={`${id}-label`}
          aria-describedby={`${id}-hint`}
          tabIndex={-1}
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            // The same file can be chosen again after a refusal.
            event.currentTarget.value = "";
          }}
        />
        <div className={styles.acts}>
          <Button
            variant="default"
            leftSection={<IconUpload size={16} stroke={1.5} aria-hidden />}
            loading={sending !== null}
            onClick={() => {
              input.current?.click();
            }}
          >
            {value === null ? t("file.choose") : t("file.replace")}
          </Button>
          <span className={styles.drag}>{t("file.drag")}</span>
        </div>
        <p id={`${id}-hint`} className={styles.hint}>
          {types.length > 0 && t("file.allowed", { types: kinds(types), most: fileSize(mostBytes, tag) })}
        </p>
      </div>
      <div role="alert">{wrong !== undefined && <p className={styles.wrong}>{wrong}</p>}</div>
    </div>
  );
}

const NAMES: Record<string, string> = { "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP", "image/gif": "GIF", "application/pdf": "PDF", "text/plain": "TXT" };

function kinds(types: readonly string[]): string {
  return types.map((type) => NAMES[type] ?? type).join(", ");
}
