import { Badge } from "@mantine/core";

import { useT } from "@/locales";
import { colorOf } from "./model";
import type { Row } from "./queries";

/** How bad an alert is, and whether somebody takes care. */
export function Severity({ alert }: { alert: Pick<Row, "severity" | "state"> }) {
  const t = useT();
  return (
    <>
      <Badge color={colorOf(alert.severity, alert.state)} miw="max-content">
        {t(`console_alerts.severity_${alert.severity}`)}
      </Badge>
      {alert.state !== "open" && (
        <Badge color="gray" miw="max-content">
          {t(`console_alerts.state_${alert.state}`)}
        </Badge>
      )}
    </>
  );
}
