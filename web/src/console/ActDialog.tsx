import { Button, Group, Input, PasswordInput, SegmentedControl, Stack, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";

import { ApiError, isCancelled } from "@/api/problem";
import { Rich, useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { toast } from "@/ui/toast";
import type { Acted, Effect } from "./effect";
import { EffectNote } from "./EffectNote";
import { ReasonField } from "./ReasonField";
import { useAuditLine } from "./useAuditLine";

/** A field of an act beside its reason. Its value arrives under `name`. */
export interface ActField {
  name: string;
  label: string;
  description?: string;
  /** Several lines. */
  long?: boolean;
  /** May stay empty. */
  optional?: boolean;
  /** A number is asked for: what a phone shows to type it. */
  amount?: boolean;
  /** A secret: typed unseen, and kept nowhere. */
  secret?: boolean;
  /** What stands in it at first. Never for an amount that is to be compared. */
  initial?: string;
  /** One of these instead of a text; the first one stands in it, or `initial`. */
  choices?: readonly { value: string; label: string }[];
  /** Shown, and sent, only with these values of the others. */
  when?: (values: Values) => boolean;
}

export type Values = Readonly<Record<string, string>>;

interface ActDialogProps<Answer extends Acted> {
  opened: boolean;
  onClose: () => void;
  /** Names the thing: "Approve recharge R-7K2M". */
  title: string;
  /** The consequence. */
  children?: ReactNode;
  /** The button, a verb with its object: "Approve". */
  verb: string;
  danger?: boolean;
  /** In front of the reason. */
  fields?: readonly ActField[];
  /** What it would do to the ledger: `POST …/preview`. Asked again whenever a value changes. */
  preview?: (values: Values) => Promise<Effect>;
  /** What the preview waits for; by default every field that is not optional. */
  previewNeeds?: readonly string[];
  /** Done when it resolves; `values.reason` is the reason. What it rejects with is shown. */
  onConfirm: (values: Values) => Promise<Answer>;
  /** The toast: what was done. */
  done: string | ((answer: Answer) => string);
}

const PAUSE_MS = 300;

/** Every act of staff: what it is about, its fields, a reason, the effect on the ledger, and one button. */
export function ActDialog<Answer extends Acted>(props: ActDialogProps<Answer>) {
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={props.title} size="lg">
      {/* Inside, so that each opening begins afresh. */}
      <Form {...props} />
    </Dialog>
  );
}

function Form<Answer extends Acted>({ onClose, children, verb, danger = false, fields: all = [], preview, previewNeeds, onConfirm, done }: ActDialogProps<Answer>) {
  const t = useT();
  const auditLine = useAuditLine();
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries([...all.map((field) => [field.name, field.initial ?? field.choices?.[0]?.value ?? ""]), ["reason", ""]] as [string, string][]),
  );
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const fields = all.filter((field) => field.when?.(values) ?? true);
  const hidden = all.filter((field) => !fields.includes(field)).map((field) => field.name);
  const trimmed = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hidden.includes(name) ? "" : value.trim()]));
  const missing = (name: string) => (trimmed[name] ?? "") === "";
  const ready = !missing("reason") && fields.every((field) => field.optional || !missing(field.name));

  const set = (name: string, value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
  };
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    setSending(true);
    setError(null);
    try {
      const answer = await onConfirm(trimmed);
      toast(<Rich k="console.done" values={{ done: typeof done === "string" ? done : done(answer), row: auditLine(answer.audit_seq) }} />);
      onClose();
    } catch (failure) {
      if (!isCancelled(failure)) setError(failure);
    } finally {
      setSending(false);
    }
  };
  const problem = (name: string) => (error instanceof ApiError ? error.field(name) : "") || undefined;
  return (
    <form onSubmit={(event) => void confirm(event)}>
      <Stack gap="md">
        {children && <div>{children}</div>}
        {fields.map((field, index) => {
          const common = {
            label: field.label,
            description: field.description,
            value: values[field.name] ?? "",
            required: !field.optional,
            withAsterisk: false,
            error: problem(field.name),
            ...(index === 0 && { "data-autofocus": true }),
          };
          if (field.choices)
            return (
              <Input.Wrapper key={field.name} label={field.label} description={field.description} labelElement="div" error={problem(field.name)}>
                <SegmentedControl
                  aria-label={field.label}
                  fullWidth
                  mt="var(--space-1)"
                  data={[...field.choices]}
                  value={values[field.name] ?? ""}
                  onChange={(value) => {
                    set(field.name, value);
                  }}
                />
              </Input.Wrapper>
            );
          if (field.secret)
            return (
              <PasswordInput
                key={field.name}
                {...common}
                autoComplete="new-password"
                spellCheck={false}
                onChange={(event) => {
                  set(field.name, event.currentTarget.value);
                }}
              />
            );
          return field.long ? (
            <Textarea
              key={field.name}
              {...common}
              autosize
              minRows={2}
              onChange={(event) => {
                set(field.name, event.currentTarget.value);
              }}
            />
          ) : (
            <TextInput
              key={field.name}
              {...common}
              inputMode={field.amount ? "decimal" : undefined}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => {
                set(field.name, event.currentTarget.value);
              }}
            />
          );
        })}
        <ReasonField
          value={values.reason ?? ""}
          error={problem("reason")}
          autofocus={fields.length === 0}
          onChange={(reason) => {
            set("reason", reason);
          }}
        />
        {preview && (
          <Previewed
            values={trimmed}
            names={fields.map((field) => field.name)}
            needs={previewNeeds ?? fields.filter((field) => !field.optional).map((field) => field.name)}
            preview={preview}
          />
        )}
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" color={danger ? "bad" : "accent"} disabled={!ready} loading={sending}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface PreviewedProps {
  values: Values;
  names: readonly string[];
  needs: readonly string[];
  preview: (values: Values) => Promise<Effect>;
}

function Previewed({ values, names, needs, preview }: PreviewedProps) {
  const own = useId();
  const [asked] = useDebouncedValue(JSON.stringify(names.map((name) => values[name] ?? "")), PAUSE_MS);
  const query = useQuery({
    queryKey: ["console", "preview", own, asked],
    // The reason is no part of the effect; a preview has the body of the act.
    queryFn: () => preview({ ...values, reason: values.reason === "" || values.reason === undefined ? "preview" : values.reason }),
    enabled: needs.every((name) => (values[name] ?? "") !== ""),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  return <EffectNote query={query} />;
}
