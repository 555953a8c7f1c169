import { api, ask } from "@/api/client";
import type { ConsoleSession } from "./session";

/** Open the console; the client asks for the proof. */
export function openConsole(): Promise<ConsoleSession> {
  return ask(api.POST("/api/console/session"));
}
