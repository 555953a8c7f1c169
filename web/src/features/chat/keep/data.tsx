import { Button, Group } from "@mantine/core";
import { IconDownload, IconUpload } from "@tabler/icons-react";
import { useRef, useState } from "react";

import { Rich, useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Section, Sections } from "@/ui/Section";
import { AnchorLink } from "@/ui/links";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { exportAddress } from "../shelf/moving";
import { Import } from "./Import";
import { Page } from "./Page";
import { useMoving } from "./queries";
import styles from "./keep.module.css";

/** Chats as files, out and in, and all of them going. */
export default function DataPage() {
  const t = useT();
  const { id } = useWorkspace();
  return (
    <Page title={t("keep.data")} lead={t("keep.data_lead")}>
      <Sections>
        <Section title={t("keep.export")} text={t("keep.export_text")}>
          <Group gap="xs">
            <Button component="a" variant="default" href={exportAddress(id, "markdown")} download leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}>
              {t("keep.export_markdown")}
            </Button>
            <Button component="a" variant="default" href={exportAddress(id, "json")} download leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}>
              {t("keep.export_json")}
            </Button>
          </Group>
        </Section>
        <ImportSection />
        <DeleteAll />
      </Sections>
    </Page>
  );
}

function ImportSection() {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  return (
    <Section
      title={t("keep.import")}
      text={t("keep.import_text")}
      actions={
        <>
          <input
            ref={input}
            type="file"
            className="visually-hidden"
            tabIndex={-1}
            accept=".json,.zip,application/json"
            aria-label={t("keep.import_file")}
            onChange={(event) => {
              setFile(event.currentTarget.files?.[0] ?? null);
              event.currentTarget.value = "";
            }}
          />
          <Button
            variant="default"
            leftSection={<IconUpload size={16} stroke={1.5} aria-hidden />}
            onClick={() => {
              input.current?.click();
            }}
          >
            {t("keep.import_choose")}
          </Button>
        </>
      }
    >
      {file !== null && (
        <Import
          key={`${file.name} ${String(file.lastModified)} ${String(file.size)}`}
          file={file}
          onClose={() => {
            setFile(null);
          }}
        />
      )}
    </Section>
  );
}

/** Has to be typed in every language as the server wants it. */
const TYPED = "delete all";

function DeleteAll() {
  const t = useT();
  const { id, rights } = useWorkspace();
  const { removeAll } = useMoving(id);
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title={t("keep.delete_all")}
      text={t("keep.delete_all_text")}
      actions={
        <Button
          color="bad"
          onClick={() => {
            setAsking(true);
          }}
        >
          {t("keep.delete_all_verb")}
        </Button>
      }
    >
      <ConfirmDialog
        opened={asking}
        onClose={() => {
          setAsking(false);
        }}
        title={t("keep.delete_all")}
        verb={t("keep.delete_all_verb")}
        typed={TYPED}
        danger
        onConfirm={async () => {
          const { deleted } = await removeAll.mutateAsync(TYPED);
          toast(t("keep.deleted_all", { count: deleted }));
        }}
      >
        <p>{t("keep.delete_all_what")}</p>
        <p className={styles.quiet}>
          {rights.includes("ledger") ? (
            <Rich
              k="keep.ledger_stays_link"
              values={{
                ledger: (
                  <AnchorLink to="/w/$ws/ledger" params={{ ws: id }}>
                    {t("keep.ledger")}
                  </AnchorLink>
                ),
              }}
            />
          ) : (
            t("keep.ledger_stays")
          )}
        </p>
      </ConfirmDialog>
    </Section>
  );
}
