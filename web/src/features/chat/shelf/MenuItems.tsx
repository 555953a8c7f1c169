import { Menu } from "@mantine/core";
import { type Icon, IconArchive, IconArchiveOff, IconFileTypeTxt, IconFolder, IconJson, IconPencil, IconPin, IconPinnedOff, IconShare, IconSquareCheck, IconTrash } from "@tabler/icons-react";

import type { ChatRow } from "@/api/chats";
import { useT } from "@/locales";
import { exportAddress } from "./moving";
import type { Filing } from "./useFiling";

interface MenuItemsProps {
  workspace: string;
  row: ChatRow;
  filing: Filing;
  onRename: () => void;
  /** Where several can be chosen. */
  onSelect?: () => void;
}

const icon = (Picture: Icon) => <Picture size={16} stroke={1.5} aria-hidden />;

/** What can be done with one chat, in the menu of its row and in that of the page that shows it. */
export function MenuItems({ workspace, row, filing, onRename, onSelect }: MenuItemsProps) {
  const t = useT();
  return (
    <>
      <Menu.Item leftSection={icon(IconPencil)} onClick={onRename}>
        {t("shelf.rename")}
      </Menu.Item>
      <Menu.Item
        leftSection={icon(row.pinned ? IconPinnedOff : IconPin)}
        onClick={() => {
          filing.pin([row], !row.pinned);
        }}
      >
        {t(row.pinned ? "shelf.unpin" : "shelf.pin")}
      </Menu.Item>
      <Menu.Item
        leftSection={icon(IconFolder)}
        onClick={() => {
          filing.askMove([row]);
        }}
      >
        {t("shelf.move_to")}
      </Menu.Item>
      <Menu.Item
        leftSection={icon(IconShare)}
        onClick={() => {
          filing.askShare(row);
        }}
      >
        {t("shelf.share")}
      </Menu.Item>
      <Exports workspace={workspace} row={row} />
      {onSelect && (
        <Menu.Item leftSection={icon(IconSquareCheck)} onClick={onSelect}>
          {t("shelf.select")}
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Item
        leftSection={icon(row.archived ? IconArchiveOff : IconArchive)}
        onClick={() => {
          filing.archive([row], !row.archived);
        }}
      >
        {t(row.archived ? "shelf.unarchive" : "shelf.archive")}
      </Menu.Item>
      <Menu.Item
        color="red"
        leftSection={icon(IconTrash)}
        onClick={() => {
          filing.remove([row]);
        }}
      >
        {t("shelf.delete")}
      </Menu.Item>
    </>
  );
}

function Exports({ workspace, row }: { workspace: string; row: ChatRow }) {
  const t = useT();
  return (
    <>
      <Menu.Item component="a" href={exportAddress(workspace, "markdown", row.id)} download leftSection={icon(IconFileTypeTxt)}>
        {t("shelf.export_markdown")}
      </Menu.Item>
      <Menu.Item component="a" href={exportAddress(workspace, "json", row.id)} download leftSection={icon(IconJson)}>
        {t("shelf.export_json")}
      </Menu.Item>
    </>
  );
}
