import { ActionIcon } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";

import { useT } from "@/locales";
import styles from "./message.module.css";
import type { Place } from "./tree";

/** ‹2/3› */
export function Alternatives({ place, go }: { place: Place; go: (step: number) => void }) {
  const t = useT();
  if (place.ids.length < 2) return null;
  const [number, count] = [place.index + 1, place.ids.length];
  return (
    <span className={styles.alternatives} role="group" aria-label={t("chat.alternatives")}>
      <ActionIcon size={24} aria-label={t("chat.before")} disabled={number === 1} onClick={() => { go(-1); }}>
        <IconChevronLeft size={16} stroke={1.5} aria-hidden />
      </ActionIcon>
      <span aria-live="polite">
        <span aria-hidden>
          {number}/{count}
        </span>
        <span className="visually-hidden">{t("chat.alternative", { number, count })}</span>
      </span>
      <ActionIcon size={24} aria-label={t("chat.after")} disabled={number === count} onClick={() => { go(1); }}>
        <IconChevronRight size={16} stroke={1.5} aria-hidden />
      </ActionIcon>
    </span>
  );
}
