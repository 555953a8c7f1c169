import type { ErrorComponentProps } from "@tanstack/react-router";

import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { PageHeader } from "@/ui/PageHeader";

/** A page that failed, inside the frame. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const t = useT();
  return (
    <>
      <PageHeader title={t("broken.title")} />
      <ErrorNotice
        error={error}
        retry={() => {
          // A page of a version that is gone cannot be loaded any more: take the new one.
          if (/dynamically imported module|Importing a module script/.test(String(error))) location.reload();
          else reset();
        }}
      />
    </>
  );
}
