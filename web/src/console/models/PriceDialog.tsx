import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { ApiError, isCancelled } from "@/api/problem";
import { type Key, useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Money } from "@/ui/Money";
import { toast } from "@/ui/toast";
import { ReasonField } from "../ReasonField";
import { bodyOf, type ClassName, momentOf, same, shown, type Typed } from "./model";
import styles from "./models.module.css";
import { type Model, previewPrice, type PricePreview, useModelActs, type Version } from "./queries";
import { RateFields } from "./RateFields";

interface PriceDialogProps {
  model: Model;
  /** The announced version that is replaced. */
  replaces?: Version;
  opened: boolean;
  onClose: () => void;
}

/** Two steps: what it is to cost and from when; then what that changes, every changed price typed again, and why. */
export function PriceDialog(props: PriceDialogProps) {
  const t = useT();
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={t("console_models.price_title", { model: props.model.name })} size="xl">
      <Form {...props} />
    </Dialog>
  );
}

function Form({ model, replaces, onClose }: PriceDialogProps) {
  const t = useT();
  const acts = useModelActs(model.address);
  const [values, setValues] = useState<Typed>(() => shown(replaces?.prices ?? model.prices));
  const [free, setFree] = useState(false);
  const [when, setWhen] = useState("");
  const [seen, setSeen] = useState<PricePreview | null>(null);
  const [again, setAgain] = useState<Typed>({});
  const [reason, setReason] = useState("");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const problem = (name: string) =>
    error instanceof ApiError ? error.field(name) || error.field(`prices.${name}`) || undefined : undefined;
  const planned = { prices: bodyOf(values), free, effective_from: momentOf(when), replaces: replaces?.id ?? null };
  const ready = seen?.moves.every((move) => same(again[move.name as ClassName] ?? "", move.then)) && reason.trim() !== "";
  /** What was looked at holds for exactly this. */
  const changed = () => {
    setSeen(null);
    setAgain({});
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setError(null);
    try {
      if (seen === null) {
        setSeen(await previewPrice(model.address, planned));
        return;
      }
      const typed = Object.fromEntries(seen.moves.map((move) => [move.name, move.then]));
      const answer = await acts.price({ ...planned, typed, reason: reason.trim() });
      toast(t("console.done", { done: t("console_models.priced"), row: String(answer.audit_seq) }));
      onClose();
    } catch (failure) {
      if (!isCancelled(failure)) setError(failure);
    } finally {
      setSending(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <RateFields
          legend={t("console_models.new_prices")}
          values={values}
          problem={problem}
          onChange={(name, value) => {
            setValues((before) => ({ ...before, [name]: value }));
            changed();
          }}
        />
        <Checkbox
          label={t("console_models.free")}
          description={t("console_models.free_hint")}
          checked={free}
          error={problem("free")}
          onChange={(event) => {
            setFree(event.currentTarget.checked);
            changed();
          }}
        />
        <TextInput
          type="datetime-local"
          label={t("console_models.effective_from")}
          description={t("console_models.effective_hint")}
          value={when}
          error={problem("effective_from")}
          onChange={(event) => {
            setWhen(event.currentTarget.value);
            changed();
          }}
        />
        {seen !== null && (
          <>
            <Seen seen={seen} />
            <Again
              seen={seen}
              values={again}
              onChange={(name, value) => {
                setAgain((before) => ({ ...before, [name]: value }));
              }}
            />
            <ReasonField value={reason} onChange={setReason} />
          </>
        )}
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={sending} disabled={seen !== null && !ready}>
            {t(seen === null ? "console_models.review" : "console_models.set_price")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Again({ seen, values, onChange }: { seen: PricePreview; values: Typed; onChange: (name: ClassName, value: string) => void }) {
  const t = useT();
  const say = t as (key: Key) => string;
  return (
    <fieldset className={styles.rates}>
      <legend>{t("console_models.type_again")}</legend>
      {seen.moves.map((move) => {
        const name = move.name as ClassName;
        const text = values[name] ?? "";
        return (
          <TextInput
            key={name}
            label={t("console_models.again", { name: say(`console_models.class.${name}` as Key) })}
            value={text}
            inputMode="decimal"
            autoComplete="off"
            spellCheck={false}
            error={text !== "" && !same(text, move.then) ? t("console_models.not_same") : undefined}
            onChange={(event) => {
              onChange(name, event.currentTarget.value);
            }}
          />
        );
      })}
    </fieldset>
  );
}

/** The difference, the margin on every route, and what the usage of 30 days would have cost. */
function Seen({ seen }: { seen: PricePreview }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const name = (one: string) => say(`console_models.class.${one}` as Key);
  return (
    <div className={styles.well} role="status">
      <h3>{t("console_models.difference")}</h3>
      <ul>
        {seen.moves.map((move) => (
          <li key={move.name}>
            <span>{name(move.name)}</span>
            <span>
              <Money value={move.now} /> → <Money value={move.then} />
            </span>
          </li>
        ))}
      </ul>
      {seen.routes.map((route) => (
        <div key={`${route.provider} ${route.upstream_model}`}>
          <h3>{t("console_models.margin_at", { provider: route.provider, model: route.upstream_model })}</h3>
          <ul>
            {route.margins.map((margin) => (
              <li key={margin.name}>
                <span>{name(margin.name)}</span>
                <Money value={margin.margin} signed />
              </li>
            ))}
          </ul>
        </div>
      ))}
      <h3>{t("console_models.last_30", { count: seen.usage.requests })}</h3>
      <ul>
        <li>
          <span>{t("console_models.charged")}</span>
          <Money value={seen.usage.charged} />
        </li>
        <li>
          <span>{t("console_models.at_present")}</span>
          <Money value={seen.usage.at_present} />
        </li>
        <li>
          <span>{t("console_models.at_new")}</span>
          <Money value={seen.usage.at_new} />
        </li>
        <li>
          <span>{t("console_models.provider_cost")}</span>
          <Money value={seen.usage.provider_cost} />
        </li>
      </ul>
    </div>
  );
}
