import { IconShare } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink } from "@/ui/links";
import { Result } from "@/ui/Result";
import { RowButton } from "@/ui/RowButton";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { sharesQuery, useShareActs } from "../shelf/shares";
import styles from "./keep.module.css";
import { Page } from "./Page";

/** Every link to a copy of a chat that still works. */
export default function LinksPage() {
  const t = useT();
  const { id } = useWorkspace();
  const shares = useQuery(sharesQuery(id));
  const { revoke } = useShareActs(id);
  return (
    <Page title={t("keep.links")} lead={t("keep.links_lead")}>
      <ErrorNotice error={revoke.error} />
      <Result query={shares} skeleton={<RowsSkeleton rows={3} />}>
        {(rows) =>
          rows.length === 0 ? (
            <div className={styles.panel}>
              <EmptyState icon={IconShare} title={t("keep.no_links")}>
                {t("keep.no_links_text")}
              </EmptyState>
            </div>
          ) : (
            <ul className={styles.list} aria-label={t("keep.links")}>
              {rows.map((share) => (
                <li key={share.id}>
                  <div className={styles.item}>
                    <h2>
                      {share.chat === null ? (
                        share.title
                      ) : (
                        <AnchorLink to="/w/$ws/chat/$chat" params={{ ws: id, chat: share.chat }}>
                          {share.title}
                        </AnchorLink>
                      )}
                    </h2>
                    <code className={styles.address}>{share.url}</code>
                    <p className={styles.marks}>
                      {t(share.audience === "anyone" ? "shelf.audience_anyone" : "shelf.audience_signed_in")} · <TimeAgo moment={share.created_at} />
                    </p>
                  </div>
                  <div className={styles.acts}>
                    <CopyButton text={share.url} label={t("keep.link_copy", { title: share.title })} />
                    <RowButton
                      of={share.title}
                      loading={revoke.isPending && revoke.variables === share.id}
                      onClick={() => {
                        revoke.mutate(share.id, {
                          onSuccess: () => {
                            toast(t("shelf.link_revoked"));
                          },
                        });
                      }}
                    >
                      {t("shelf.link_revoke")}
                    </RowButton>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Result>
    </Page>
  );
}
