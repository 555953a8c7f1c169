import { useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { type Folder, useFolderActs } from "./queries";

interface FolderRemovalProps {
  folder: Folder;
  opened: boolean;
  onClose: () => void;
  onGone: () => void;
}

/** A folder goes for good; its chats stay. */
export function FolderRemoval({ folder, opened, onClose, onGone }: FolderRemovalProps) {
  const t = useT();
  const { remove } = useFolderActs(useWorkspace().id);
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={t("shelf.folder_delete_title", { name: folder.name })}
      verb={t("shelf.folder_delete")}
      danger
      onConfirm={async () => {
        await remove.mutateAsync(folder.id);
        toast(t("shelf.folder_deleted"));
        onGone();
      }}
    >
      {t("shelf.folder_delete_text", { count: folder.chats })}
    </ConfirmDialog>
  );
}
