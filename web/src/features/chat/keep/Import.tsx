import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { fileSize } from "@/lib/payments";
import { useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink } from "@/ui/links";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keep.module.css";
import { preview } from "./preview";
import { useMoving } from "./queries";

/** The server reads no larger ones. */
const MOST_BYTES = 20 * 1024 * 1024;

const MOST_NAMED = 20;

/** What a file would bring, then what it brought. */
export function Import({ file, onClose }: { file: File; onClose: () => void }) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  const { bring } = useMoving(id);
  const fits = file.size <= MOST_BYTES;
  const read = useQuery({
    queryKey: ["import", file.name, file.size, file.lastModified],
    queryFn: async () => preview(await file.text()),
    enabled: fits,
    gcTime: 0,
    staleTime: Infinity,
  });
  const found = read.data ?? null;
  const zipped = file.name.toLowerCase().endsWith(".zip");
  const wrong = !fits || read.isError || read.data === null;
  const made = bring.data;
  return (
    <div className={styles.preview}>
      <p className={styles.file}>
        <b>{file.name}</b>
        <span className={styles.quiet}>{fileSize(file.size, tag)}</span>
      </p>
      {made === undefined ? (
        <>
          <div role="status" className={styles.preview}>
            {found !== null && (
              <>
                <p>{t(found.from === "omna" ? "keep.import_omna" : "keep.import_chatgpt", { chats: found.chats, messages: found.messages })}</p>
                {found.titles.length > 0 && (
                  <ul>
                    {found.titles.map((title, index) => (
                      <li key={index}>{title}</li>
                    ))}
                    {found.chats > found.titles.length && <li>{t("keep.import_others", { count: found.chats - found.titles.length })}</li>}
                  </ul>
                )}
                <p className={styles.quiet}>{t("keep.import_free")}</p>
              </>
            )}
          </div>
          {wrong && (
            <p role="alert" className={styles.wrong}>
              {zipped
                ? t("keep.import_zip", { name: file.name })
                : fits
                  ? t("keep.import_wrong", { name: file.name })
                  : t("keep.import_large", { name: file.name, most: fileSize(MOST_BYTES, tag) })}
            </p>
          )}
          <ErrorNotice error={bring.error} />
          <Group gap="xs">
            {!wrong && (
              <Button
                loading={bring.isPending}
                disabled={found === null}
                onClick={() => {
                  bring.mutate(file);
                }}
              >
                {t("keep.import_verb")}
              </Button>
            )}
            <Button variant="default" onClick={onClose}>
              {t("confirm.cancel")}
            </Button>
          </Group>
        </>
      ) : (
        <>
          <div role="status">
            <p>{t("keep.imported", { count: made.imported })}</p>
            {made.there > 0 && <p className={styles.quiet}>{t("keep.import_there", { count: made.there })}</p>}
            {made.skipped.length > 0 && <p className={styles.quiet}>{t("keep.import_skipped", { count: made.skipped.length })}</p>}
          </div>
          {made.skipped.length > 0 && (
            <ul>
              {made.skipped.slice(0, MOST_NAMED).map((one, index) => (
                <li key={index}>
                  {one.title === "" ? t("shelf.untitled") : one.title}: {t(`keep.skipped_${one.reason}`)}
                </li>
              ))}
            </ul>
          )}
          <Group gap="sm">
            <AnchorLink to="/w/$ws/chat" params={{ ws: id }}>
              {t("keep.back")}
            </AnchorLink>
            <Button variant="default" size="compact-md" onClick={onClose}>
              {t("dialog.close")}
            </Button>
          </Group>
        </>
      )}
    </div>
  );
}
