import { Button, Checkbox, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { ApiError } from "@/api/problem";
import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Money } from "@/ui/Money";
import { Section, Sections } from "@/ui/Section";
import { ActDialog } from "../ActDialog";
import { ConsoleHeader } from "../ConsoleHeader";
import styles from "./models.module.css";
import { type ListPreview, type ListRow, type ListWanted, previewList, useImport } from "./queries";

/** A list is looked at, rows are chosen, and they are written as they were looked at. */
export default function Import() {
  const t = useT();
  const [wanted, setWanted] = useState<ListWanted>({ provider: "", content: null, match: "*", markup: "0", free: false });
  const [seen, setSeen] = useState<ListPreview | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [asking, setAsking] = useState(false);
  const [applying, setApplying] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const apply = useImport();
  const set = (changes: Partial<ListWanted>) => {
    setWanted((before) => ({ ...before, ...changes }));
    setSeen(null);
    setChosen([]);
  };
  const problem = (name: string) => (error instanceof ApiError ? error.field(name) || undefined : undefined);
  const look = async () => {
    setAsking(true);
    setError(null);
    try {
      const found = await previewList(wanted);
      setSeen(found);
      setChosen(found.rows.filter(writable).map((row) => row.id));
    } catch (failure) {
      setError(failure);
    } finally {
      setAsking(false);
    }
  };
  return (
    <>
      <ConsoleHeader title={t("console_models.import")} lead={t("console_models.import_lead")} back={{ to: "/models", label: t("console_models.title") }} />
      <Sections>
        <Section title={t("console_models.the_list")}>
          <form
            onSubmit={(event: FormEvent) => {
              event.preventDefault();
              void look();
            }}
          >
            <Stack gap="md">
              <div className={styles.rates}>
                <TextInput label={t("console_models.provider")} value={wanted.provider} required withAsterisk={false} error={problem("provider")} onChange={(event) => { set({ provider: event.currentTarget.value }); }} />
                <TextInput label={t("console_models.match")} description={t("console_models.match_hint")} value={wanted.match} error={problem("match")} onChange={(event) => { set({ match: event.currentTarget.value }); }} />
                <TextInput label={t("console_models.markup")} description={t("console_models.markup_hint")} inputMode="decimal" value={wanted.markup} error={problem("markup")} onChange={(event) => { set({ markup: event.currentTarget.value }); }} />
              </div>
              <Textarea className={styles.list} label={t("console_models.content")} description={t("console_models.content_hint")} value={wanted.content ?? ""} rows={6} spellCheck={false} error={problem("content")} onChange={(event) => { set({ content: event.currentTarget.value === "" ? null : event.currentTarget.value }); }} />
              <Checkbox label={t("console_models.take_free")} checked={wanted.free} onChange={(event) => { set({ free: event.currentTarget.checked }); }} />
              <ErrorNotice error={error} />
              <Group justify="flex-end">
                <Button type="submit" variant={seen === null ? "filled" : "default"} loading={asking} disabled={wanted.provider.trim() === ""}>
                  {t("console_models.show_differences")}
                </Button>
              </Group>
            </Stack>
          </form>
        </Section>
        {seen !== null && (
          <Section
            title={t("console_models.differences")}
            text={t("console_models.unchanged", { count: seen.unchanged })}
            bare
            actions={
              <Button
                disabled={chosen.length === 0}
                leftSection={<IconFileImport size={16} stroke={1.5} aria-hidden />}
                onClick={() => {
                  setApplying(true);
                }}
              >
                {t("console_models.apply", { count: chosen.length })}
              </Button>
            }
          >
            <Rows rows={seen.rows} chosen={chosen} choose={setChosen} />
          </Section>
        )}
      </Sections>
      <ActDialog
        opened={applying}
        onClose={() => {
          setApplying(false);
        }}
        title={t("console_models.apply_title", { provider: wanted.provider })}
        verb={t("console_models.apply", { count: chosen.length })}
        onConfirm={async (values) => {
          const done = await apply({ ...wanted, digest: seen?.digest ?? "", chosen: [...chosen], reason: values.reason ?? "" });
          setSeen(null);
          setChosen([]);
          return done;
        }}
        done={t("console_models.imported", { count: chosen.length })}
      >
        {t("console_models.apply_text")}
      </ActDialog>
    </>
  );
}

function writable(row: ListRow): boolean {
  return row.change !== "refused" && !(row.below_cost && row.moves.length > 0);
}

function Rows({ rows, chosen, choose }: { rows: readonly ListRow[]; chosen: readonly string[]; choose: (ids: readonly string[]) => void }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const able = rows.filter(writable).map((row) => row.id);
  const columns: Column<ListRow>[] = [
    {
      id: "model",
      header: t("console_models.model"),
      primary: true,
      cell: (row) => (
        <Checkbox
          label={row.id}
          checked={chosen.includes(row.id)}
          disabled={!writable(row)}
          onChange={(event) => {
            choose(event.currentTarget.checked ? [...chosen, row.id] : chosen.filter((id) => id !== row.id));
          }}
        />
      ),
    },
    { id: "change", header: t("console_models.change"), cell: (row) => say(`console_models.change.${row.change.replaceAll(" ", "_")}` as Key) },
    { id: "prices", header: t("console_models.prices"), cell: (row) => <Moves moves={row.moves} /> },
    { id: "costs", header: t("console_models.costs"), cell: (row) => <Moves moves={row.cost_moves} /> },
    {
      id: "why",
      header: t("console_models.remark"),
      cell: (row) => (row.below_cost ? <span className={styles.loss}>{t("console_models.below_cost")}</span> : row.why || "—"),
    },
  ];
  return (
    <div className={styles.stack}>
      {able.length > 0 && (
        <Checkbox
          label={t("console_models.choose_all", { count: able.length })}
          checked={chosen.length === able.length}
          indeterminate={chosen.length > 0 && chosen.length < able.length}
          onChange={(event) => {
            choose(event.currentTarget.checked ? able : []);
          }}
        />
      )}
      <DataTable label={t("console_models.differences")} columns={columns} rows={rows} rowKey={(row) => row.id} empty={<EmptyState title={t("console_models.no_differences")} />} />
    </div>
  );
}

function Moves({ moves }: { moves: ListRow["moves"] }) {
  const t = useT();
  const say = t as (key: Key) => string;
  if (moves.length === 0) return <>—</>;
  return (
    <span className={styles.moves}>
      {moves.map((move) => (
        <span key={move.name}>
          {say(`console_models.class.${move.name}` as Key)}: {move.now !== null && <><Money value={move.now} /> → </>}
          <Money value={move.then} />
        </span>
      ))}
    </span>
  );
}
