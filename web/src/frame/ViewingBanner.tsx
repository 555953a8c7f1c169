import { Button } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, ask, ownApi } from "@/api/client";
import { clock } from "@/lib/time";
import { Rich, useWords } from "@/locales";
import { toast } from "@/ui/toast";
import { Banner } from "./Banner";

const AGAIN_MS = 60_000;

const viewingQuery = queryOptions({
  queryKey: ["viewing"],
  queryFn: ({ signal }) => ask(api.GET("/api/viewing", { signal })),
  // It may end elsewhere: then the client leaves this page.
  refetchInterval: AGAIN_MS,
});

/** On every page of a viewing: whose app it is, who looks, until when, and the way out. */
export function ViewingBanner({ viewing }: { viewing: string }) {
  const { t, tag } = useWords();
  const facts = useQuery(viewingQuery).data;
  const [ending, setEnding] = useState(false);
  useNoDownloads(t("viewing.no_files"));
  useLeaveAt(facts?.ends_at);
  const end = async () => {
    setEnding(true);
    try {
      await ask(ownApi.POST("/api/console/viewings/{viewing_id}/end", { params: { path: { viewing_id: viewing } } }));
    } finally {
      // Whatever came of it: nobody stays on this page who wanted to leave.
      location.assign(facts ? `/console/users/${facts.user.id}` : "/console");
    }
  };
  return (
    <Banner
      kind="warn"
      icon={IconEye}
      action={
        <Button size="xs" variant="default" miw="max-content" loading={ending} onClick={() => void end()}>
          {t("viewing.end")}
        </Button>
      }
    >
      {!facts ? (
        t("viewing.loading")
      ) : (
        <Rich k="viewing.banner" values={{ user: <b>{facts.user.name}</b>, email: facts.user.email, staff: facts.staff, until: clock(facts.ends_at, tag) }} />
      )}
    </Banner>
  );
}

/** Files are no part of a viewing; a link to one would be followed as oneself. */
function useNoDownloads(why: string) {
  useEffect(() => {
    const stop = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest('a[href^="/api/"]') !== null) {
        event.preventDefault();
        toast(why);
      }
    };
    document.addEventListener("click", stop, true);
    return () => {
      document.removeEventListener("click", stop, true);
    };
  }, [why]);
}

function useLeaveAt(moment: string | undefined) {
  useEffect(() => {
    if (moment === undefined) return;
    const timer = setTimeout(() => {
      location.assign("/console");
    }, Math.max(0, Date.parse(moment) - Date.now()));
    return () => {
      clearTimeout(timer);
    };
  }, [moment]);
}
