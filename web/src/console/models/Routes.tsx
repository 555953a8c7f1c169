import { Badge, Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { Section } from "@/ui/Section";
import shared from "../console.module.css";
import { ConsoleLink } from "../links";
import { useStaffMay } from "../session";
import styles from "./models.module.css";
import { type Model, type Route } from "./queries";
import { RouteDialog } from "./RouteDialog";

/** Where a model runs, in the order in which it is tried, with what each place costs. */
export function Routes({ model }: { model: Model }) {
  const t = useT();
  const owns = useStaffMay("own");
  const [editing, setEditing] = useState<Route | null>(null);
  const [adding, setAdding] = useState(false);
  const margin = (row: Route, name: string) => row.margins.find((one) => one.name === name);
  const columns: Column<Route>[] = [
    {
      id: "provider",
      header: t("console_models.provider"),
      primary: true,
      cell: (row) => (
        <span className={shared.two}>
          <ConsoleLink to={`/providers/${row.provider}`}>{row.provider}</ConsoleLink>
          <small>{row.upstream_model}</small>
        </span>
      ),
    },
    { id: "order", header: t("console_models.priority_weight"), numeric: true, cell: (row) => `${row.priority} / ${row.weight}` },
    {
      id: "state",
      header: t("console_models.state"),
      cell: (row) => (
        <span className={shared.badges}>
          <Badge color={row.enabled && row.provider_enabled ? "ok" : "gray"}>
            {t(!row.provider_enabled ? "console_models.provider_off" : row.enabled ? "console_models.route_on" : "console_models.route_off")}
          </Badge>
          {row.below_cost && <Badge color="bad">{t("console_models.below_cost")}</Badge>}
        </span>
      ),
    },
    {
      id: "cost",
      header: t("console_models.cost"),
      numeric: true,
      cell: (row) => (
        <>
          <Money value={row.costs.prompt} /> / <Money value={row.costs.completion} />
        </>
      ),
    },
    {
      id: "margin",
      header: t("console_models.margin"),
      numeric: true,
      cell: (row) => (
        <span className={row.below_cost ? styles.loss : undefined}>
          <Money value={margin(row, "prompt")?.margin} signed /> / <Money value={margin(row, "completion")?.margin} signed />
        </span>
      ),
    },
    ...(owns
      ? [
          {
            id: "act",
            header: t("console_models.change"),
            action: true,
            cell: (row: Route) => (
              <Button
                variant="subtle"
                size="compact-sm"
                onClick={() => {
                  setEditing(row);
                }}
              >
                {t("console_models.edit_route", { provider: row.provider })}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Section
      title={t("console_models.routes")}
      text={t("console_models.routes_text")}
      bare
      actions={
        owns && (
          <Button
            variant="default"
            size="compact-md"
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t("console_models.add_route")}
          </Button>
        )
      }
    >
      <DataTable label={t("console_models.routes")} columns={columns} rows={model.routes} rowKey={(row) => row.id} empty={<EmptyState title={t("console_models.no_routes")} />} />
      {editing && (
        <RouteDialog
          opened
          model={model}
          route={editing}
          onClose={() => {
            setEditing(null);
          }}
        />
      )}
      <RouteDialog
        opened={adding}
        model={model}
        onClose={() => {
          setAdding(false);
        }}
      />
    </Section>
  );
}
