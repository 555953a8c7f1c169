import { Button, Checkbox, NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { IconArrowLeft, IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { orderQuery } from "@/api/payments";
import { accountQuery } from "@/api/queries";
import { fieldErrors } from "@/lib/fields";
import { type Key, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Section, Sections } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { Answers } from "./Answers";
import { Files, type Picked, ready } from "./Files";
import { type About, CATEGORIES, type Category, LONGEST_SUBJECT, writtenMoney } from "./model";
import { useOpenTicket } from "./queries";
import styles from "./support.module.css";

interface NewRequestProps {
  about: readonly About[];
  category: Category | null;
  /** What the page that led here was about, for example a question of the public site. */
  subject: string;
  lead: string;
}

const MONEY = ["account_email", "payment_method", "payment_reference", "amount"] as const;
type MoneyField = (typeof MONEY)[number];

/** A new request: what it is about, answers that may be enough, the words, what goes with them. */
export function NewRequest({ about: given, category: first, subject: named, lead }: NewRequestProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const account = useQuery(accountQuery);
  const open = useOpenTicket(workspace.id);
  const [category, setCategory] = useState<Category | "">(first ?? "");
  const [subject, setSubject] = useState(named);
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const [money, setMoney] = useState<Partial<Record<MoneyField, string>>>({});
  const [about, setAbout] = useState(given);
  const [browser, setBrowser] = useState(true);
  const [files, setFiles] = useState<readonly Picked[]>([]);
  const [tried, setTried] = useState(false);

  const order = about.find((one) => one.kind === "order")?.id ?? "";
  const bought = useQuery({ ...orderQuery(workspace.id, order), enabled: order !== "" }).data;
  const known: Partial<Record<MoneyField, string>> = {
    account_email: account.data?.email ?? "",
    ...(bought && { payment_method: bought.method?.name ?? bought.processor ?? "", payment_reference: bought.reference, amount: writtenMoney(bought.total) }),
  };
  const valueOf = (field: MoneyField) => money[field] ?? known[field] ?? "";

  const errors = fieldErrors(open.error);
  const missing = { category: category === "", subject: subject.trim() === "", text: text.trim() === "" };
  const need = (field: keyof typeof missing) => (tried && missing[field] ? say(`support.need_${field}` as Key) : errors[field]);
  const isMoney = category === "billing";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (category === "" || missing.subject || missing.text || !ready(files)) return;
    open.mutate(
      {
        category,
        subject: subject.trim(),
        text,
        ...(isMoney && { ...Object.fromEntries(MONEY.map((field) => [field, valueOf(field) || null])), reason: reason || null }),
        about: [...about],
        browser: browser ? navigator.userAgent : null,
        attachments: files.flatMap((file) => (file.upload ? [file.upload.id] : [])),
      },
      {
        onSuccess: (ticket) => {
          toast(t("support.sent"));
          void navigate({ to: "/w/$ws/support/$ticket", params: { ws: workspace.id, ticket: ticket.id } });
        },
      },
    );
  };
  return (
    <>
      <p className={styles.back}>
        <AnchorLink to="/w/$ws/support" params={{ ws: workspace.id }}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden /> {t("support.requests")}
        </AnchorLink>
      </p>
      <PageHeader title={t("support.new")} lead={lead} />
      <form onSubmit={submit} noValidate className={styles.form}>
        <Sections>
          <Section title={t("support.what")}>
            <Stack gap="md">
              <NativeSelect
                label={t("support.category")}
                value={category}
                onChange={(event) => {
                  setCategory(event.currentTarget.value as Category | "");
                }}
                error={need("category")}
                data={[{ value: "", label: t("support.choose"), disabled: true }, ...CATEGORIES.map((value) => ({ value, label: say(`support.category_${value}` as Key) }))]}
              />
              {category !== "" && <Answers category={category} />}
            </Stack>
          </Section>
          <Section title={t("support.words")}>
            <Stack gap="md">
              <TextInput
                label={t("support.subject")}
                value={subject}
                maxLength={LONGEST_SUBJECT}
                onChange={(event) => {
                  setSubject(event.currentTarget.value);
                }}
                error={need("subject")}
              />
              <Textarea
                label={t("support.text")}
                description={t("support.text_hint")}
                value={text}
                autosize
                minRows={5}
                maxRows={16}
                onChange={(event) => {
                  setText(event.currentTarget.value);
                }}
                error={need("text")}
              />
              {isMoney && (
                <fieldset className={styles.money}>
                  <legend>{t("support.money")}</legend>
                  {MONEY.map((field) => (
                    <TextInput
                      key={field}
                      label={say(`support.${field}` as Key)}
                      type={field === "account_email" ? "email" : "text"}
                      value={valueOf(field)}
                      onChange={(event) => {
                        const { value } = event.currentTarget;
                        setMoney((before) => ({ ...before, [field]: value }));
                      }}
                      error={errors[field]}
                    />
                  ))}
                  <Textarea
                    className={styles.wide}
                    label={t("support.reason")}
                    description={t("support.reason_hint")}
                    value={reason}
                    autosize
                    minRows={2}
                    onChange={(event) => {
                      setReason(event.currentTarget.value);
                    }}
                    error={errors.reason}
                  />
                </fieldset>
              )}
            </Stack>
          </Section>
          <Section title={t("support.goes_with")} text={t("support.goes_with_text")}>
            <Stack gap="md">
              {about.length > 0 && (
                <ul className={styles.about}>
                  {about.map((one) => (
                    <li key={one.id}>
                      <span>{say(`support.kind_${one.kind}` as Key)}</span>
                      <code>{one.id}</code>
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        leftSection={<IconX size={16} stroke={1.5} aria-hidden />}
                        onClick={() => {
                          setAbout(about.filter((other) => other !== one));
                        }}
                      >
                        {t("support.take_away")}
                      </Button>
                    </li>
                  ))}
                </ul>
              )}
              {errors.about && <p className={styles.wrong}>{errors.about}</p>}
              <Files workspace={workspace.id} files={files} onChange={setFiles} />
              <Checkbox
                label={t("support.browser")}
                description={navigator.userAgent}
                checked={browser}
                onChange={(event) => {
                  setBrowser(event.currentTarget.checked);
                }}
              />
            </Stack>
          </Section>
          <ErrorNotice error={open.error} />
          <div className={styles.end}>
            <Button type="submit" loading={open.isPending} disabled={!ready(files)}>
              {t("support.send")}
            </Button>
          </div>
        </Sections>
      </form>
    </>
  );
}
