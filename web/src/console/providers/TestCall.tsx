import { Badge, NativeSelect } from "@mantine/core";
import { useState } from "react";

import { type Key, useWords } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { ActDialog } from "../ActDialog";
import { failureKey, took } from "./model";
import { type Detail, type Tested, useActs } from "./queries";

const CHEAPEST = "";

/** A small call to the provider, and how it ended. */
export function TestCall({ provider, opened, onClose }: { provider: Detail; opened: boolean; onClose: () => void }) {
  const { t } = useWords();
  const { test } = useActs(provider.name);
  const [model, setModel] = useState(CHEAPEST);
  const [result, setResult] = useState<Tested | null>(null);
  const models = [...new Set(provider.routes.filter((route) => route.answers_chat).map((route) => route.model))];
  return (
    <>
      <ActDialog
        opened={opened}
        onClose={onClose}
        title={t("console_providers.test_title", { name: provider.name })}
        verb={t("console_providers.test_verb")}
        onConfirm={async (values) => {
          const answer = await test({ model: model === CHEAPEST ? null : model, reason: values.reason ?? "" });
          setResult(answer);
          return answer;
        }}
        done={(answer: Tested) => t(answer.answered ? "console_providers.test_answered" : "console_providers.test_failed")}
      >
        <p>{t("console_providers.test_text")}</p>
        <NativeSelect
          label={t("console_providers.model")}
          value={model}
          data={[{ value: CHEAPEST, label: t("console_providers.cheapest") }, ...models.map((one) => ({ value: one, label: one }))]}
          onChange={(event) => {
            setModel(event.currentTarget.value);
          }}
        />
      </ActDialog>
      <Dialog
        opened={result !== null && !opened}
        onClose={() => {
          setResult(null);
        }}
        title={t("console_providers.result_title", { name: provider.name })}
        size="lg"
      >
        {result && <Outcome result={result} />}
      </Dialog>
    </>
  );
}

function Outcome({ result }: { result: Tested }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  return (
    <Facts
      facts={[
        [
          t("console_providers.result"),
          result.answered ? (
            <Badge key="ok" color="ok">
              {t("console_providers.answered")}
            </Badge>
          ) : (
            (t as (key: Key) => string)(failureKey(result.failure ?? ""))
          ),
        ],
        [t("console_providers.status"), result.status ?? "—"],
        [t("console_providers.model"), `${result.model} → ${result.upstream_model}`],
        [t("console_providers.took"), took(result.duration_ms, tag)],
        [t("console_providers.tokens"), `${count.format(result.prompt_tokens)} + ${count.format(result.completion_tokens)}`],
        [t("console_providers.cost"), <Money key="cost" value={result.cost} unit />],
      ]}
    />
  );
}
