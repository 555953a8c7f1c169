import { Menu, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconCreditCardPay, IconPlus, IconSelector } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { Workspace } from "@/api/queries";
import { may } from "@/lib/rights";
import { useT } from "@/locales";
import { Money } from "@/ui/Money";
import { CreateWorkspace } from "./CreateWorkspace";
import styles from "./frame.module.css";

interface SwitcherProps {
  workspace: Workspace | undefined;
  workspaces: readonly Workspace[];
  onDone?: () => void;
}

/** Every workspace with its balance, and a new one. */
export function WorkspaceSwitcher({ workspace, workspaces, onDone }: SwitcherProps) {
  const t = useT();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const open = (id: string) => {
    onDone?.();
    void navigate({ to: "/w/$ws", params: { ws: id } });
  };
  return (
    <>
      <Menu width="target" position="bottom-start">
        <Menu.Target>
          <button type="button" className={styles.switcher}>
            <Label workspace={workspace} />
            <VisuallyHidden>{t("frame.switch")}</VisuallyHidden>
            <IconSelector size={16} stroke={1.5} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("frame.workspaces")}</Menu.Label>
          {workspaces.map((one) => (
            <Menu.Item
              key={one.id}
              onClick={() => {
                open(one.id);
              }}
              aria-current={one.id === workspace?.id ? "true" : undefined}
              rightSection={one.id === workspace?.id ? <IconCheck size={16} stroke={1.5} aria-hidden /> : null}
            >
              <span className={styles.row}>
                <Label workspace={one} />
              </span>
            </Menu.Item>
          ))}
          <Menu.Divider />
          {workspace !== undefined && may(workspace, "billing") && (
            <Menu.Item
              leftSection={<IconCreditCardPay size={16} stroke={1.5} aria-hidden />}
              onClick={() => {
                onDone?.();
                void navigate({ to: "/w/$ws/recharge", params: { ws: workspace.id } });
              }}
            >
              {t("frame.recharge")}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            onClick={() => {
              setCreating(true);
            }}
          >
            {t("frame.create_workspace")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <CreateWorkspace
        opened={creating}
        onClose={() => {
          setCreating(false);
        }}
        onCreated={open}
      />
    </>
  );
}

function Label({ workspace }: { workspace: Workspace | undefined }) {
  const t = useT();
  return (
    <>
      <span className={styles.initial} aria-hidden>
        {[...(workspace?.name ?? "·")][0]?.toUpperCase()}
      </span>
      <span className={styles.names}>
        <span className={styles.name}>{workspace?.name ?? t("frame.no_workspace")}</span>
        <span className={styles.sub}>
          <Money value={workspace?.balance} form="short" unit inert />
        </span>
      </span>
    </>
  );
}
