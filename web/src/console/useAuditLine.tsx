import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";

import { useGo } from "./links";
import { useStaffMay } from "./session";

/** Return how a line of the audit log is named: with a link for who may read it. For toasts, which stand outside the router. */
export function useAuditLine(): (seq: number) => ReactNode {
  const reads = useStaffMay("audit");
  const go = useGo();
  return (seq) =>
    reads ? (
      <Anchor
        href={`/console/audit/${seq}`}
        onClick={(event) => {
          event.preventDefault();
          go(`/audit/${seq}`);
        }}
      >
        {seq}
      </Anchor>
    ) : (
      String(seq)
    );
}
