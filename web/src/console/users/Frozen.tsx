import { useT } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Section } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import type { Detail } from "./queries";

/** A freeze in force: since when, until when, what the customer reads, why. */
export function Frozen({ freeze, text }: { freeze: Detail["freeze"]; text?: string | undefined }) {
  const t = useT();
  if (freeze === null) return null;
  return (
    <Section title={t("console_people.frozen")} text={text}>
      <Facts
        facts={[
          [t("console_people.frozen_since"), <TimeAgo key="since" moment={freeze.since} />],
          [t("console_people.until"), freeze.until === null ? t("console_people.never") : <TimeAgo key="until" moment={freeze.until} />],
          [t("console_people.message"), freeze.message],
          [t("console_people.why"), freeze.reason || "—"],
        ]}
      />
    </Section>
  );
}
