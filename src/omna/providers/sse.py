"""PURE: bytes of a `text/event-stream` in, events out, however the bytes were cut.

Lines end at LF, CR or CRLF and nowhere else. Text of a model may hold U+2028, U+2029 or U+0085; a reader that takes
those for line ends lets an answer forge `data: [DONE]` and hide its usage.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import msgspec

MAX_LINE_BYTES = 1 << 20
MAX_EVENT_BYTES = 4 << 20
MAX_STREAM_BYTES = 64 << 20

_BOM = b"\xef\xbb\xbf"
_LONG_LINE = f"a line is longer than {MAX_LINE_BYTES} bytes"


class Oversized(Exception):
    """A line, an event or the whole stream is larger than the reader accepts."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event: its `data` lines joined by LF, and the value of its `event` field (empty when it had none)."""

    data: bytes
    name: bytes = b""


class EventReader:
    """Incremental reader of one stream: `feed` every piece as it comes, then `finish` once.

    Errors  Oversized, after which the reader must not be fed again
    """

    __slots__ = ("_after_cr", "_at_start", "_data", "_event_bytes", "_name", "_partial", "_partial_bytes", "_seen")

    def __init__(self) -> None:
        self._partial: list[bytes] = []  # the beginning of a line whose end has not come yet
        self._partial_bytes = 0
        self._data: list[bytes] = []
        self._name = b""
        self._event_bytes = 0
        self._seen = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, piece: bytes) -> list[Event]:
        """Return the events that `piece` completes."""
        self._seen += len(piece)
        if self._seen > MAX_STREAM_BYTES:
            raise Oversized(f"the stream is longer than {MAX_STREAM_BYTES} bytes")
        if self._at_start and not (piece := self._without_bom(piece)):
            return []
        if self._after_cr:
            # The CR that ended the last piece was a line end already; its LF, if this is one, is not another.
            self._after_cr = False
            if piece[:1] == b"\n":
                piece = piece[1:]
        if b"\r" in piece:
            self._after_cr = piece[-1:] == b"\r"
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

        lines = piece.split(b"\n")
        rest = lines.pop()
        if self._partial and lines:
            self._partial.append(lines[0])
            # Joined once per line: appending to a growing line would be quadratic for a server that sends byte by byte.
            lines[0] = b"".join(self._partial)
            self._partial.clear()
            self._partial_bytes = 0
        if rest:
            self._partial.append(rest)
            self._partial_bytes += len(rest)
            if self._partial_bytes > MAX_LINE_BYTES:
                raise Oversized(_LONG_LINE)

        events: list[Event] = []
        for line in lines:
            if line[:6] == b"data: ":
                value = line[6:]
            elif not line:
                if self._data:
                    events.append(self._dispatch())
                else:
                    self._name = b""
                    self._event_bytes = 0
                continue
            elif line[:5] == b"data:":
                value = line[5:]
            else:
                self._take_other_field(line)
                continue
            self._count(line)
            self._data.append(value)
        return events

    def finish(self) -> list[Event]:
        """Return the last event of a stream that ended without the blank line, or without the line end, it owed."""
        self._at_start = False
        self._after_cr = False
        if not self._partial and not self._data:
            return []
        return self.feed(b"\n\n" if self._partial else b"\n")

    def _without_bom(self, piece: bytes) -> bytes:
        head = b"".join(self._partial) + piece
        self._partial.clear()
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._partial.append(head)
            return b""
        self._at_start = False
        return head.removeprefix(_BOM)

    def _take_other_field(self, line: bytes) -> None:
        if line[:1] == b":":
            if len(line) > MAX_LINE_BYTES:
                raise Oversized(_LONG_LINE)
            return
        self._count(line)
        field, _, value = line.partition(b":")
        if field == b"event":
            self._name = value.removeprefix(b" ")
        elif field == b"data":  # a line of the single word `data` is an empty value
            self._data.append(b"")

    def _dispatch(self) -> Event:
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        event = Event(data, self._name)
        self._data.clear()
        self._name = b""
        self._event_bytes = 0
        return event

    def _count(self, line: bytes) -> None:
        # The field name counts too: four million empty `data` lines would otherwise be four bytes of nothing each.
        if len(line) > MAX_LINE_BYTES:
            raise Oversized(_LONG_LINE)
        self._event_bytes += len(line) + 1
        if self._event_bytes > MAX_EVENT_BYTES:
            raise Oversized(f"an event is longer than {MAX_EVENT_BYTES} bytes")
