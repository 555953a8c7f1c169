import type { ReactNode } from "react";

import { ConsoleLink } from "../links";
import { pagesFor } from "../pages";
import { useStaff } from "../session";

/** A link to a page below /console, for whoever has that page; plain text for the others. */
export function Opens({ path, more = "", search, children }: { path: string; more?: string; search?: Record<string, string> | undefined; children: ReactNode }) {
  const mine = pagesFor(useStaff().rights).some((page) => page.path === path);
  return mine ? (
    <ConsoleLink to={`/${path}${more}`} {...(search && { search })}>
      {children}
    </ConsoleLink>
  ) : (
    <>{children}</>
  );
}
