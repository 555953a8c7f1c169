import { useQuery } from "@tanstack/react-query";

import { accountQuery } from "@/api/queries";
import { useAddress } from "@/ui/useAddress";

/** The zone that times are shown in: the reader's own, or UTC when the address says so. */
export function useZone(): { zone: string; ownZone: string } {
  const account = useQuery(accountQuery);
  const address = useAddress();
  const ownZone = account.data?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { zone: address.value("zone") === "UTC" ? "UTC" : ownZone, ownZone };
}
