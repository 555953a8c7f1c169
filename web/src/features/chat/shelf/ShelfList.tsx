import { Button } from "@mantine/core";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";

import type { ChatRow } from "@/api/chats";
import { monthName } from "@/lib/time";
import { type Key, type Translate, useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { useZone } from "@/ui/zone";
import { byDay, heir, type Listed, type View } from "./model";
import { useMore } from "./queries";
import { Row, type RowEvents } from "./Row";
import { RowMenu, type RowMenuTarget } from "./RowMenu";
import styles from "./shelf.module.css";
import type { Filing } from "./useFiling";
import type { Selection } from "./useSelection";

export const DRAGGED = "application/x-omna-chats";

interface ShelfListProps {
  workspace: string;
  view: View;
  listed: Listed;
  pinned: readonly ChatRow[];
  current: string | null;
  filing: Filing;
  selection: Selection;
  onOpen: () => void;
}

/** Chats under their days. Arrows go through them, Enter opens, F2 renames, Delete deletes; a further page comes at the end. */
export function ShelfList({ workspace, view, listed, pinned, current, filing, selection, onOpen }: ShelfListProps) {
  const { t, tag } = useWords();
  const zone = useZone();
  const now = useToday();
  const place = useRef<HTMLDivElement>(null);
  const [reached, setReached] = useState<string | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [menu, setMenu] = useState<RowMenuTarget | null>(null);
  const focusOn = useRef<string | null>(null);
  const rest = useMemo(() => (pinned.length === 0 ? listed.rows : listed.rows.filter((row) => !row.pinned)), [listed.rows, pinned.length]);
  const groups = useMemo(() => byDay(rest, now, zone), [rest, now, zone]);
  const all = useMemo(() => [...pinned, ...rest], [pinned, rest]);
  const known = (id: string | null) => id !== null && all.some((row) => row.id === id);
  const reachable = known(reached) ? reached : known(current) ? current : (all[0]?.id ?? null);

  // A row that has just taken the place of another, of a field or of one that went.
  useEffect(() => {
    if (focusOn.current === null) return;
    const element = find(place.current, focusOn.current);
    if (element !== null) {
      focusOn.current = null;
      element.focus();
    }
  });
  const remove = (rows: readonly ChatRow[]) => {
    focusOn.current = heir(all, new Set(rows.map((row) => row.id)));
    filing.remove(rows);
  };
  const does: RowEvents = {
    onFocus: setReached,
    onOpen,
    onMenu: (row, anchor) => {
      setMenu({ row, anchor });
    },
    onTitle: (row, title, back) => {
      if (back) focusOn.current = row.id;
      setRenaming(null);
      if (title !== null) filing.rename(row, title);
    },
    onTick: selection.tick,
    onDrag: (row, transfer) => {
      transfer.setData(DRAGGED, JSON.stringify([row.id]));
      transfer.effectAllowed = "move";
    },
  };
  const events = useStable(does);

  const key = (event: KeyboardEvent) => {
    // From the button of a row, too.
    const id = (event.target as HTMLElement).closest("li")?.querySelector<HTMLElement>("[data-row]")?.dataset.row;
    const row = id === undefined ? undefined : all.find((one) => one.id === id);
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (to: number) => {
      const next = all[Math.max(0, Math.min(all.length - 1, to))];
      if (next !== undefined) find(place.current, next.id)?.focus();
    };
    const at = all.indexOf(row);
    const acts: Partial<Record<string, () => void>> = {
      ArrowDown: () => { step(at + 1); },
      ArrowUp: () => { step(at - 1); },
      Home: () => { step(0); },
      End: () => { step(all.length - 1); },
      ...(row.mine && selection.ids === null
        ? {
            F2: () => { setRenaming(row.id); },
            Delete: () => { remove([row]); },
          }
        : {}),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const draw = (row: ChatRow) => (
    <Row
      key={row.id}
      workspace={workspace}
      row={row}
      events={events}
      current={row.id === current}
      reachable={row.id === reachable}
      renaming={row.id === renaming}
      selected={selection.ids?.has(row.id) ?? null}
    />
  );
  return (
    <div ref={place} className={styles.lists} onKeyDown={key}>
      {pinned.length > 0 && (
        <Days name={t("shelf.pinned")}>{pinned.map(draw)}</Days>
      )}
      {groups.map((group) => (
        <Days key={group.name} name={dayName(group.name, t, tag)}>
          {group.rows.map(draw)}
        </Days>
      ))}
      {listed.next !== null && <More workspace={workspace} view={view} cursor={listed.next} />}
      <RowMenu
        workspace={workspace}
        target={menu}
        filing={{ ...filing, remove }}
        onClose={() => {
          setMenu(null);
        }}
        onRename={(row) => {
          setRenaming(row.id);
        }}
        onSelect={(row) => {
          focusOn.current = row.id;
          selection.start(row.id);
        }}
      />
    </div>
  );
}

function Days({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <section className={styles.days} aria-label={name}>
      <h2>{name}</h2>
      <ul>{children}</ul>
    </section>
  );
}

/** The next page, when its place comes into view; a button for whoever does not scroll. */
function More({ workspace, view, cursor }: { workspace: string; view: View; cursor: string }) {
  const { t } = useWords();
  const more = useMore(workspace, view);
  const end = useRef<HTMLDivElement>(null);
  const { mutate, isError, isPending } = more;
  useEffect(() => {
    const element = end.current;
    if (element === null || isError) return;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) mutate(cursor);
      },
      { rootMargin: "400px" },
    );
    watch.observe(element);
    return () => {
      watch.disconnect();
    };
  }, [cursor, mutate, isError]);
  return (
    <div ref={end} className={styles.end}>
      {isError ? (
        <ErrorNotice
          error={more.error}
          retry={() => {
            mutate(cursor);
          }}
        />
      ) : (
        <Button
          variant="subtle"
          size="compact-sm"
          loading={isPending}
          onClick={() => {
            mutate(cursor);
          }}
        >
          {t("shelf.more")}
        </Button>
      )}
    </div>
  );
}

function find(place: HTMLElement | null, id: string): HTMLElement | null {
  return place?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`) ?? null;
}

const NAMED: Readonly<Record<string, Key>> = { today: "shelf.today", yesterday: "shelf.yesterday", week: "shelf.week" };

function dayName(name: string, t: Translate, tag: string): string {
  const key = NAMED[name];
  return key === undefined ? monthName(name, tag) : (t as (key: Key) => string)(key);
}

/** The moment the day began to be looked at; another one an hour later. */
function useToday(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, HOUR_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

const HOUR_MS = 3_600_000;

/** Return one object whose functions always do what they would do now: rows that did not change are not drawn again. */
function useStable(events: RowEvents): RowEvents {
  const latest = useRef(events);
  useEffect(() => {
    latest.current = events;
  });
  return useMemo<RowEvents>(
    () => ({
      onFocus: (id) => { latest.current.onFocus(id); },
      onOpen: () => { latest.current.onOpen(); },
      onMenu: (row, anchor) => { latest.current.onMenu(row, anchor); },
      onTitle: (row, title, back) => { latest.current.onTitle(row, title, back); },
      onTick: (row, range) => { latest.current.onTick(row, range); },
      onDrag: (row, transfer) => { latest.current.onDrag(row, transfer); },
    }),
    [],
  );
}
