import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { chatSettingsQuery } from "@/api/chats";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import styles from "./chat.module.css";
import { type Link, Room } from "./Room";
import { Shelf } from "./shelf/Shelf";
import { useKeyboardInset } from "./useKeyboardInset";

/** The chat: what there is, what was said, and the next word. */
export default function ChatPage() {
  const { chat } = useParams({ strict: false });
  const { id: workspace } = useWorkspace();
  const navigate = useNavigate();
  useKeyboardInset();

  // A new chat keeps its room when it gets its address: nothing is drawn anew, the focus stays.
  const [fresh, setFresh] = useState(0);
  const [born, setBorn] = useState<{ chat: string; key: string } | null>(null);
  const key = chat === undefined ? `new ${String(fresh)}` : born?.chat === chat ? born.key : chat;
  // Only once it is there: the room would be drawn anew on the way.
  if (chat !== undefined && born?.chat === chat && born.key === `new ${String(fresh)}`) setFresh(fresh + 1);
  const byDefault = useQuery(chatSettingsQuery).data?.temporary_by_default ?? false;
  const [fleeting, setFleeting] = useState<{ key: string; on: boolean } | null>(null);
  const temporary = chat === undefined && (fleeting?.key === key ? fleeting.on : byDefault);
  const link = useLink(key);

  const begin = () => {
    setFresh(fresh + 1);
    void navigate({ to: "/w/$ws/chat", params: { ws: workspace } });
  };
  return (
    <div className={styles.page} data-page="wide">
      <Shelf workspace={workspace} chat={chat ?? null} onNew={begin} />
      <Room
        key={key}
        id={chat ?? null}
        temporary={temporary}
        onTemporary={(on) => {
          setFleeting({ key, on });
        }}
        link={link}
        onBorn={(id) => {
          setBorn({ chat: id, key });
          void navigate({ to: "/w/$ws/chat/$chat", params: { ws: workspace, chat: id }, replace: true, resetScroll: false });
        }}
        onNew={begin}
      />
    </div>
  );
}

/** What the address asked to begin with, taken out of it: what was typed since is not replaced by a reload. */
function useLink(key: string): Link {
  const address = useAddress();
  const [link, setLink] = useState({ key, ...asked(address) });
  const wanted = asked(address);
  const asks = Object.values(wanted).some((value) => value !== "");
  if (asks && (NAMES.some((name) => link[name] !== wanted[name]) || link.key !== key)) setLink({ key, ...wanted });
  const { set } = address;
  useEffect(() => {
    if (asks) set({ model: "", q: "", folder: "" }, { replace: true });
  }, [asks, set]);
  return link.key === key ? link : NOTHING;
}

const NAMES = ["model", "text", "folder"] as const;
const NOTHING: Link = { model: "", text: "", folder: "" };

function asked(address: { value: (name: string) => string }): Link {
  return { model: address.value("model"), text: address.value("q"), folder: address.value("folder") };
}
