/* PURE  What stands in a file of chats, told before it is sent. The server reads it anew and decides. */

export interface Preview {
  from: "omna" | "chatgpt";
  chats: number;
  messages: number;
  /** The first few. */
  titles: string[];
}

const TITLES = 5;

type Known = Record<string, unknown>;

function record(value: unknown): Known | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Known) : null;
}

/** Return what a text says, or null where it is none of the formats that are read. */
export function preview(text: string): Preview | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  const own = record(data);
  if (own?.format === "omna-chats" && Array.isArray(own.chats)) return summary("omna", own.chats, (chat) => (Array.isArray(chat.messages) ? chat.messages.length : 0));
  if (Array.isArray(data) && data.some((one) => record(record(one)?.mapping) !== null)) return summary("chatgpt", data, said);
  return null;
}

function summary(from: Preview["from"], all: readonly unknown[], messages: (chat: Known) => number): Preview {
  const chats = all.map(record).filter((chat) => chat !== null);
  const titles = chats.flatMap((chat) => (typeof chat.title === "string" && chat.title !== "" ? [chat.title] : []));
  return { from, chats: chats.length, messages: chats.reduce((sum, chat) => sum + messages(chat), 0), titles: titles.slice(0, TITLES) };
}

/** Return how much was said in a conversation of ChatGPT: its tree has nodes without words, too. */
function said(chat: Known): number {
  return Object.values(record(chat.mapping) ?? {}).filter((node) => {
    const message = record(record(node)?.message);
    const role = record(message?.author)?.role;
    const parts = record(message?.content)?.parts;
    return (role === "user" || role === "assistant") && Array.isArray(parts) && parts.some((part) => typeof part === "string" && part !== "");
  }).length;
}
