import { Badge, Button } from "@mantine/core";
import { useState } from "react";

import { useWords } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Section, Sections } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import { useStaffMay } from "../session";
import { type InForce, useStops } from "./queries";
import { useScopeWords } from "./words";

/** What is stopped now, each with what it refused so far; ending one is an act of its own. */
export function InForceList({ stops }: { stops: readonly InForce[] }) {
  const { t } = useWords();
  if (stops.length === 0) {
    return <Section title={t("console_stop.nothing")} text={t("console_stop.nothing_text")} mark={<Badge color="ok">{t("console_stop.running")}</Badge>} />;
  }
  return (
    <Sections>
      {stops.map((stop) => (
        <One key={stop.scope} stop={stop} />
      ))}
    </Sections>
  );
}

function One({ stop }: { stop: InForce }) {
  const { t } = useWords();
  const words = useScopeWords();
  const may = useStaffMay("own");
  const { resume } = useStops();
  const [ending, setEnding] = useState(false);
  const refused = t("console_stop.refused_count", { count: stop.refused });
  return (
    <Section
      title={words.stopped(stop.scope)}
      mark={<Badge color="bad">{t(stop.level === "cut" ? "console_stop.level_cut" : "console_stop.level_block")}</Badge>}
      actions={
        may && (
          <Button
            onClick={() => {
              setEnding(true);
            }}
          >
            {t("console_stop.resume")}
          </Button>
        )
      }
    >
      <Facts
        facts={[
          [t("console_stop.since"), <TimeAgo key="since" moment={stop.since} />],
          [t("console_stop.refused"), refused],
          [t("console_stop.message"), stop.message || t("console_stop.no_message")],
          [t("console.reason"), stop.reason],
          [t("console_stop.scope"), <code key="scope">{stop.scope}</code>],
          [t("console_stop.by"), <code key="by">{stop.actor}</code>],
        ]}
      />
      <ActDialog
        opened={ending}
        onClose={() => {
          setEnding(false);
        }}
        title={t("console_stop.resume_title", { scope: stop.scope })}
        verb={t("console_stop.resume")}
        onConfirm={(values) => resume({ scope: stop.scope, reason: values.reason ?? "" })}
        done={t("console_stop.resumed")}
      >
        <p>{t("console_stop.resume_text", { refused })}</p>
      </ActDialog>
    </Section>
  );
}
