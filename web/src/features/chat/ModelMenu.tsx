import { Menu, ScrollArea } from "@mantine/core";
import type { ReactNode } from "react";

import { useT } from "@/locales";
import styles from "./message.module.css";
import type { Model } from "./types";

interface ModelMenuProps {
  models: readonly Model[];
  /** What has answered already; it is left out. */
  current: string | null;
  onChoose: (model: string) => void;
  /** The button. */
  children: ReactNode;
}

/** Another model, in one step. Its list is no part of the answer: those are contained in themselves, and it would be laid out there. */
export function ModelMenu({ models, current, onChoose, children }: ModelMenuProps) {
  const t = useT();
  const others = models.filter((model) => model.available && model.id !== current);
  return (
    <Menu position="bottom-start" width={280} withinPortal>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("chat.answer_with")}</Menu.Label>
        <ScrollArea.Autosize mah={280} type="auto">
          {others.map((model) => (
            <Menu.Item
              key={model.id}
              onClick={() => {
                onChoose(model.id);
              }}
            >
              <span className={styles.modelName}>{model.name}</span>
            </Menu.Item>
          ))}
          {others.length === 0 && <Menu.Item disabled>{t("chat.no_other_model")}</Menu.Item>}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}
