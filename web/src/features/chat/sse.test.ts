import { expect, test } from "vitest";

import { EventReader, LONGEST_EVENT } from "./sse";

const STREAM = ': omna\n\nevent: piece\ndata: {"a": 1}\n\nevent: done\r\ndata: x\r\ndata: y\r\n\r\nid: 7\n\n';

test("events are the same however the stream was cut", () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...reader.push(STREAM.slice(at, at + size)));
    expect(events).toEqual([
      { name: "piece", data: '{"a": 1}' },
      { name: "done", data: "x\ny" },
    ]);
  }
});

test("an event without an end does not fill the memory", () => {
  const reader = new EventReader();
  expect(() => reader.push(`data: ${"x".repeat(LONGEST_EVENT)}`)).toThrow(RangeError);
});

test("half an event says nothing yet", () => {
  expect(new EventReader().push("data: 1\n")).toEqual([]);
});
