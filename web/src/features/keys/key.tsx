import { Badge, Button } from "@mantine/core";
import { IconArrowLeft, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";

import type { Schemas } from "@/api/client";
import { day, resetTime } from "@/lib/time";
import { Rich, useT, useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Facts } from "@/ui/Facts";
import { LimitBar } from "@/ui/LimitBar";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { Section, Sections } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo, useNow } from "@/ui/TimeAgo";
import { useMay, useWorkspace } from "@/ui/workspace";
import { useZone } from "@/ui/zone";
import { EditKey } from "./EditKey";
import { KeyActs } from "./KeyActs";
import { KeyMadeDialog } from "./KeyMadeDialog";
import styles from "./keys.module.css";
import { KeyStatus } from "./KeyStatus";
import { type KeyRow, works } from "./model";
import { keyQuery } from "./queries";
import { RotateDialog } from "./RotateDialog";

const AGAIN_MS = 20_000;

export default function KeyPage() {
  const t = useT();
  const { key: id = "" } = useParams({ strict: false });
  const workspace = useWorkspace();
  const key = useQuery({ ...keyQuery(workspace.id, id), refetchInterval: AGAIN_MS });
  return (
    <>
      <AnchorLink className={styles.back} to="/w/$ws/keys" params={{ ws: workspace.id }}>
        <IconArrowLeft size={16} stroke={1.5} aria-hidden />
        {t("key.back")}
      </AnchorLink>
      {key.data === undefined && <PageHeader title={t("key.one")} />}
      <Result query={key} skeleton={<PageSkeleton />}>
        {(row) => <Page row={row} />}
      </Result>
    </>
  );
}

function PageSkeleton() {
  return (
    <Sections>
      <BlockSkeleton height={190} />
      <BlockSkeleton height={420} />
    </Sections>
  );
}

function Page({ row }: { row: KeyRow }) {
  const t = useT();
  const workspace = useWorkspace();
  const [rotating, setRotating] = useState(false);
  const [made, setMade] = useState<Schemas["KeyMade"] | null>(null);
  // Whoever sees a key of another member may change it only with the right over all keys.
  const all = useMay("all_keys");
  const changes = row.yours || all;
  const open = row.status === "active" || row.status === "disabled";
  return (
    <>
      <PageHeader
        title={row.name}
        lead={
          <span className={styles.headline}>
            <code className={styles.mono}>{row.label}</code>
            <KeyStatus status={row.status} />
          </span>
        }
        actions={
          <>
            <ButtonLink variant="default" to="/w/$ws/usage" params={{ ws: workspace.id }} search={{ key: row.id } as never}>
              {t("key.see_usage")}
            </ButtonLink>
            {changes && row.status === "active" && (
              <Button
                variant="default"
                leftSection={<IconRefresh size={16} stroke={1.5} aria-hidden />}
                onClick={() => {
                  setRotating(true);
                }}
              >
                {t("key.rotate")}
              </Button>
            )}
          </>
        }
      />
      <Sections>
        <Overlap row={row} />
        <Section title={t("key.numbers")}>
          <Facts
            facts={[
              [t("key.last_used"), row.last_used_at === null ? t("key.never_used") : <TimeAgo moment={row.last_used_at} />],
              [t("key.day_long"), <Used key="day" spent={row.spent_24h} requests={row.requests_24h} />],
              [t("key.month_long"), <Used key="month" spent={row.spent_30d} requests={row.requests_30d} />],
              [t("key.held"), <Money key="held" value={row.held} unit />],
              [t("key.created"), <TimeAgo key="created" moment={row.created_at} />],
              [t("key.created_by"), row.creator_name ?? t("key.creator_gone")],
              [t("key.expires"), row.expires_at === null ? t("key.expiry_never") : <TimeAgo moment={row.expires_at} />],
              [
                t("key.id"),
                <span key="id" className={styles.request}>
                  <code>{row.id}</code>
                  <CopyButton text={row.id} label={t("key.copy_id")} />
                </span>,
              ],
            ]}
          />
        </Section>
        <Section title={t("key.limits")} text={t("key.limits_text")}>
          <Limits row={row} />
          {changes && open && <EditKey key={row.id} row={row} />}
        </Section>
        {changes && row.status !== "revoked" && <KeyActs row={row} />}
      </Sections>
      <RotateDialog
        row={row}
        opened={rotating}
        onClose={() => {
          setRotating(false);
        }}
        onMade={(key) => {
          setRotating(false);
          setMade(key);
        }}
      />
      <KeyMadeDialog
        made={made}
        onClose={() => {
          setMade(null);
        }}
      />
    </>
  );
}

function Used({ spent, requests }: { spent: string; requests: number }) {
  const t = useT();
  return (
    <>
      <Money value={spent} unit />
      <br />
      <span className={styles.quiet}>{t("key.requests", { count: requests })}</span>
    </>
  );
}

/** Of a key that was replaced and still works: how long. */
function Overlap({ row }: { row: KeyRow }) {
  const t = useT();
  const now = useNow();
  const workspace = useWorkspace();
  if (row.replaced_by === null) return null;
  const left = row.expires_at === null ? 0 : Date.parse(row.expires_at) - now;
  const minutes = Math.max(0, Math.ceil(left / 60_000));
  return (
    <div className={styles.note}>
      <p>
        {works(row.status) && minutes > 0
          ? t("key.overlap", { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
          : t("key.replaced")}
      </p>
      <AnchorLink to="/w/$ws/keys/$key" params={{ ws: workspace.id, key: row.replaced_by }}>
        {t("key.see_new")}
      </AnchorLink>
    </div>
  );
}

const USED: Record<NonNullable<KeyRow["spend_period"]>, "key.used_day" | "key.used_week" | "key.used_month" | "key.used_total"> = {
  day: "key.used_day",
  week: "key.used_week",
  month: "key.used_month",
  total: "key.used_total",
};

function Limits({ row }: { row: KeyRow }) {
  const { t, tag } = useWords();
  const zone = useZone();
  const resets = row.resets_at;
  return (
    <div className={styles.limits}>
      {row.spend_limit === null ? (
        <p>{t("key.unlimited")}</p>
      ) : (
        <LimitBar used={row.spent_in_period} limit={row.spend_limit} label={t("key.spend_limit_of", { name: row.name })}>
          <Rich
            k={USED[row.spend_period ?? "total"]}
            values={{ used: <Money value={row.spent_in_period} />, limit: <Money value={row.spend_limit} /> }}
          />{" "}
          {resets !== null && (
            <span className={styles.quiet}>
              {t("key.resets", { day: day(resets, tag, zone), time: resetTime(resets, tag, zone) })}
            </span>
          )}
        </LimitBar>
      )}
      <Facts
        facts={[
          [t("key.rpm"), row.rpm === null ? t("limit.none") : t("key.rpm_value", { count: row.rpm })],
          [t("key.running"), row.max_running === null ? t("limit.none") : t("key.running_value", { count: row.max_running })],
          [
            t("key.models"),
            row.allowed_models === null ? (
              t("key.models_all")
            ) : (
              <span className={styles.models}>
                {row.allowed_models.map((model) => (
                  <Badge key={model} color="gray">
                    {model}
                  </Badge>
                ))}
              </span>
            ),
          ],
        ]}
      />
    </div>
  );
}
