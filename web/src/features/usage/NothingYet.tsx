import { Button } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { installationQuery } from "@/api/queries";
import { curlSample } from "@/lib/samples";
import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { Snippet } from "@/ui/Snippet";
import { useAddress } from "@/ui/useAddress";
import { CHOICES } from "./model";

/** Nothing matches, or nothing was called yet: then the lines that make a first call. */
export function NothingYet() {
  const t = useT();
  const address = useAddress();
  const installation = useQuery(installationQuery);
  const filtered = [...CHOICES, "request", "range", "from", "to", "cursor"].some((name) => address.value(name) !== "");
  if (filtered) {
    return (
      <EmptyState
        icon={IconChartBar}
        title={t("usage.no_match")}
        action={
          <Button
            variant="default"
            onClick={() => {
              address.set({ ...Object.fromEntries(CHOICES.map((name) => [name, ""])), request: "", range: "90d", from: "", to: "", cursor: "" });
            }}
          >
            {t("usage.show_all")}
          </Button>
        }
      >
        {t("usage.no_match_text")}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconChartBar} title={t("usage.empty")}>
      <p>{t("usage.empty_text")}</p>
      {installation.data && <Snippet samples={[{ label: "curl", code: curlSample(installation.data.base_url, "openrouter-free") }]} />}
    </EmptyState>
  );
}
