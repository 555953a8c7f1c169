import { queryOptions, useQuery } from "@tanstack/react-query";
import { createContext, use } from "react";

import { api, ask, type Schemas } from "@/api/client";
import type { StaffRight } from "@/lib/rights";

export type ConsoleSession = Schemas["ConsoleSession"];

/** Who of the staff is here, and whether the console is open. Asking does not keep it open. */
export const sessionQuery = queryOptions({
  queryKey: ["console", "session"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/session", { signal })),
  staleTime: 60_000,
});

export function useSession() {
  return useQuery(sessionQuery);
}

export const StaffContext = createContext<ConsoleSession | null>(null);

/** Who of the staff is here; pages of the console always have one. */
export function useStaff(): ConsoleSession {
  const staff = use(StaffContext);
  if (staff === null) throw new Error("this page is not in the console");
  return staff;
}

/** Whether the reader may do this. What one may not do is not drawn. */
export function useStaffMay(right: StaffRight): boolean {
  return useStaff().rights.includes(right);
}
