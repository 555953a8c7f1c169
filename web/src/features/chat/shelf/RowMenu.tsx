import { Menu } from "@mantine/core";
import { useRef } from "react";

import type { ChatRow } from "@/api/chats";
import { useHeld } from "@/ui/useHeld";
import { MenuItems } from "./MenuItems";
import styles from "./shelf.module.css";
import type { Filing } from "./useFiling";

export interface RowMenuTarget {
  row: ChatRow;
  /** The button that was pressed. */
  anchor: HTMLElement;
}

interface RowMenuProps {
  workspace: string;
  /** null: closed. */
  target: RowMenuTarget | null;
  filing: Filing;
  onClose: () => void;
  onRename: (row: ChatRow) => void;
  onSelect: (row: ChatRow) => void;
}

/** One menu for all rows, beside the button that was pressed: a long list would have hundreds of them otherwise. */
export function RowMenu({ workspace, target, filing, onClose, onRename, onSelect }: RowMenuProps) {
  const held = useHeld(target);
  // What an act is about to do with the focus goes before giving it back to the button.
  const chosen = useRef(false);
  const box = held?.anchor.getBoundingClientRect();
  return (
    <Menu
      opened={target !== null}
      position="bottom-end"
      width={220}
      returnFocus={false}
      onChange={(opened) => {
        if (opened) return;
        if (!chosen.current) target?.anchor.focus();
        chosen.current = false;
        onClose();
      }}
    >
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          className={styles.anchor}
          style={box && { left: box.left, top: box.top, width: box.width, height: box.height }}
        />
      </Menu.Target>
      <Menu.Dropdown>
        {held !== null && (
          <MenuItems
            workspace={workspace}
            row={held.row}
            filing={filing}
            onRename={() => {
              chosen.current = true;
              onRename(held.row);
            }}
            onSelect={() => {
              chosen.current = true;
              onSelect(held.row);
            }}
          />
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
