import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { ApiError, isCancelled } from "@/api/problem";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { toast } from "@/ui/toast";
import { ReasonField } from "../ReasonField";
import { bodyOf, shown, type Typed } from "./model";
import { type Model, type Route, useModelActs } from "./queries";
import { RateFields } from "./RateFields";

interface RouteDialogProps {
  model: Model;
  /** The route that changes; without one, a new one. */
  route?: Route;
  opened: boolean;
  onClose: () => void;
}

export function RouteDialog(props: RouteDialogProps) {
  const t = useT();
  const title = props.route === undefined ? t("console_models.add_route") : t("console_models.edit_route", { provider: props.route.provider });
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={title} size="xl">
      <Form {...props} verb={title} />
    </Dialog>
  );
}

const count = (text: string) => (text.trim() === "" ? null : Number(text));

function Form({ model, route, onClose, verb }: RouteDialogProps & { verb: string }) {
  const t = useT();
  const acts = useModelActs(model.address);
  const before = shown(route?.costs ?? null);
  const [provider, setProvider] = useState("");
  const [upstream, setUpstream] = useState(model.id);
  const [priority, setPriority] = useState(route === undefined ? "" : String(route.priority));
  const [weight, setWeight] = useState(String(route?.weight ?? 1));
  const [enabled, setEnabled] = useState(route?.enabled ?? true);
  const [costs, setCosts] = useState<Typed>(before);
  const [accept, setAccept] = useState(false);
  const [reason, setReason] = useState("");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const problem = (name: string) =>
    error instanceof ApiError ? error.field(name) || error.field(`costs.${name}`) || undefined : undefined;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setError(null);
    const body = bodyOf(costs);
    try {
      const answer =
        route === undefined
          ? await acts.addRoute({ provider: provider.trim(), upstream_model: upstream.trim(), priority: count(priority), weight: count(weight) ?? 1, costs: body, reason: reason.trim() })
          : await acts.editRoute(route.id, {
              priority: count(priority),
              weight: count(weight),
              enabled,
              // Costs take a step-up: they are sent when they change.
              costs: JSON.stringify(body) === JSON.stringify(bodyOf(before)) ? null : body,
              accept_loss: accept,
              reason: reason.trim(),
            });
      toast(t("console.done", { done: t("console_models.route_done"), row: String(answer.audit_seq) }));
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
        {route === undefined && (
          <Group grow align="flex-start">
            <TextInput label={t("console_models.provider")} value={provider} required withAsterisk={false} error={problem("provider")} onChange={(event) => { setProvider(event.currentTarget.value); }} />
            <TextInput label={t("console_models.upstream")} value={upstream} required withAsterisk={false} error={problem("upstream_model")} onChange={(event) => { setUpstream(event.currentTarget.value); }} />
          </Group>
        )}
        <Group grow align="flex-start">
          <TextInput label={t("console_models.priority")} description={t("console_models.priority_hint")} inputMode="numeric" value={priority} error={problem("priority")} onChange={(event) => { setPriority(event.currentTarget.value); }} />
          <TextInput label={t("console_models.weight")} description={t("console_models.weight_hint")} inputMode="numeric" value={weight} error={problem("weight")} onChange={(event) => { setWeight(event.currentTarget.value); }} />
        </Group>
        {route !== undefined && (
          <Checkbox label={t("console_models.route_enabled")} checked={enabled} onChange={(event) => { setEnabled(event.currentTarget.checked); }} />
        )}
        <RateFields
          legend={t("console_models.costs")}
          values={costs}
          problem={problem}
          onChange={(name, value) => {
            setCosts((known) => ({ ...known, [name]: value }));
          }}
        />
        {route !== undefined && problem("costs") !== undefined && (
          <Checkbox label={t("console_models.accept_loss")} checked={accept} onChange={(event) => { setAccept(event.currentTarget.checked); }} />
        )}
        <ReasonField value={reason} onChange={setReason} />
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={sending} disabled={reason.trim() === ""}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
