import type { Message } from "@/lib/message";
import type { en } from "./en";

/* English is the shape; another language that misses a key or invents one does not compile. */
export type Messages = typeof en;
export type Key = keyof Messages;
export type Catalogue = Readonly<Record<Key, Message>>;
