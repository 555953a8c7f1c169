"""PURE: multipart/form-data, read within bounds and written anew for a provider."""

import re
from typing import Any

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from omna.errors import InvalidValue

MOST_PARTS = 50
LONGEST_VALUE = 1 << 20
LONGEST_FILE_NAME = 128
BINARY = "application/octet-stream"

NAME = re.compile(r"[A-Za-z0-9_.\[\]-]{1,64}")
_NOT_IN_FILE_NAMES = re.compile(r"[\x00-\x1f\x7f\"\\/]+")
_FILE_TYPE = re.compile(r"(?:audio|video|image)/[a-z0-9.+-]{1,64}|application/(?:octet-stream|ogg)")

#: The values of a form: one text, or several under the same name.
Fields = dict[str, str | list[str]]


class File(msgspec.Struct, frozen=True):
    """The bytes are as they came; name and type are fit for a header."""

    name: str
    content_type: str
    content: bytes


class Form(msgspec.Struct, frozen=True):
    fields: Fields
    file: File | None


def read_form(body: bytes, content_type: str, *, file_field: str) -> Form:
    """Return the fields of a form and its one file, which is called `file_field`.

    Errors  InvalidValue naming the field
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise InvalidValue("Send a form: content-type multipart/form-data, with its boundary.")
    reader = _Reader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise InvalidValue(f"The form cannot be read: {str(error)[:200]}.") from None
    if not reader.ended:
        raise InvalidValue("The form is cut off: its last boundary is missing.")
    return _form(reader.parts, file_field)


def write_form(fields: dict[str, Any], file_field: str, file: File, boundary: str) -> tuple[bytes, str]:
    """Return a form and its content type. The boundary must be one that no sender of the content could foresee."""
    pieces = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, values in fields.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{file_field}"; filename="{file.name}"\r\n'
        f"Content-Type: {file.content_type}\r\n\r\n"
    )
    content = b"".join((*pieces, head.encode(), file.content, f"\r\n--{boundary}--\r\n".encode()))
    return content, f"multipart/form-data; boundary={boundary}"


class _Part:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.pieces: list[bytes] = []

    @property
    def content(self) -> bytes:
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)


class _Reader:
    """Collects what the parser finds."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.ended = False
        self._name = self._value = b""

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin_part,
            "on_part_data": lambda data, start, end: self.parts[-1].pieces.append(data[start:end]),
            "on_header_begin": self._begin_header,
            "on_header_field": self._add_name,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        if len(self.parts) == MOST_PARTS:
            raise InvalidValue(f"The form has more than {MOST_PARTS} fields.")
        self.parts.append(_Part())

    def _begin_header(self) -> None:
        self._name = self._value = b""

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self.parts[-1].headers[self._name.decode("latin-1").lower()] = self._value.decode("latin-1")

    def _end(self) -> None:
        self.ended = True


def _form(parts: list[_Part], file_field: str) -> Form:
    fields: Fields = {}
    file: File | None = None
    for part in parts:
        kind, options = parse_options_header(part.headers.get("content-disposition", ""))
        name = options.get(b"name", b"").decode("latin-1")
        if kind != b"form-data" or NAME.fullmatch(name) is None:
            raise InvalidValue("The form has a field whose name is missing, too long or not made of plain characters.")
        if name == file_field or b"filename" in options:
            if name != file_field or file is not None:
                raise InvalidValue(f"The form has one file, and it is called `{file_field}`.", param=name)
            file = File(
                _file_name(options.get(b"filename", b"")),
                _file_type(part.headers.get("content-type", "")),
                part.content,
            )
        else:
            _add(fields, name, _text(name, part.content))
    return Form(fields, file)


def _add(fields: Fields, name: str, value: str) -> None:
    known = fields.get(name)
    if known is None:
        fields[name] = value
    elif isinstance(known, list):
        known.append(value)
    else:
        fields[name] = [known, value]


def _text(name: str, content: bytes) -> str:
    if len(content) > LONGEST_VALUE:
        raise InvalidValue(f"`{name}` is longer than {LONGEST_VALUE:,} bytes.", param=name)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise InvalidValue(f"`{name}` is not UTF-8.", param=name) from None


def _file_name(stated: bytes) -> str:
    """Return a name that ends no header early; providers tell the format of a file by its last letters."""
    text = stated.decode("utf-8", "replace")
    return _NOT_IN_FILE_NAMES.sub("_", re.split(r"[/\\]", text)[-1])[-LONGEST_FILE_NAME:] or "file"


def _file_type(stated: str) -> str:
    kind = stated.partition(";")[0].strip().lower()
    return kind if _FILE_TYPE.fullmatch(kind) else BINARY
