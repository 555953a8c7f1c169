import { useQuery } from "@tanstack/react-query";

import { supportQuery } from "@/api/queries";
import { useT } from "@/locales";
import { ButtonLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import { isCategory, LONGEST_SUBJECT, parseAbout } from "./model";
import { NewRequest } from "./NewRequest";
import { Requests } from "./Requests";

/** What this person asked; with `new` or something to report in the address, the form of a new request. */
export default function SupportPage() {
  const t = useT();
  const workspace = useWorkspace();
  const address = useAddress();
  const summary = useQuery(supportQuery(workspace.id));
  const about = parseAbout(address.values("about"));
  const category = address.value("category");
  const hours = summary.data?.answer_hours;
  const lead = hours === undefined ? t("support.lead") : t("support.lead_hours", { count: hours });
  if (address.value("new") !== "" || about.length > 0) {
    return <NewRequest key={address.values("about").join()} about={about} category={isCategory(category) ? category : null} subject={address.value("subject").slice(0, LONGEST_SUBJECT)} lead={lead} />;
  }
  return (
    <>
      <PageHeader
        title={t("nav.support")}
        lead={lead}
        actions={
          <ButtonLink to="/w/$ws/support" params={{ ws: workspace.id }} search={{ new: "1" } as never}>
            {t("support.new")}
          </ButtonLink>
        }
      />
      <Requests />
    </>
  );
}
