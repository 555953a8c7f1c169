import { IconShieldLock } from "@tabler/icons-react";
import { Navigate } from "@tanstack/react-router";

import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { ConsoleHeader } from "./ConsoleHeader";
import { pagesFor } from "./pages";
import { useStaff } from "./session";

/** /console leads to the first page of the rail. */
export function Home() {
  const t = useT();
  const [first] = pagesFor(useStaff().rights);
  if (first !== undefined) return <Navigate to={`/${first.path}` as "/"} replace />;
  return (
    <>
      <ConsoleHeader title={t("console.name")} />
      <EmptyState icon={IconShieldLock} title={t("console.nothing")} />
    </>
  );
}
