import { ActionIcon, Button, Loader, Progress, UnstyledButton } from "@mantine/core";
import { IconFileText, IconFileTypePdf, IconPhoto, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { fileSize } from "@/lib/payments";
import { type Translate, useWords } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { inWords } from "@/ui/ErrorNotice";
import styles from "./chips.module.css";
import { MOST_BYTES } from "./model";
import { type Files, type Item, mayRetry } from "./useFiles";

const ICONS = { image: IconPhoto, pdf: IconFileTypePdf, text: IconFileText };

/** The files of the next message: what they are, how far they are, what is wrong with them. */
export function Chips({ files }: { files: Files }) {
  const { t } = useWords();
  const [seen, setSeen] = useState<Item | null>(null);
  return (
    <>
      <ul className={styles.chips} aria-label={t("composer.files")} hidden={files.items.length === 0}>
        {files.items.map((item) => (
          <Chip
            key={item.key}
            item={item}
            onSee={() => {
              setSeen(item);
            }}
            onRemove={() => {
              files.remove(item.key);
            }}
            onRetry={() => {
              files.retry(item.key);
            }}
          />
        ))}
      </ul>
      <Dialog
        opened={seen !== null}
        onClose={() => {
          setSeen(null);
        }}
        title={seen?.name ?? ""}
        size="xl"
      >
        {seen?.picture && <img src={seen.picture} alt={seen.name} className={styles.whole} />}
      </Dialog>
    </>
  );
}

interface ChipProps {
  item: Item;
  onSee: () => void;
  onRemove: () => void;
  onRetry: () => void;
}

function Chip({ item, onSee, onRemove, onRetry }: ChipProps) {
  const { t, tag, language } = useWords();
  const Icon = ICONS[item.kind ?? "text"];
  const { state } = item;
  return (
    <li className={styles.chip} data-state={state.is}>
      {item.picture !== null ? (
        <UnstyledButton className={styles.look} aria-label={t("composer.file.look", { name: item.name })} onClick={onSee}>
          <img src={item.picture} alt="" className={styles.picture} />
        </UnstyledButton>
      ) : (
        <span className={styles.icon}>
          <Icon size={20} stroke={1.5} aria-hidden />
        </span>
      )}
      <span className={styles.text}>
        <span className={styles.name} title={item.name}>
          {item.name}
        </span>
        {state.is === "sending" && state.part < 1 && <Progress className={styles.progress} value={Math.round(state.part * 100)} aria-label={t("file.sending", { name: item.name })} />}
        {state.is === "sending" && state.part >= 1 && (
          <span className={styles.fact}>
            <Loader size={12} aria-hidden /> {t("composer.file.reading")}
          </span>
        )}
        {state.is === "ready" && <span className={styles.fact}>{factsOf(item, t, tag)}</span>}
        {state.is === "failed" && (
          <span className={styles.wrong} role="alert">
            {state.why === "type"
              ? t("composer.file.wrong_type")
              : state.why === "size"
                ? t("composer.file.too_large", { size: fileSize(item.size, tag), most: fileSize(MOST_BYTES, tag) })
                : inWords(state.why, t, language === "en")}
            {mayRetry(item) && (
              <Button variant="subtle" size="compact-xs" onClick={onRetry}>
                {t("error.retry")}
              </Button>
            )}
          </span>
        )}
      </span>
      <ActionIcon size={28} aria-label={t("composer.file.remove", { name: item.name })} onClick={onRemove}>
        <IconX size={16} stroke={1.5} aria-hidden />
      </ActionIcon>
    </li>
  );
}

function factsOf(item: Item, t: Translate, tag: string): string {
  if (item.state.is !== "ready") return "";
  const { kind, pages, tokens, width, height } = item.state.attachment;
  if (kind === "image") return width === null ? fileSize(item.size, tag) : `${width} × ${height ?? 0}`;
  const count = t("composer.file.tokens", { count: tokens });
  return pages === null ? count : `${t("composer.file.pages", { count: pages })} · ${count}`;
}
