import { useQuery } from "@tanstack/react-query";

import { accountQuery } from "@/api/queries";

/** The zone a person has chosen; undefined is the browser's. */
export function useZone(): string | undefined {
  return useQuery(accountQuery).data?.zone ?? undefined;
}
