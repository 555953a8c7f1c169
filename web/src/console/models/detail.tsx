import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { absolute } from "@/lib/time";
import { type Key, useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Facts } from "@/ui/Facts";
import { LimitBar } from "@/ui/LimitBar";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { ConsoleLink, useId } from "../links";
import { useStaffMay } from "../session";
import { Acts } from "./Acts";
import { History } from "./History";
import { CLASSES, shown } from "./model";
import styles from "./models.module.css";
import { PriceDialog } from "./PriceDialog";
import { type Model, modelQuery } from "./queries";
import { Routes } from "./Routes";
import { Standing } from "./Standing";

export default function OneModel() {
  const id = useId();
  const model = useQuery(modelQuery(id));
  return (
    <Result query={model} skeleton={<BlockSkeleton height={480} />}>
      {(found) => <Shown model={found} />}
    </Result>
  );
}

function Shown({ model }: { model: Model }) {
  const { t, tag } = useWords();
  const owns = useStaffMay("own");
  const [pricing, setPricing] = useState(false);
  return (
    <>
      <ConsoleHeader
        title={model.name}
        back={{ to: "/models", label: t("console_models.title") }}
        mark={<Standing row={model} />}
        lead={
          <>
            <code className={styles.id}>{model.id}</code> <CopyButton text={model.id} label={t("console_models.copy_id")} />
          </>
        }
        actions={
          owns && (
            <Button
              onClick={() => {
                setPricing(true);
              }}
            >
              {t("console_models.new_price")}
            </Button>
          )
        }
      />
      <DetailColumns
        side={
          <>
            <Cap model={model} />
            <Section title={t("console_models.usage")}>
              <Facts
                facts={[
                  [t("console_models.requests"), new Intl.NumberFormat(tag).format(model.usage.requests)],
                  [t("console_models.charged"), <Money key="c" value={model.usage.charged} />],
                  [t("console_models.provider_cost"), <Money key="p" value={model.usage.provider_cost} />],
                ]}
              />
            </Section>
          </>
        }
      >
        <Prices model={model} />
        <Entry model={model} />
      </DetailColumns>
      {/* Tables of numbers take the whole width. */}
      <Routes model={model} />
      <History model={model} />
      {pricing && (
        <PriceDialog
          opened
          model={model}
          onClose={() => {
            setPricing(false);
          }}
        />
      )}
    </>
  );
}

function Prices({ model }: { model: Model }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  const owns = useStaffMay("own");
  const now = shown(model.prices);
  const next = model.next_price;
  return (
    <Section title={t("console_models.price_now")} text={t("console_models.price_unit")}>
      <div className={styles.stack}>
        {model.prices === null ? (
          <p>{t("console_models.no_price_text")}</p>
        ) : (
          <Facts
            facts={CLASSES.filter((name) => now[name] !== undefined).map((name) => [
              say(`console_models.class.${name}` as Key),
              <Money key={name} value={now[name]} />,
            ])}
          />
        )}
        {next && (
          <p>
            {t("console_models.next_from", { moment: absolute(next.effective_from, tag) })} <Money value={next.prices.prompt} /> /{" "}
            <Money value={next.prices.completion} />
          </p>
        )}
        {model.retires_at !== null && (
          <p>
            {t("console_models.retires_on", { moment: absolute(model.retires_at, tag) })}{" "}
            {model.successor !== null && <ConsoleLink to={`/models/${model.successor.replaceAll("/", "~")}`}>{model.successor}</ConsoleLink>}
          </p>
        )}
        {owns && <Acts model={model} />}
      </div>
    </Section>
  );
}

function Cap({ model }: { model: Model }) {
  const { t } = useWords();
  return (
    <Section title={t("console_models.cap")}>
      {model.daily_cap === null || model.spent_today === null ? (
        <p className={styles.quiet}>{t("console_models.no_cap")}</p>
      ) : (
        <LimitBar used={model.spent_today} limit={model.daily_cap} label={t("console_models.cap_today")}>
          <Facts
            facts={[
              [t("console_models.spent_today"), <Money key="s" value={model.spent_today} />],
              [t("console_models.held_today"), <Money key="h" value={model.held_today} />],
              [t("console_models.cap"), <Money key="c" value={model.daily_cap} />],
            ]}
          />
        </LimitBar>
      )}
    </Section>
  );
}

function Entry({ model }: { model: Model }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  const names = (list: readonly string[] | null) => (list === null || list.length === 0 ? "—" : list.join(", "));
  return (
    <Section title={t("console_models.entry")}>
      <Facts
        facts={[
          [t("console_models.description"), model.description || "—"],
          [t("console_models.context"), model.context_length === null ? "—" : count.format(model.context_length)],
          [t("console_models.max_output"), model.max_output_tokens === null ? "—" : count.format(model.max_output_tokens)],
          [t("console_models.endpoints"), names(model.endpoints)],
          [t("console_models.modalities"), `${names(model.input_modalities)} → ${names(model.output_modalities)}`],
          [t("console_models.parameters"), names(model.supported_parameters)],
          [t("console_models.dropped"), names(model.dropped_parameters)],
          [t("console_models.aliases"), names(model.aliases)],
          [t("console_models.since"), absolute(model.created_at, tag)],
        ]}
      />
    </Section>
  );
}
