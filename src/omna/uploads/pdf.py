"""PURE  Whether a PDF is whole, is nothing else at the same time, and runs nothing.

No parser: parsers disagree, and what one takes for a comment is an object to the next. Names of active content are
looked for in all bytes, in whatever spelling; only objects that are packed into compressed streams are unpacked first.
"""

import re
import zlib

_CUT_OFF = "the PDF is cut off or damaged."
_MARKUP = "the PDF has a web page or a script inside; print it to a new PDF and send that."
_ACTIVE = "the PDF has {} inside; print it to a new PDF and send that."
_LOCKED = "the PDF is locked with a password; save it without one."
_PACKED = "the PDF is packed in a way that cannot be checked; print it to a new PDF and send that."

_BEGINNING = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)[\r\n \t]")
_END = re.compile(rb"startxref\s{1,8}\d{1,12}\s{1,8}%%EOF[\r\n \t]{0,4}\Z")
#: What may come after the end of one revision of a document: the next one.
_AFTER_END = re.compile(rb"%%EOF(?!\s*(?:\Z|\d|xref\b|%))")

# A byte more than the tag, so that compressed data does not look like one by chance.
_TAG = re.compile(
    rb"<\s{0,20}(?:!doctype\s{1,20}html|(?:html|head|body|script|iframe|frameset|svg|object|embed|form|style|base|meta)"
    rb"[\s>/])",
    re.IGNORECASE,
)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_DELIMITER = rb"(?=[\s()<>\[\]{}/%]|\Z)"
_NAMES = {
    re.compile(rb"/(?:JavaScript|JScript)" + _DELIMITER): "a script",
    re.compile(rb"/(?:Launch|GoToE|ImportData|SubmitForm)" + _DELIMITER): "an action that leaves the document",
    re.compile(rb"/(?:EmbeddedFiles?|EmbeddedFDFs)" + _DELIMITER): "another file",
    re.compile(rb"/(?:RichMedia|Rendition|Movie|XFA)" + _DELIMITER): "moving or interactive content",
}
#: Too short to be looked for in compressed data, where it comes up by chance. No script runs by this name alone.
_SHORT_NAME = re.compile(rb"/JS" + _DELIMITER)
_ENCRYPTED = re.compile(rb"/Encrypt" + _DELIMITER)

_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_END_STREAM = b"endstream"
#: Every stream of objects has both, whatever else is said of it.
_PACKED_MARKS = (re.compile(rb"/First" + _DELIMITER), re.compile(rb"/N" + _DELIMITER))
#: Of all objects that are unpacked: a file of 10 MiB can hold a bomb of 10 GiB.
_MOST_UNPACKED = 64 << 20
_MOST_STREAMS = 50_000
#: A name may spell a character as `#4a`. Compressed data has such signs by chance, one in 256 bytes.
_MOST_ESCAPES = 250_000


def problem(data: bytes) -> str | None:
    """Return what is wrong with a PDF, or None."""
    if not _BEGINNING.match(data) or not _END.search(data, max(0, len(data) - 64)):
        return _CUT_OFF
    if _AFTER_END.search(data):
        return "something is hidden behind the end of the PDF; print it to a new PDF and send that."
    if _TAG.search(data):
        return _MARKUP
    if data.count(b"#") > _MOST_ESCAPES:
        return _PACKED
    if found := _active(_unescaped(data)):
        return found
    outside, packed = _parts(data)
    if packed is None or packed.count(b"#") > _MOST_ESCAPES:
        return _PACKED
    if _ENCRYPTED.search(outside):
        return _LOCKED
    if _SHORT_NAME.search(outside):
        return _ACTIVE.format("a script")
    unpacked = _unescaped(packed)
    if _SHORT_NAME.search(unpacked):
        return _ACTIVE.format("a script")
    return _active(unpacked)


def _active(data: bytes) -> str | None:
    return next((_ACTIVE.format(what) for name, what in _NAMES.items() if name.search(data)), None)


def _unescaped(data: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), data) if b"#" in data else data


def _parts(data: bytes) -> tuple[bytes, bytes | None]:
    """Return what stands outside of streams, and what its packed objects are; None when they cannot be unpacked.

    Streams are found in the bytes as they came: without escapes their compressed data would not be theirs.
    """
    outside: list[bytes] = []
    unpacked: list[bytes] = []
    left, position = _MOST_UNPACKED, 0
    for _ in range(_MOST_STREAMS):
        found = _STREAM.search(data, position)
        if found is None:
            outside.append(data[position:])
            return _unescaped(b"\n".join(outside)), b"\n".join(unpacked)
        before = data[position : found.start()]
        outside.append(before)
        end = data.find(_END_STREAM, found.end())
        if end < 0:
            outside.append(data[found.end() :])
            return _unescaped(b"\n".join(outside)), b"\n".join(unpacked)
        if all(mark.search(_unescaped(before)) for mark in _PACKED_MARKS):
            part = _inflated(data[found.end() : end], left)
            if part is None:
                return b"", None
            left -= len(part)
            unpacked.append(part)
        position = end + len(_END_STREAM)
    return b"", None


def _inflated(data: bytes, most: int) -> bytes | None:
    if most <= 0:
        return None
    stream = zlib.decompressobj()
    try:
        part = stream.decompress(data, most)
    except zlib.error:
        return None
    return part if stream.eof and not stream.unconsumed_tail else None
