import { IconCpu } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { type Model, modelsQuery } from "@/api/queries";
import type { Search } from "@/lib/address";
import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { useWorkspace } from "@/ui/workspace";
import { Filters } from "./Filters";
import { useFavourites } from "./favourites";
import { choose } from "./model";
import { ModelList } from "./ModelList";
import { UseInCode } from "./UseInCode";

export default function ModelsPage() {
  const t = useT();
  const workspace = useWorkspace();
  const search = useSearch({ strict: false }) as Search;
  const models = useQuery(modelsQuery(workspace.id));
  // Stars of before come first; a row does not jump away under the pointer that gives it one.
  const { ids } = useFavourites();
  const [starred, setStarred] = useState(ids);
  if (starred === null && ids !== null) setStarred(ids);
  const [using, setUsing] = useState<Model | null>(null);
  return (
    <>
      <PageHeader title={t("nav.models")} lead={t("models.lead")} />
      <Result query={models} skeleton={<RowsSkeleton rows={10} />}>
        {(all) => {
          if (all.length === 0) {
            return (
              <EmptyState icon={IconCpu} title={t("models.empty")}>
                {t("models.empty_text")}
              </EmptyState>
            );
          }
          const chosen = choose(all, search);
          const first = (model: Model) => starred?.includes(model.id) ?? false;
          const shown = [...chosen.filter(first), ...chosen.filter((model) => !first(model))];
          return (
            <>
              <Filters models={all} shown={shown.length} />
              <ModelList models={shown} onUse={setUsing} />
            </>
          );
        }}
      </Result>
      <UseInCode
        model={using}
        onClose={() => {
          setUsing(null);
        }}
      />
    </>
  );
}
