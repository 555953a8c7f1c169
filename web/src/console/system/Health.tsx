import { Badge, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { type Key, useT, useWords } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { Section, Sections } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import { ConsoleLink } from "../links";
import { useStaffMay } from "../session";
import { inBytes, troubleOf } from "./model";
import { type System, systemQuery, useSystemActs } from "./queries";

type Pairs = [string, ReactNode][];

/** Versions, database, what waits and what failed, backups, keys. */
export function Health() {
  const system = useQuery(systemQuery);
  return (
    <Result query={system} skeleton={<BlockSkeleton height={480} />}>
      {(data) => (
        <Sections>
          <Overview system={data} />
          <Database system={data} />
          <Copies system={data} />
          <Versions system={data} />
        </Sections>
      )}
    </Result>
  );
}

function Overview({ system }: { system: System }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const troubled = system.jobs.filter((job) => troubleOf(job) === "failing" || job.overdue);
  const counted = (prefix: string, rows: System["events"], to: (state: string) => Record<string, string>, path: string): Pairs =>
    rows.map((row) => [
      say(`${prefix}${row.state}` as Key),
      <span key={row.state}>
        <ConsoleLink to={path} search={to(row.state)}>
          {row.count}
        </ConsoleLink>{" "}
        · <TimeAgo moment={row.since} />
      </span>,
    ]);
  return (
    <>
      <Section
        title={t("console_system.jobs")}
        mark={
          <Badge variant="light" color={system.jobs.length === 0 ? "warn" : troubled.length === 0 ? "ok" : "bad"}>
            {system.jobs.length === 0 ? t("console_system.no_worker") : troubled.length === 0 ? t("console_system.all_well") : t("console_system.in_trouble", { count: troubled.length })}
          </Badge>
        }
        actions={
          <ConsoleLink to="/system" search={{ tab: "jobs" }}>
            {t("console_system.all_jobs")}
          </ConsoleLink>
        }
      />
      <Section
        title={t("console_system.mail")}
        text={system.mail.server ? undefined : t("console_system.no_mail_server")}
        mark={system.mail.late > 0 && <Badge variant="light" color="bad">{t("console_system.mail_late", { count: system.mail.late })}</Badge>}
      >
        {system.mail.states.length === 0 ? (
          t("console_system.no_mails")
        ) : (
          <Facts facts={counted("console_system.mail_", system.mail.states, (state) => ({ tab: "mail", state }), "/system")} />
        )}
      </Section>
      <Section title={t("console_system.events")} text={t("console_system.events_text")}>
        {system.events.length === 0 ? (
          t("console_system.no_events")
        ) : (
          <Facts facts={counted("console_payments.event_", system.events, (state) => ({ tab: "events", state }), "/payments")} />
        )}
      </Section>
    </>
  );
}

function Database({ system }: { system: System }) {
  const t = useT();
  const { tag } = useWords();
  const { database } = system;
  return (
    <Section title={t("console_system.database")}>
      <Facts
        facts={[
          [t("console_system.server"), database.embedded ? t("console_system.embedded") : t("console_system.external")],
          [t("console_system.up_since"), <TimeAgo key="since" moment={database.started_at} />],
          [t("console_system.size"), inBytes(database.bytes, tag)],
          [t("console_system.connections"), t("console_system.of", { used: String(database.connections), most: String(database.most_connections) })],
          [t("console_system.replicas"), database.replica ? t("console_system.is_replica") : String(database.replicas)],
          [t("console_system.uploads"), `${system.uploaded} · ${inBytes(system.uploads.bytes, tag)}`],
          ...database.largest.slice(0, 6).map((table): [string, ReactNode] => [table.name, inBytes(table.bytes, tag)]),
        ]}
      />
    </Section>
  );
}

function Copies({ system }: { system: System }) {
  const t = useT();
  const { tag } = useWords();
  const own = useStaffMay("own");
  const acts = useSystemActs();
  const [noting, setNoting] = useState(false);
  const { backup, restored, drill } = system.backups;
  return (
    <Section
      title={t("console_system.backups")}
      text={t("console_system.backups_text")}
      mark={backup === null && <Badge variant="light" color="warn">{t("console_system.no_backup")}</Badge>}
      actions={
        own && (
          <Button
            variant="default"
            onClick={() => {
              setNoting(true);
            }}
          >
            {t("console_system.note_drill")}
          </Button>
        )
      }
    >
      <Facts
        facts={[
          [t("console_system.backup"), backup === null ? "—" : <span key="backup"><TimeAgo moment={backup.at} /> · {backup.what} · {inBytes(backup.number, tag)}</span>],
          [t("console_system.drill"), drill === null ? "—" : <span key="drill"><TimeAgo moment={drill.at} /> · {drill.what}</span>],
          ...(restored === null
            ? []
            : [[t("console_system.restored"), <span key="restored"><TimeAgo moment={restored.at} /> · {t("console_system.problems", { count: restored.number })}</span>] as [string, ReactNode]]),
        ]}
      />
      <ActDialog
        opened={noting}
        onClose={() => {
          setNoting(false);
        }}
        title={t("console_system.note_drill")}
        verb={t("console_system.note_drill")}
        fields={[{ name: "what", label: t("console_system.drill_what"), description: t("console_system.drill_hint") }]}
        onConfirm={({ what = "", reason = "" }) => acts.drill(what, reason)}
        done={t("console_system.drill_noted")}
      >
        {t("console_system.drill_text")}
      </ActDialog>
    </Section>
  );
}

function Versions({ system }: { system: System }) {
  const t = useT();
  const { versions, master_keys: keys } = system;
  const ids = (list: readonly string[]) => (list.length === 0 ? "—" : <code>{list.join(", ")}</code>);
  return (
    <>
      <Section
        title={t("console_system.versions")}
        mark={versions.missing.length > 0 && <Badge variant="light" color="bad">{t("console_system.schema_behind")}</Badge>}
      >
        <Facts
          facts={[
            ["Omna", versions.omna],
            ["PostgreSQL", versions.postgresql],
            ["Python", versions.python],
            [t("console_system.schema"), <span key="schema">{versions.newest_migration} · <TimeAgo moment={versions.migrated_at} /></span>],
            ...(versions.missing.length === 0 ? [] : [[t("console_system.missing"), versions.missing.join(", ")] as [string, ReactNode]]),
          ]}
        />
      </Section>
      <Section title={t("console_system.keys")} text={t("console_system.keys_text")}>
        <Facts
          facts={[
            [t("console_system.key_current"), <code key="current">{keys.current}</code>],
            [t("console_system.key_older"), ids(keys.older)],
            [t("console_system.key_retired"), ids(keys.retired)],
          ]}
        />
      </Section>
    </>
  );
}
