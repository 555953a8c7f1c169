import { Button } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { Sections } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { useMay, useWorkspace } from "@/ui/workspace";
import { DailyLimit } from "./DailyLimit";
import { Ending } from "./Ending";
import { Invitations } from "./Invitations";
import { InviteDialog } from "./InviteDialog";
import { MemberTable } from "./MemberTable";
import { detailQuery, membersQuery } from "./queries";
import { WorkspaceForm } from "./WorkspaceForm";

export default function TeamPage() {
  const t = useT();
  const workspace = useWorkspace();
  const detail = useQuery(detailQuery(workspace.id));
  const members = useQuery(membersQuery(workspace.id));
  const [inviting, setInviting] = useState(false);
  const team = workspace.kind === "team";
  const invites = useMay("members") && team;
  const changes = useMay("members", "ownership", "limits");
  return (
    <>
      <PageHeader
        title={t("nav.team")}
        lead={team ? t("team.lead") : t("team.lead_personal")}
        actions={
          invites && (
            <Button
              leftSection={<IconUserPlus size={16} stroke={1.5} aria-hidden />}
              onClick={() => {
                setInviting(true);
              }}
            >
              {t("team.invite")}
            </Button>
          )
        }
      />
      <Sections>
        <Result query={detail} skeleton={<BlockSkeleton height={132} />}>
          {(data) => <DailyLimit detail={data} />}
        </Result>
        <Result query={members} skeleton={<BlockSkeleton height={240} />}>
          {(rows) => <MemberTable rows={rows} />}
        </Result>
        {invites && <Invitations />}
        {detail.data && changes && <WorkspaceForm detail={detail.data} />}
        {team && members.data && <Ending members={members.data} />}
      </Sections>
      <InviteDialog
        opened={inviting}
        onClose={() => {
          setInviting(false);
        }}
      />
    </>
  );
}
