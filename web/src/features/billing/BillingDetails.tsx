import { Button, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import styles from "./billing.module.css";
import { isEmail, oneLine } from "./model";
import { type Details, detailsQuery, useChangeDetails } from "./queries";

/** Who the workspace is on receipts of orders to come. */
export function BillingDetails() {
  const t = useT();
  const workspace = useWorkspace();
  const details = useQuery(detailsQuery(workspace.id));
  return (
    <Section title={t("billing.details_title")} text={t("billing.details_text")}>
      <Result query={details} skeleton={<BlockSkeleton height={340} />}>
        {(known) => <Form key={workspace.id} known={known} />}
      </Result>
    </Section>
  );
}

function Form({ known }: { known: Details }) {
  const t = useT();
  const workspace = useWorkspace();
  const change = useChangeDetails(workspace.id);
  const [wanted, setWanted] = useState(known);
  const errors = fieldErrors(change.error);
  const changed = (Object.keys(known) as (keyof Details)[]).some((name) => wanted[name] !== known[name]);
  const input = (name: keyof Details) => ({
    value: wanted[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setWanted((before) => ({ ...before, [name]: value }));
    },
    error: errors[name],
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isEmail(wanted.email)) return;
    change.mutate(
      { name: oneLine(wanted.name), address: wanted.address.trim(), tax_id: oneLine(wanted.tax_id), email: wanted.email.trim() },
      {
        onSuccess: (saved) => {
          setWanted(saved);
          toast(t("billing.details_saved"));
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate className={styles.form}>
      <TextInput label={t("billing.name")} {...input("name")} maxLength={200} autoComplete="organization" />
      <Textarea
        label={t("billing.address")}
        {...input("address")}
        maxLength={500}
        autosize
        minRows={3}
        maxRows={8}
        autoComplete="street-address"
      />
      <TextInput label={t("billing.tax_id")} {...input("tax_id")} maxLength={50} autoComplete="off" />
      <TextInput
        label={t("billing.email")}
        description={t("billing.email_hint")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        type="email"
        {...input("email")}
        error={isEmail(wanted.email) ? errors.email : t("billing.wrong_email")}
        maxLength={254}
        autoComplete="email"
      />
      {Object.keys(errors).length === 0 && <ErrorNotice error={change.error} />}
      <div>
        <Button type="submit" variant="default" loading={change.isPending} disabled={!changed}>
          {t("billing.save")}
        </Button>
      </div>
    </form>
  );
}
