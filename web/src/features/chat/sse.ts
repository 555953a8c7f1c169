/* PURE  Server-sent events out of chunks of text, however they were cut. */

export interface ServerEvent {
  name: string;
  data: string;
}

/** Of what has not ended yet: a stream without an end of an event must not fill the memory. */
export const LONGEST_EVENT = 32 * 1024 * 1024;

export class EventReader {
  private rest = "";

  /** Return the events that a chunk completes. Errors: RangeError for an event without an end. */
  push(chunk: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const text = this.rest + chunk;
    // Only from where an end can begin that was not there before.
    let from = Math.max(0, this.rest.length - 3);
    let begin = 0;
    for (;;) {
      END.lastIndex = from;
      const end = END.exec(text);
      if (end === null) break;
      const event = parse(text.slice(begin, end.index));
      if (event !== null) events.push(event);
      begin = from = end.index + end[0].length;
    }
    this.rest = text.slice(begin);
    if (this.rest.length > LONGEST_EVENT) throw new RangeError("an event without an end");
    return events;
  }
}

const END = /\r?\n\r?\n/g;

/** Return an event; null for comments, such as heartbeats. */
function parse(block: string): ServerEvent | null {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (line.slice(0, colon) === "event") name = value;
    else if (line.slice(0, colon) === "data") data.push(value);
  }
  return data.length === 0 ? null : { name, data: data.join("\n") };
}
