import { ActionIcon, Badge, Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";

import { api, ask, type Schemas } from "@/api/client";
import { type Key, useT, useWords } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import styles from "./finder.module.css";
import { placeOf, startsSearch, wordOf } from "./finding";
import { ConsoleLink } from "./links";

type Results = Schemas["SearchResults"];

/** The one box of the console: finds people, keys, orders, requests by whatever somebody quotes. `/` opens it. */
export function Finder() {
  const t = useT();
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (!startsSearch(event) || document.querySelector("[role=dialog]")) return;
      event.preventDefault();
      setOpened(true);
    };
    document.addEventListener("keydown", listen);
    return () => {
      document.removeEventListener("keydown", listen);
    };
  }, []);
  const open = () => {
    setOpened(true);
  };
  return (
    <>
      <Button
        className={styles.field}
        variant="default"
        leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
        rightSection={
          <kbd className={styles.kbd} aria-hidden>
            /
          </kbd>
        }
        aria-keyshortcuts="/"
        onClick={open}
      >
        {t("console_search.open")}
      </Button>
      <ActionIcon className={styles.icon} aria-label={t("console_search.open")} onClick={open}>
        <IconSearch size={20} stroke={1.5} />
      </ActionIcon>
      <Dialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("console_search.open")}
        size="lg"
        centered={false}
        yOffset="10vh"
      >
        <Search
          onDone={() => {
            setOpened(false);
          }}
        />
      </Dialog>
    </>
  );
}

function Search({ onDone }: { onDone: () => void }) {
  const t = useT();
  const [text, setText] = useState("");
  const found = useMutation({ mutationFn: (q: string) => ask(api.POST("/api/console/search", { body: { q } })) });
  const list = useRef<HTMLUListElement>(null);
  const search = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim().length > 1) found.mutate(text.trim());
  };
  return (
    <div className={styles.body}>
      <form role="search" aria-label={t("console_search.open")} onSubmit={search}>
        <TextInput
          label={t("console_search.label")}
          description={t("console_search.hint")}
          type="search"
          value={text}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          data-autofocus
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== "ArrowDown") return;
            event.preventDefault();
            list.current?.querySelector("a")?.focus();
          }}
        />
      </form>
      <ErrorNotice error={found.error} />
      <div aria-live="polite">{found.data && <Hits found={found.data} list={list} onDone={onDone} />}</div>
    </div>
  );
}

function Hits({ found, list, onDone }: { found: Results; list: React.RefObject<HTMLUListElement | null>; onDone: () => void }) {
  const { t, catalogue } = useWords();
  const say = t as (key: Key) => string;
  const detailOf = (hit: Results["items"][number]) => {
    const word = wordOf(hit.kind, hit.detail);
    return word !== undefined && word in catalogue ? say(word as Key) : hit.detail;
  };
  return (
    <>
      {found.key_exposed && <p className={styles.exposed}>{t("console_search.exposed")}</p>}
      {found.items.length === 0 && <p>{t("console_search.nothing")}</p>}
      <ul ref={list} className={styles.hits} onKeyDown={walk}>
        {found.items.map((hit) => (
          <li key={`${hit.kind} ${hit.id}`}>
            <ConsoleLink {...placeOf(hit.path)} className={styles.hit} underline="never" onClick={onDone}>
              <Badge variant="light" color="gray">
                {say(`console_search.kind_${hit.kind}` as Key)}
              </Badge>
              <span className={styles.words}>
                <b>{hit.title}</b>
                <small>{detailOf(hit)}</small>
              </span>
            </ConsoleLink>
          </li>
        ))}
      </ul>
      {found.more && <p className={styles.more}>{t("console_search.more")}</p>}
    </>
  );
}

/** Up and down go through what was found. */
function walk(event: KeyboardEvent<HTMLUListElement>) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const links = [...event.currentTarget.querySelectorAll("a")];
  const next = links.indexOf(document.activeElement as HTMLAnchorElement) + (event.key === "ArrowDown" ? 1 : -1);
  links.at(Math.min(Math.max(next, 0), links.length - 1))?.focus();
}
