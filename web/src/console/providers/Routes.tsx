import { Badge } from "@mantine/core";
import { useState } from "react";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { RowButton } from "@/ui/RowButton";
import { Section } from "@/ui/Section";
import { ActDialog } from "../ActDialog";
import { useStaffMay } from "../session";
import { number } from "./Acts";
import styles from "./providers.module.css";
import { type Detail, type Route, useActs } from "./queries";

/** Which models use this provider, and when: priority, weight, what comes before and after it. */
export function RoutesSection({ provider }: { provider: Detail }) {
  const t = useT();
  const mayChange = useStaffMay("own");
  const [changing, setChanging] = useState<Route | null>(null);
  const [switching, setSwitching] = useState<Route | null>(null);
  const columns: Column<Route>[] = [
    {
      id: "model",
      header: t("console_providers.model"),
      primary: true,
      cell: (row) => (
        <span className={styles.name}>
          {row.model} {(!row.enabled || !row.model_enabled) && <Badge color="gray">{t(row.enabled ? "console_providers.model_off" : "console_providers.route_off")}</Badge>}
        </span>
      ),
    },
    { id: "upstream", header: t("console_providers.upstream_model"), cell: (row) => <code className={styles.name}>{row.upstream_model}</code> },
    { id: "priority", header: t("console_providers.priority"), numeric: true, cell: (row) => row.priority },
    { id: "weight", header: t("console_providers.weight"), numeric: true, cell: (row) => row.weight },
    {
      id: "order",
      header: t("console_providers.order"),
      cell: (row) => (
        <ol className={styles.order}>
          {row.order.map((step) => (
            <li key={`${step.provider} ${step.upstream_model}`} data-off={!step.enabled}>
              {step.provider}
            </li>
          ))}
        </ol>
      ),
    },
    ...(mayChange
      ? [
          {
            id: "acts",
            header: t("console_providers.acts"),
            action: true,
            cell: (row: Route) => (
              <>
                <RowButton
                  of={row.model}
                  onClick={() => {
                    setChanging(row);
                  }}
                >
                  {t("console_providers.change")}
                </RowButton>
                <RowButton
                  of={row.model}
                  onClick={() => {
                    setSwitching(row);
                  }}
                >
                  {t(row.enabled ? "console_providers.switch_off" : "console_providers.switch_on")}
                </RowButton>
              </>
            ),
          },
        ]
      : []),
  ];
  return (
    <Section title={t("console_providers.routes")} text={t("console_providers.routes_text")} bare>
      <DataTable
        label={t("console_providers.routes")}
        columns={columns}
        rows={provider.routes}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("console_providers.no_routes")} />}
      />
      <RouteDialogs
        provider={provider.name}
        changing={changing}
        switching={switching}
        onClose={() => {
          setChanging(null);
          setSwitching(null);
        }}
      />
    </Section>
  );
}

function RouteDialogs({ provider, changing, switching, onClose }: { provider: string; changing: Route | null; switching: Route | null; onClose: () => void }) {
  const t = useT();
  const { changeRoute } = useActs(provider);
  const wrong = t("console_providers.wrong_number");
  return (
    <>
      <ActDialog
        opened={changing !== null}
        onClose={onClose}
        title={t("console_providers.route_title", { model: changing?.model ?? "" })}
        verb={t("console_providers.save")}
        fields={[
          { name: "priority", label: t("console_providers.priority"), description: t("console_providers.priority_hint"), amount: true, initial: String(changing?.priority ?? 0) },
          { name: "weight", label: t("console_providers.weight"), description: t("console_providers.weight_hint"), amount: true, initial: String(changing?.weight ?? 1) },
        ]}
        onConfirm={(values) =>
          changeRoute(changing?.id ?? "", {
            priority: number(values.priority, "priority", wrong),
            weight: number(values.weight, "weight", wrong),
            reason: values.reason ?? "",
          })
        }
        done={t("console_providers.route_done")}
      />
      <ActDialog
        opened={switching !== null}
        onClose={onClose}
        title={t(switching?.enabled ? "console_providers.switch_off_title" : "console_providers.switch_on_title", { model: switching?.model ?? "" })}
        verb={t(switching?.enabled ? "console_providers.switch_off" : "console_providers.switch_on")}
        danger={switching?.enabled ?? false}
        onConfirm={(values) => changeRoute(switching?.id ?? "", { enabled: !switching?.enabled, reason: values.reason ?? "" })}
        done={t("console_providers.route_done")}
      />
    </>
  );
}
