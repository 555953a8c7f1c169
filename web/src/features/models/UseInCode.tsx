import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { installationQuery, type Model } from "@/api/queries";
import { chatSamples } from "@/lib/samples";
import { day } from "@/lib/time";
import { Rich, useWords } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { Snippet } from "@/ui/Snippet";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./models.module.css";

/** Snippets with the real address, and every price of the model. */
export function UseInCode({ model, onClose }: { model: Model | null; onClose: () => void }) {
  const { t } = useWords();
  return (
    <Dialog opened={model !== null} onClose={onClose} title={model === null ? "" : t("models.use_title", { name: model.name })} size="xl">
      {model && <Content model={model} />}
    </Dialog>
  );
}

function Content({ model }: { model: Model }) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  const makesKeys = useMay("own_keys", "all_keys");
  const base = useQuery(installationQuery).data?.base_url ?? location.origin;
  const { prices } = model;
  const number = new Intl.NumberFormat(tag);
  const facts: [label: string, value: ReactNode][] = [
    [t("models.input"), <Money key="p" value={prices.prompt} />],
    [t("models.cached"), <Money key="c" value={prices.cached} />],
    [t("models.cache_write"), <Money key="w" value={prices.cache_write} />],
    [t("models.output"), <Money key="o" value={prices.completion} />],
    [t("models.reasoning_price"), <Money key="r" value={prices.reasoning} />],
  ];
  if (prices.request !== null) facts.push([t("models.per_request"), <Money key="q" value={prices.request} />]);
  if (prices.image !== null) facts.push([t("models.per_image"), <Money key="i" value={prices.image} />]);
  if (prices.second !== null) facts.push([t("models.per_second"), <Money key="s" value={prices.second} />]);
  if (prices.character !== null) facts.push([t("models.per_character"), <Money key="h" value={prices.character} />]);
  facts.push(
    [t("models.context_length"), model.context_length === null ? "—" : t("models.tokens", { count: number.format(model.context_length) })],
    [t("models.max_output"), model.max_output_tokens === null ? "—" : t("models.tokens", { count: number.format(model.max_output_tokens) })],
    [t("models.price_since"), day(model.price_since, tag)],
    [t("models.endpoints"), model.endpoints.join(", ")],
  );
  if (model.aliases.length > 0) facts.push([t("models.aliases"), model.aliases.join(", ")]);
  return (
    <Stack gap="lg">
      {model.description !== "" && <Text c="var(--text-2)">{model.description}</Text>}
      <dl className={styles.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Snippet samples={chatSamples(base, model.id)} />
      {makesKeys && (
        <Text size="sm" c="var(--text-2)">
          <Rich
            k="models.use_text"
            values={{
              link: (
                <AnchorLink to="/w/$ws/keys" params={{ ws: id }} search={{ create: "1" } as never}>
                  {t("models.use_key")}
                </AnchorLink>
              ),
            }}
          />
        </Text>
      )}
    </Stack>
  );
}
