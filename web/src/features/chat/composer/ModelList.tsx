import { ActionIcon, Badge, TextInput } from "@mantine/core";
import { IconCheck, IconSearch, IconStar, IconStarFilled } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";

import { composing } from "@/lib/keystroke";
import { day } from "@/lib/time";
import { type Key, useWords } from "@/locales";
import { Money } from "@/ui/Money";
import { toggled } from "@/lib/toggled";
import { useChatSettings } from "@/ui/useChatSettings";
import type { Model } from "../types";
import { canSee } from "./model";
import { groupsOf } from "./picking";
import styles from "./picker.module.css";

interface ModelListProps {
  models: readonly Model[];
  chosen: readonly string[];
  /** No more can be chosen: only what is chosen already reacts. */
  full?: boolean;
  onPick: (id: string) => void;
}

/** Search and models to pick from: ↑ and ↓ walk, typing searches, Enter picks. */
export function ModelList({ models, chosen, full = false, onPick }: ModelListProps) {
  const { t } = useWords();
  const { settings, change } = useChatSettings();
  const [search, setSearch] = useState("");
  const [starred] = useState(settings.favourites);
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  // What gets a star stays where it is until the list is opened again.
  const groups = groupsOf(models, search, starred.length > 0 ? starred : settings.favourites, settings.recent);
  const first = groups[0]?.models.find((model) => model.available);

  const walk = (event: KeyboardEvent) => {
    if (composing(event.nativeEvent)) return;
    const rows = [...(list.current?.querySelectorAll<HTMLButtonElement>("button[data-row]") ?? [])];
    const here = rows.indexOf(document.activeElement as HTMLButtonElement);
    const go = (to: number) => {
      event.preventDefault();
      if (to < 0) input.current?.focus();
      else rows[Math.min(to, rows.length - 1)]?.focus();
    };
    if (event.key === "ArrowDown") go(here + 1);
    else if (event.key === "ArrowUp" && here >= 0) go(here - 1);
    else if (event.key === "Enter" && event.target === input.current && first !== undefined && search !== "") {
      event.preventDefault();
      onPick(first.id);
    } else if (here >= 0 && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) input.current?.focus();
  };
  return (
    <div className={styles.picker} onKeyDown={walk}>
      <TextInput
        ref={input}
        data-autofocus
        leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
        aria-label={t("composer.model.search")}
        placeholder={t("composer.model.search")}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
        }}
      />
      <div ref={list} className={styles.list} role="group" aria-label={t("composer.model.title")} tabIndex={-1}>
        {groups.length === 0 && <p className={styles.none}>{t("composer.model.none")}</p>}
        {groups.map((group) => (
          <section key={group.name} aria-label={t(`composer.model.${group.name}`)}>
            <h3 className={styles.group}>{t(`composer.model.${group.name}`)}</h3>
            <ul>
              {group.models.map((model) => (
                <Row
                  key={model.id}
                  model={model}
                  models={models}
                  chosen={chosen.includes(model.id)}
                  full={full}
                  starred={settings.favourites.includes(model.id)}
                  onPick={onPick}
                  onStar={() => {
                    change({ favourites: toggled(settings.favourites, model.id) });
                  }}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  model: Model;
  models: readonly Model[];
  chosen: boolean;
  full: boolean;
  starred: boolean;
  onPick: (id: string) => void;
  onStar: () => void;
}

function Row({ model, models, chosen, full, starred, onPick, onStar }: RowProps) {
  const { t, tag } = useWords();
  const off = !model.available || (full && !chosen);
  const Star = starred ? IconStarFilled : IconStar;
  const successor = models.find((one) => one.id === model.successor);
  return (
    <li className={styles.row} data-chosen={chosen} data-off={off}>
      <button
        type="button"
        data-row
        className={styles.pick}
        aria-pressed={chosen}
        aria-disabled={off}
        onClick={() => {
          if (!off) onPick(model.id);
        }}
      >
        <span className={styles.name}>
          <strong>{model.name}</strong>
          {chosen && <IconCheck size={16} stroke={1.5} aria-hidden />}
          <Abilities model={model} />
        </span>
        <span className={styles.facts}>
          <span className={styles.id}>{model.id}</span>
          {model.free ? (
            t("models.free")
          ) : (
            <span>
              <Money value={model.prices.prompt} form="short" rounding="charge" inert /> / <Money value={model.prices.completion} form="short" rounding="charge" inert />{" "}
              {t("composer.model.per_million")}
            </span>
          )}
          {model.context_length !== null && <span>{t("composer.model.context", { tokens: compact(model.context_length, tag) })}</span>}
        </span>
        {(!model.available || model.retires_at !== null) && (
          <span className={styles.why}>
            {model.available && model.retires_at !== null ? t("models.retires", { day: day(model.retires_at, tag) }) : (model.why_not ?? t("models.unavailable"))}{" "}
            {model.successor !== null && t("models.successor", { name: successor?.name ?? model.successor })}
          </span>
        )}
      </button>
      {off && successor?.available === true && !full && (
        <button
          type="button"
          data-row
          className={styles.instead}
          onClick={() => {
            onPick(successor.id);
          }}
        >
          {t("composer.model.take", { name: successor.name })}
        </button>
      )}
      <ActionIcon size={32} aria-label={t("models.favourite", { name: model.name })} aria-pressed={starred} className={styles.star} onClick={onStar}>
        <Star size={16} stroke={1.5} />
      </ActionIcon>
    </li>
  );
}

const ABILITIES: readonly [Key, (model: Model) => boolean][] = [
  ["models.vision", canSee],
  ["models.reasoning", (model) => model.reasoning === true],
  ["models.tools", (model) => model.tools === true],
];

function Abilities({ model }: { model: Model }) {
  const { t } = useWords();
  return ABILITIES.filter(([, has]) => has(model)).map(([key]) => (
    <Badge key={key} color="gray" size="xs">
      {(t as (key: Key) => string)(key)}
    </Badge>
  ));
}

/** Return a number of tokens as people say it: 128K, 1M. */
function compact(count: number, tag: string): string {
  return new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 }).format(count);
}
