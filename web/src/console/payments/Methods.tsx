import { Badge, Button } from "@mantine/core";
import { IconBuildingBank, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { ActDialog, type ActField, type Values } from "../ActDialog";
import styles from "../console.module.css";
import { useStaffMay } from "../session";
import { type Method, methodsQuery, useMethodActs } from "./queries";

type Acting = { act: "add" } | { act: "edit" | "retire"; method: Method };

/** How people may pay by hand: data, changed by the owner. */
export function Methods() {
  const t = useT();
  const own = useStaffMay("own");
  const methods = useQuery(methodsQuery);
  const acts = useMethodActs();
  const [acting, setActing] = useState<Acting | null>(null);
  const close = () => {
    setActing(null);
  };
  const method = acting !== null && acting.act !== "add" ? acting.method : null;
  const columns: Column<Method>[] = [
    {
      id: "name",
      header: t("console_payments.method_name"),
      primary: true,
      cell: (row) => (
        <span className={styles.two}>
          <span>{row.name}</span>
          {row.name_zh !== "" && <small lang="zh-Hans">{row.name_zh}</small>}
        </span>
      ),
    },
    { id: "currency", header: t("console_payments.currency"), cell: (row) => row.currency.toUpperCase() },
    { id: "hours", header: t("console_payments.hours"), numeric: true, cell: (row) => row.usual_hours },
    { id: "instructions", header: t("console_payments.instructions"), cell: (row) => <span className={styles.lines}>{row.instructions}</span> },
    {
      id: "state",
      header: t("console_recharges.state"),
      cell: (row) => (
        <Badge variant="light" color={row.retired ? "gray" : "ok"}>
          {row.retired ? t("console_payments.off") : t("console_payments.on")}
        </Badge>
      ),
    },
    ...(own
      ? [
          {
            id: "acts",
            header: t("console_payments.acts"),
            action: true,
            cell: (row: Method) => (
              <>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-label={`${t("console_payments.edit")}: ${row.name}`}
                  onClick={() => {
                    setActing({ act: "edit", method: row });
                  }}
                >
                  {t("console_payments.edit")}
                </Button>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-label={`${row.retired ? t("console_payments.switch_on") : t("console_payments.switch_off")}: ${row.name}`}
                  onClick={() => {
                    setActing({ act: "retire", method: row });
                  }}
                >
                  {row.retired ? t("console_payments.switch_on") : t("console_payments.switch_off")}
                </Button>
              </>
            ),
          } satisfies Column<Method>,
        ]
      : []),
  ];
  const fields = fieldsOf(method, t);
  return (
    <>
      {own && (
        <div className={styles.filters}>
          <Button
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            onClick={() => {
              setActing({ act: "add" });
            }}
          >
            {t("console_payments.add")}
          </Button>
        </div>
      )}
      <Result query={methods} skeleton={<RowsSkeleton />}>
        {(rows) => (
          <DataTable
            label={t("console_payments.methods")}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.id}
            empty={
              <EmptyState icon={IconBuildingBank} title={t("console_payments.no_methods")}>
                {t("console_payments.no_methods_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
      <ActDialog
        opened={acting?.act === "add"}
        onClose={close}
        title={t("console_payments.add")}
        verb={t("console_payments.add")}
        fields={fields}
        onConfirm={(values) => acts.add(bodyOf(values))}
        done={t("console_payments.added")}
      />
      <ActDialog
        opened={acting?.act === "edit"}
        onClose={close}
        title={t("console_payments.edit_title", { name: method?.name ?? "" })}
        verb={t("console_payments.save")}
        fields={fields}
        onConfirm={(values) => acts.change(method?.id ?? "", bodyOf(values))}
        done={t("console_payments.changed")}
      >
        {t("console_payments.edit_text")}
      </ActDialog>
      <ActDialog
        opened={acting?.act === "retire"}
        onClose={close}
        title={t(method?.retired ? "console_payments.on_title" : "console_payments.off_title", { name: method?.name ?? "" })}
        verb={method?.retired ? t("console_payments.switch_on") : t("console_payments.switch_off")}
        danger={!method?.retired}
        onConfirm={({ reason = "" }) => acts.change(method?.id ?? "", { retired: !method?.retired, reason })}
        done={t("console_payments.changed")}
      >
        {method?.retired ? null : t("console_payments.off_text")}
      </ActDialog>
    </>
  );
}

function fieldsOf(method: Method | null, t: ReturnType<typeof useT>): ActField[] {
  return [
    { name: "name", label: t("console_payments.method_name"), initial: method?.name },
    { name: "name_zh", label: t("console_payments.method_name_zh"), optional: true, initial: method?.name_zh },
    { name: "instructions", label: t("console_payments.instructions"), description: t("console_payments.instructions_hint"), long: true, initial: method?.instructions },
    { name: "instructions_zh", label: t("console_payments.instructions_zh"), long: true, optional: true, initial: method?.instructions_zh },
    { name: "currency", label: t("console_payments.currency"), description: t("console_payments.currency_hint"), initial: method?.currency ?? "usd" },
    { name: "usual_hours", label: t("console_payments.hours"), amount: true, initial: String(method?.usual_hours ?? 24) },
    { name: "position", label: t("console_payments.position"), amount: true, initial: String(method?.position ?? 0) },
  ];
}

function bodyOf(values: Values) {
  const text = (name: string) => values[name] ?? "";
  return {
    name: text("name"),
    name_zh: text("name_zh"),
    instructions: text("instructions"),
    instructions_zh: text("instructions_zh"),
    currency: text("currency").toLowerCase(),
    usual_hours: Number(text("usual_hours")),
    position: Number(text("position")),
    reason: text("reason"),
  };
}
