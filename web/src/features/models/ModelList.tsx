import { ActionIcon, Badge, Button, VisuallyHidden } from "@mantine/core";
import { IconFilterOff, IconStar, IconStarFilled } from "@tabler/icons-react";

import type { Model } from "@/api/queries";
import { absolute, day } from "@/lib/time";
import { type Key, Rich, useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { useFavourites } from "./favourites";
import { capabilitiesOf, CAPABILITY_NAMES, tokens } from "./model";
import styles from "./models.module.css";

interface ModelListProps {
  models: readonly Model[];
  onUse: (model: Model) => void;
}

export function ModelList({ models, onUse }: ModelListProps) {
  const { t } = useWords();
  const columns: Column<Model>[] = [
    { id: "name", header: t("nav.models"), primary: true, cell: (model) => <Name model={model} /> },
    {
      id: "context",
      header: t("models.context"),
      numeric: true,
      cell: (model) => (model.context_length === null ? "—" : tokens(model.context_length)),
    },
    { id: "input", header: t("models.input"), numeric: true, cell: (model) => <Price model={model} of="prompt" /> },
    { id: "cached", header: t("models.cached"), numeric: true, wideOnly: true, cell: (model) => <Price model={model} of="cached" /> },
    { id: "output", header: t("models.output"), numeric: true, cell: (model) => <Price model={model} of="completion" /> },
    {
      id: "use",
      header: t("models.details"),
      action: true,
      cell: (model) => (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            onUse(model);
          }}
        >
          {t("models.use")}
          <VisuallyHidden>: {model.name}</VisuallyHidden>
        </Button>
      ),
    },
  ];
  return (
    <DataTable
      label={t("nav.models")}
      columns={columns}
      rows={models}
      rowKey={(model) => model.id}
      empty={
        <EmptyState icon={IconFilterOff} title={t("models.none")}>
          {t("models.none_text")}
        </EmptyState>
      }
    />
  );
}

function Name({ model }: { model: Model }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  return (
    <div className={styles.name}>
      <span className={styles.title}>
        <strong>{model.name}</strong>
        <Star model={model} />
        <span className={styles.badges}>
          {model.free && <Badge color="ok">{t("models.free")}</Badge>}
          {capabilitiesOf(model).map((name) => (
            <Badge key={name} color="gray">
              {say(CAPABILITY_NAMES[name])}
            </Badge>
          ))}
        </span>
      </span>
      <span className={styles.id}>
        <code>{model.id}</code>
        <CopyButton text={model.id} label={t("models.copy_id")} />
      </span>
      {!model.available && (
        <span className={styles.why}>
          {model.why_not ?? t("models.unavailable")} {model.successor !== null && t("models.successor", { name: model.successor })}
        </span>
      )}
      {model.available && model.retires_at !== null && (
        <span className={styles.why}>
          {t("models.retires", { day: day(model.retires_at, tag) })} {model.successor !== null && t("models.successor", { name: model.successor })}
        </span>
      )}
      {model.next_price !== null && (
        <span className={styles.why}>
          <Rich
            k="models.next_price"
            values={{
              moment: absolute(model.next_price.effective_from, tag),
              input: <Money value={model.next_price.prices.prompt} />,
              output: <Money value={model.next_price.prices.completion} />,
            }}
          />
        </span>
      )}
    </div>
  );
}

function Star({ model }: { model: Model }) {
  const { t } = useWords();
  const favourites = useFavourites();
  const on = favourites.ids?.includes(model.id) ?? false;
  const Picture = on ? IconStarFilled : IconStar;
  return (
    <ActionIcon
      size={24}
      aria-label={t("models.favourite", { name: model.name })}
      aria-pressed={on}
      className={styles.star}
      onClick={() => {
        favourites.toggle(model.id);
      }}
    >
      <Picture size={16} stroke={1.5} />
    </ActionIcon>
  );
}

/** "Free" only where free was chosen; what does not occur reads "—". */
function Price({ model, of }: { model: Model; of: "prompt" | "completion" | "cached" }) {
  const { t } = useWords();
  // Embeddings have no output to pay for.
  if (of !== "prompt" && model.output_modalities.every((one) => one === "embeddings")) return <>—</>;
  if (model.free) return <>{t("models.free")}</>;
  return <Money value={model.prices[of]} />;
}
