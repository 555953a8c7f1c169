import { ApiError } from "@/api/problem";
import { begin, hear, type Live } from "./live";
import { pauseOf } from "./pace";
import { EventReader } from "./sse";
import type { Message } from "./types";

/* What running answers say, outside of React: a message that grows tells its own readers, once for each frame, and
   nobody else. The server owns the run; here is only where we are in it. */

/** Heartbeats come every ten seconds: after longer silence the connection is dead, whatever the browser believes. */
const SILENCE_MS = 25_000;
/** A page in the background has no frames. */
const HIDDEN_MS = 500;

export type Open = (text: number, reasoning: number, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;

const runs = new Map<string, Run>();
const readers = new Map<string, Set<() => void>>();

/** Once, with the message as it stays; null: it cannot be read any more. live: what was heard of it. */
export type End = (message: Message | null, live: Live) => void;

/** Read along with an answer. Nothing happens twice. */
export function follow(message: Message, open: Open, over: End): void {
  if (message.answer === null || runs.has(message.id)) return;
  const run = new Run(message.id, begin(message, message.answer), over);
  runs.set(message.id, run);
  void run.listen(open);
}

/** Look away: the run goes on without us. told: what was heard is handed over as what cannot be read any more. */
export function leave(id: string, told = false): void {
  const run = runs.get(id);
  run?.leave();
  if (told) return;
  runs.delete(id);
  tell(id);
}

/** What an answer has said so far; null when nobody follows it. */
export function liveOf(id: string): Live | null {
  return runs.get(id)?.shown ?? null;
}

export function subscribe(id: string, changed: () => void): () => void {
  const all = readers.get(id) ?? new Set();
  readers.set(id, all.add(changed));
  return () => {
    all.delete(changed);
    if (all.size === 0) readers.delete(id);
  };
}

function tell(id: string): void {
  for (const changed of readers.get(id) ?? []) changed();
}

class Run {
  /** What readers see; `live` is ahead of it by less than a frame. */
  shown: Live;
  private live: Live;
  private left = false;
  private waiting = false;
  private connection = new AbortController();
  private wake: () => void = () => undefined;
  private heard = Date.now();

  constructor(
    private readonly id: string,
    live: Live,
    private readonly over: End,
  ) {
    this.shown = this.live = live;
  }

  async listen(open: Open): Promise<void> {
    const back = () => {
      // A connection from before the network went is dead, but may not know it.
      if (document.visibilityState === "visible" && Date.now() - this.heard > SILENCE_MS / 2) this.again();
    };
    const online = () => {
      this.again();
    };
    addEventListener("online", online);
    document.addEventListener("visibilitychange", back);
    try {
      for (let failures = 0; !this.left && this.live.done === null; failures++) {
        if (failures > 0) await this.pause(pauseOf(failures, Math.random()));
        const before = this.live;
        try {
          await this.connect(open);
        } catch (error) {
          if (isFinal(error)) return;
        }
        // What was said since then proves that the way is open.
        if (this.live !== before) failures = 0;
      }
    } finally {
      removeEventListener("online", online);
      document.removeEventListener("visibilitychange", back);
      if (runs.get(this.id) === this) {
        runs.delete(this.id);
        this.over(this.live.done, this.live);
        tell(this.id);
      }
    }
  }

  leave(): void {
    this.left = true;
    this.again();
  }

  /** Give this connection up and begin the next one at once. */
  private again(): void {
    this.connection.abort();
    this.wake();
  }

  private async connect(open: Open): Promise<void> {
    if (this.left) return;
    this.connection = new AbortController();
    const { signal } = this.connection;
    this.heard = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - this.heard > SILENCE_MS) this.connection.abort();
    }, SILENCE_MS / 5);
    try {
      const body = await open(this.live.text.length, this.live.reasoning.length, signal);
      const reader = body.getReader();
      const decoder = new TextDecoder();
      const events = new EventReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) return;
        this.heard = Date.now();
        for (const event of events.push(decoder.decode(value, { stream: true }))) this.live = hear(this.live, event);
        this.draw();
      }
    } finally {
      clearInterval(watch);
      // After a broken event as well: a reader that is not read holds its connection.
      this.connection.abort();
    }
  }

  /** Show what was heard with the next frame, however many pieces it came in. */
  private draw(): void {
    if (this.waiting || this.live === this.shown) return;
    this.waiting = true;
    const show = () => {
      this.waiting = false;
      if (this.left) return;
      this.shown = this.live;
      tell(this.id);
    };
    if (document.visibilityState === "visible") requestAnimationFrame(show);
    else setTimeout(show, HIDDEN_MS);
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whoever may not read it, or asks for what is gone, gets no other answer by asking again. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && [400, 403, 404, 410, 422].includes(error.status);
}
