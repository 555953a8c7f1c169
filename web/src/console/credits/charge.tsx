import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { useWords } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ActDialog } from "../ActDialog";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import { SearchField } from "../SearchField";
import { givingBack } from "./model";
import { type Charged, chargeQuery, useCreditActs } from "./queries";

/** Gives the charge of one request back, in whole or in part. */
export default function Charge() {
  const { t } = useWords();
  const request = useAddress().value("request");
  const charge = useQuery(chargeQuery(request));
  return (
    <>
      <ConsoleHeader
        title={t("console_credits.charge")}
        back={{ to: "/credits", label: t("console_credits.title") }}
        lead={t("console_credits.charge_lead")}
        actions={charge.data && charge.data.refundable !== "0" && <GiveBack charged={charge.data} />}
      />
      <div className={styles.filters}>
        <SearchField label={t("console_credits.request_id")} name="request" />
      </div>
      {request === "" ? (
        <EmptyState title={t("console_credits.which")}>{t("console_credits.which_text")}</EmptyState>
      ) : (
        <Result query={charge} skeleton={<BlockSkeleton height={320} />}>
          {(found) => <Shown charged={found} />}
        </Result>
      )}
    </>
  );
}

function Shown({ charged }: { charged: Charged }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  const rows: [name: string, value: ReactNode][] = [
    [t("console_credits.workspace"), charged.workspace.name],
    [
      t("console_credits.workspace_id"),
      <ConsoleLink key="workspace" to={`/workspaces/${charged.workspace.id}`}>
        <code>{charged.workspace.id}</code>
      </ConsoleLink>,
    ],
    [t("console_credits.ended"), <TimeAgo key="at" moment={charged.at} />],
    [t("console_credits.model"), charged.model],
    [t("console_credits.provider"), charged.provider],
    [t("console_credits.outcome"), [charged.outcome, charged.finish_reason, charged.error_code].filter(Boolean).join(" · ")],
    [t("console_credits.duration"), `${count.format(charged.duration_ms)} ms`],
    [t("console_credits.tokens_in"), `${count.format(charged.prompt_tokens)} (${t("console_credits.cached", { count: charged.cached_tokens })})`],
    [t("console_credits.tokens_out"), `${count.format(charged.completion_tokens)} (${t("console_credits.reasoning", { count: charged.reasoning_tokens })})`],
    [t("console_credits.charged"), <Money key="charge" value={charged.charge} rounding="charge" unit />],
    [t("console_credits.of_paid"), <Money key="paid" value={charged.paid} rounding="charge" />],
    [t("console_credits.of_promo"), <Money key="promo" value={charged.promo} rounding="charge" />],
    ...(charged.proposal === null
      ? []
      : [
          [
            t("console_credits.given_back"),
            <ConsoleLink key="proposal" to={`/credits/${charged.proposal}`}>
              <code>{charged.proposal}</code>
            </ConsoleLink>,
          ] as [string, ReactNode],
        ]),
  ];
  return (
    <Section title={t("console_credits.request")} text={<code>{charged.id}</code>}>
      <Facts facts={rows} />
    </Section>
  );
}

function GiveBack({ charged }: { charged: Charged }) {
  const { t } = useWords();
  const acts = useCreditActs();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        onClick={() => {
          setOpened(true);
        }}
      >
        {t("console_credits.give_back")}
      </Button>
      <ActDialog
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
        title={t("console_credits.give_back_title", { workspace: charged.workspace.name })}
        verb={t("console_credits.give_back")}
        fields={[
          {
            name: "credits",
            label: t("console_credits.credits"),
            description: t("console_credits.at_most", { most: charged.refundable }),
            amount: true,
            initial: charged.refundable,
          },
          { name: "note", label: t("console_credits.note"), description: t("console_credits.note_hint") },
        ]}
        preview={(values) => acts.preview(givingBack(charged.id, values))}
        previewNeeds={["credits"]}
        onConfirm={(values) => acts.propose(givingBack(charged.id, values))}
        done={(answer) => t(answer.booked ? "console_credits.booked" : "console_credits.proposed")}
      >
        {t("console_credits.give_back_text")}
      </ActDialog>
    </>
  );
}
