import { ActionIcon, Button, Group } from "@mantine/core";
import { IconDownload, IconRotateClockwise, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { fileSize } from "@/lib/payments";
import { useWords } from "@/locales";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { canZoom, START, turned, zoomed } from "./proof";
import styles from "./proof.module.css";
import { proofQuery } from "./queries";

interface Proof {
  id: string;
  name: string;
  type: string;
  size: number;
}

/** What the customer handed in: a picture to zoom and turn; anything else to save. */
export function ProofViewer({ proof }: { proof: Proof }) {
  const { t, tag } = useWords();
  // Whoever reads it is on record: it is fetched when somebody asks to see it.
  const [shown, setShown] = useState(false);
  return (
    <Section title={t("console_recharges.proof")} text={`${proof.name} · ${fileSize(proof.size, tag)}`}>
      {shown ? (
        <File proof={proof} />
      ) : (
        <Button
          variant="default"
          onClick={() => {
            setShown(true);
          }}
        >
          {t("console_recharges.proof_show")}
        </Button>
      )}
    </Section>
  );
}

function File({ proof }: { proof: Proof }) {
  const file = useQuery(proofQuery(proof.id));
  return (
    <Result query={file} skeleton={<BlockSkeleton height={320} />}>
      {(blob) => <Shown proof={proof} blob={blob} />}
    </Result>
  );
}

function Shown({ proof, blob }: { proof: Proof; blob: Blob }) {
  const { t } = useWords();
  const [view, setView] = useState(START);
  // Width through height. Turned by a quarter, the sheet below the picture has the other one.
  const [ratio, setRatio] = useState(1);
  const lies = view.turn % 180 !== 0;
  const url = useMemo(() => URL.createObjectURL(blob), [blob]);
  useEffect(
    () => () => {
      URL.revokeObjectURL(url);
    },
    [url],
  );
  const isPicture = proof.type.startsWith("image/");
  return (
    <div className={styles.viewer}>
      <Group gap="xs">
        {isPicture && (
          <>
            <ActionIcon
              variant="default"
              aria-label={t("console_recharges.zoom_in")}
              disabled={!canZoom(view, 1)}
              onClick={() => {
                setView(zoomed(view, 1));
              }}
            >
              <IconZoomIn size={18} stroke={1.5} />
            </ActionIcon>
            <ActionIcon
              variant="default"
              aria-label={t("console_recharges.zoom_out")}
              disabled={!canZoom(view, -1)}
              onClick={() => {
                setView(zoomed(view, -1));
              }}
            >
              <IconZoomOut size={18} stroke={1.5} />
            </ActionIcon>
            <ActionIcon
              variant="default"
              aria-label={t("console_recharges.rotate")}
              onClick={() => {
                setView(turned(view));
              }}
            >
              <IconRotateClockwise size={18} stroke={1.5} />
            </ActionIcon>
          </>
        )}
        <Button component="a" variant="default" href={url} download={proof.name} leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}>
          {t("console_recharges.proof_save")}
        </Button>
      </Group>
      {isPicture ? (
        // Scrolled by keys, too, once it is larger than its frame.
        <div className={styles.frame} tabIndex={0} role="group" aria-label={t("console_recharges.proof")}>
          <div className={styles.sheet} style={{ width: `${String(view.zoom * 100)}%`, aspectRatio: String(lies ? 1 / ratio : ratio) }}>
            <img
              src={url}
              alt={t("console_recharges.proof_alt", { name: proof.name })}
              className={styles.picture}
              style={{ width: lies ? `${String(ratio * 100)}%` : "100%", transform: `translate(-50%, -50%) rotate(${String(view.turn)}deg)` }}
              onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
                setRatio(naturalWidth / Math.max(1, naturalHeight));
              }}
            />
          </div>
        </div>
      ) : (
        <p className={styles.note}>{t("console_recharges.proof_pdf")}</p>
      )}
    </div>
  );
}
