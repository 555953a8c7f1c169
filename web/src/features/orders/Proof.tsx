import { Anchor, Button, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { Order } from "@/api/payments";
import type { Uploaded } from "@/api/upload";
import { fieldErrors } from "@/lib/fields";
import { fileSize } from "@/lib/payments";
import { day } from "@/lib/time";
import { type Key, useT, useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Facts } from "@/ui/Facts";
import { FilePicker } from "@/ui/FilePicker";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { useStored } from "@/ui/useStored";
import { useWorkspace } from "@/ui/workspace";
import { proofTroubles, type ProofTrouble } from "./model";
import styles from "./orders.module.css";
import { proofRulesQuery, useOrderActs } from "./queries";

/** The proof of payment: handed in, looked at, replaced. */
export function Proof({ order }: { order: Order }) {
  const t = useT();
  const [replacing, setReplacing] = useState(false);
  const asks = order.state === "awaiting_proof" || order.state === "needs_information";
  const shows = order.may.submit && (asks || replacing);
  return (
    <Section
      title={t("order.proof")}
      text={t(order.state === "needs_information" ? "order.proof_answer" : asks ? "order.proof_text" : "order.proof_given")}
      actions={
        order.may.submit &&
        !asks &&
        !replacing && (
          <Button
            variant="default"
            onClick={() => {
              setReplacing(true);
            }}
          >
            {t("order.proof_replace")}
          </Button>
        )
      }
    >
      {shows ? (
        <Form
          order={order}
          onDone={() => {
            setReplacing(false);
          }}
        />
      ) : (
        <Given order={order} />
      )}
    </Section>
  );
}

function Given({ order }: { order: Order }) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  return (
    <Facts
      facts={[
        [
          t("order.proof_file"),
          order.proof === null ? (
            "—"
          ) : (
            <>
              <Anchor inherit href={`/api/workspaces/${id}/uploads/${order.proof.id}`} target="_blank" rel="noreferrer">
                {order.proof.name}
              </Anchor>{" "}
              <span className={styles.quiet}>{fileSize(order.proof.size, tag)}</span>
            </>
          ),
        ],
        [t("order.payer_reference"), order.payer_reference === "" ? "—" : order.payer_reference],
        [t("order.paid_on"), order.paid_on === null ? "—" : day(order.paid_on, tag, "UTC")],
        ...(order.note === "" ? [] : [[t("order.note"), order.note] as const]),
      ]}
    />
  );
}

interface Values {
  upload: Uploaded | null;
  payerReference: string;
  paidOn: string;
  note: string;
}

const TROUBLES: Record<ProofTrouble, Key> = {
  proof: "order.wrong_proof",
  payer_reference: "order.wrong_payer_reference",
  paid_on: "order.wrong_paid_on",
};

function Form({ order, onDone }: { order: Order; onDone: () => void }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const workspace = useWorkspace();
  const { submit } = useOrderActs(workspace.id, order.id);
  const rules = useQuery(proofRulesQuery(workspace.id)).data ?? { types: [], most_bytes: 0 };
  const [values, setValues, forget] = useStored<Values>(`omna.proof.${order.id}`, {
    upload: order.proof,
    payerReference: order.payer_reference,
    paidOn: order.paid_on ?? "",
    note: order.note,
  });
  const [sent, setSent] = useState(false);
  const [busy, setBusy] = useState(false);
  const today = new Date().toLocaleDateString("sv");
  const troubles = proofTroubles(values, today);
  const named = fieldErrors(submit.error);
  const wrong = (name: ProofTrouble): string | undefined => (sent && troubles.includes(name) ? say(TROUBLES[name]) : named[name === "proof" ? "upload_id" : name]);
  const set = (changes: Partial<Values>) => {
    setValues((before) => ({ ...before, ...changes }));
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (troubles.length > 0 || values.upload === null || busy || submit.isPending) return;
    submit.mutate(
      { upload_id: values.upload.id === order.proof?.id ? null : values.upload.id, payer_reference: values.payerReference.trim(), paid_on: values.paidOn === "" ? null : values.paidOn, note: values.note.trim() },
      {
        onSuccess: () => {
          forget();
          toast(t("order.submitted"));
          onDone();
        },
      },
    );
  };
  return (
    <form className={styles.form} onSubmit={send} noValidate>
      <FilePicker
        workspace={workspace.id}
        label={t("order.proof_file")}
        types={rules.types}
        mostBytes={rules.most_bytes}
        value={values.upload}
        onChange={(upload) => {
          set({ upload });
        }}
        onBusy={setBusy}
        error={wrong("proof")}
      />
      <p className={styles.quiet}>{t("order.proof_privacy")}</p>
      <div className={styles.pair}>
        <TextInput
          label={t("order.payer_reference")}
          description={t("order.payer_reference_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={values.payerReference}
          onChange={(event) => {
            set({ payerReference: event.currentTarget.value });
          }}
          error={wrong("payer_reference")}
          maxLength={140}
          autoComplete="off"
        />
        <TextInput
          type="date"
          label={t("order.paid_on")}
          max={today}
          value={values.paidOn}
          onChange={(event) => {
            set({ paidOn: event.currentTarget.value });
          }}
          error={wrong("paid_on")}
        />
      </div>
      <Textarea
        label={t(order.state === "needs_information" ? "order.answer" : "order.note")}
        value={values.note}
        onChange={(event) => {
          set({ note: event.currentTarget.value });
        }}
        autosize
        minRows={2}
        maxLength={1000}
      />
      <ErrorNotice error={submit.error} />
      <div>
        <Button type="submit" loading={submit.isPending} disabled={busy}>
          {t("order.submit")}
        </Button>
      </div>
    </form>
  );
}
