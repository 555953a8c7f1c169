import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";

import { useT } from "@/locales";
import { ErrorNotice } from "./ErrorNotice";
import styles from "./states.module.css";

const QUIET_MS = 150;
const SLOW_MS = 8000;

interface ResultProps<T> {
  query: UseQueryResult<T>;
  /** Of the final size, so that nothing moves. */
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
}

/** A query on a page: nothing for 150 ms, then a skeleton, after 8 s a way to try again; errors in words. */
export function Result<T>({ query, skeleton, children }: ResultProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <ErrorNotice error={query.error} retry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <ErrorNotice error={query.error} retry={() => void query.refetch()} />;
  return <Waiting skeleton={skeleton} retry={() => void query.refetch({ cancelRefetch: true })} />;
}

/** A skeleton that keeps its place from the start, is seen after 150 ms, and owns up after 8 s. */
export function Waiting({ skeleton, retry }: { skeleton: ReactNode; retry?: () => void }) {
  const t = useT();
  const [phase, setPhase] = useState<"quiet" | "seen" | "slow">("quiet");
  useEffect(() => {
    const seen = setTimeout(() => {
      setPhase("seen");
    }, QUIET_MS);
    const slow = setTimeout(() => {
      setPhase("slow");
    }, SLOW_MS);
    return () => {
      clearTimeout(seen);
      clearTimeout(slow);
    };
  }, []);
  return (
    <div aria-busy="true">
      <span role="status" className="visually-hidden">
        {phase === "quiet" ? "" : t("wait.loading")}
      </span>
      {phase === "slow" && (
        <p className={styles.slow}>
          {t("wait.slow")}
          {retry && (
            <Button variant="default" size="compact-sm" onClick={retry}>
              {t("error.retry")}
            </Button>
          )}
        </p>
      )}
      <div aria-hidden style={{ visibility: phase === "quiet" ? "hidden" : "visible" }}>
        {skeleton}
      </div>
    </div>
  );
}
