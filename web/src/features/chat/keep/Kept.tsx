import { Button } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { UseMutationResult, UseQueryResult } from "@tanstack/react-query";
import { type ComponentType, type ReactNode, useState } from "react";

import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { undoToast } from "@/ui/undo";
import { useHeld } from "@/ui/useHeld";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keep.module.css";
import { Page } from "./Page";
import { RowActs } from "./RowActs";

export interface FormProps<T> {
  workspace: string;
  /** null: a new one. */
  kept: T | null;
  onClose: () => void;
}

interface KeptProps<T, New> {
  kind: "prompt" | "preset";
  icon: Icon;
  query: UseQueryResult<T[]>;
  acts: { create: UseMutationResult<unknown, Error, New>; remove: UseMutationResult<unknown, Error, string> };
  /** What makes the same thing again after its deletion. */
  again: (one: T) => New;
  Form: ComponentType<FormProps<T>>;
  /** Stands in a row below the name. */
  body: (one: T) => ReactNode;
  /** Stands before the acts of a row. */
  extra?: (one: T) => ReactNode;
}

/** A page of what a person keeps under names: made, edited, deleted, and made again by Undo. */
export function Kept<T extends { id: string; name: string }, New>({ kind, icon, query, acts, again, Form, body, extra }: KeptProps<T, New>) {
  const t = useT();
  const { id } = useWorkspace();
  const [edited, setEdited] = useState<T | "new" | null>(null);
  const held = useHeld(edited);
  const close = () => {
    setEdited(null);
  };
  const { create, remove } = acts;
  const make = (
    <Button
      onClick={() => {
        setEdited("new");
      }}
    >
      {t(`keep.${kind}_create`)}
    </Button>
  );
  const removeOne = (one: T) => {
    remove.mutate(one.id, {
      onSuccess: () => {
        undoToast(t(`keep.${kind}_deleted`, { name: one.name }), t("shelf.undo"), () => {
          create.mutate(again(one));
        });
      },
    });
  };
  return (
    <Page title={t(`keep.${kind}s`)} lead={t(`keep.${kind}s_lead`)} actions={query.data?.length ? make : undefined}>
      <ErrorNotice error={remove.error ?? create.error} />
      <Result query={query} skeleton={<RowsSkeleton rows={4} />}>
        {(rows) =>
          rows.length === 0 ? (
            <div className={styles.panel}>
              <EmptyState icon={icon} title={t(`keep.no_${kind}s`)} action={make}>
                {t(`keep.no_${kind}s_text`)}
              </EmptyState>
            </div>
          ) : (
            <ul className={styles.list} aria-label={t(`keep.${kind}s`)}>
              {rows.map((one) => (
                <li key={one.id}>
                  <div className={styles.item}>
                    <h2>{one.name}</h2>
                    {body(one)}
                  </div>
                  <RowActs
                    of={one.name}
                    removing={remove.isPending && remove.variables === one.id}
                    onEdit={() => {
                      setEdited(one);
                    }}
                    onRemove={() => {
                      removeOne(one);
                    }}
                  >
                    {extra?.(one)}
                  </RowActs>
                </li>
              ))}
            </ul>
          )
        }
      </Result>
      <Dialog opened={edited !== null} onClose={close} title={t(held === "new" ? `keep.${kind}_new` : `keep.${kind}_edit`)} size="lg">
        {held !== null && <Form workspace={id} kept={held === "new" ? null : held} onClose={close} />}
      </Dialog>
    </Page>
  );
}
