"""PURE: content parts of a chat message to Gemini's parts: text, and media inline or by address.

Source  https://ai.google.dev/api/caching#Part and https://ai.google.dev/gemini-api/docs/file-input-methods
"""

from typing import Any

from omna.providers.base import Failure, FailureKind

Part = dict[str, Any]

_MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "csv": "text/csv",
}
_AUDIO_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mp3",
    "aiff": "audio/aiff",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
}


def unsupported(param: str, message: str) -> Failure:
    """Return the failure of a request that cannot be said in Gemini's format, naming the field."""
    return Failure(FailureKind.UNSUPPORTED, message, param=param)


def parts_of(content: Any, path: str) -> list[Part]:
    """Return the parts of a message's content: a string, a list of parts, or nothing.

    Errors  Failure of kind UNSUPPORTED, naming the part
    """
    if content is None:
        return []
    if isinstance(content, str):
        return [{"text": content}]
    if not isinstance(content, list):
        raise unsupported(path, f"`{path}` must be a string or a list of parts.")
    return [_part(part, f"{path}[{number}]") for number, part in enumerate(content)]


def _part(part: Any, path: str) -> Part:
    kind = part.get("type") if isinstance(part, dict) else None
    match kind:
        case "text" | "refusal":
            return {"text": _string(part, kind, path)}
        case "image_url":
            image = part["image_url"] if isinstance(part.get("image_url"), dict) else {}
            return _media(_string(image, "url", f"{path}.image_url"), f"{path}.image_url.url")
        case "input_audio":
            return _audio(part.get("input_audio"), f"{path}.input_audio")
        case "file":
            return _file(part.get("file"), f"{path}.file")
        case _:
            raise unsupported(f"{path}.type", f"The provider of this model takes no part like `{path}`.")


def _audio(audio: Any, path: str) -> Part:
    data, kind = _string(audio, "data", path), _string(audio, "format", path).lower()
    if kind not in _AUDIO_TYPES:
        raise unsupported(f"{path}.format", f"`{path}.format` must be one of {', '.join(_AUDIO_TYPES)}.")
    return {"inlineData": {"mimeType": _AUDIO_TYPES[kind], "data": data}}


def _file(file: Any, path: str) -> Part:
    if isinstance(file, dict) and file.get("file_id") is not None:
        raise unsupported(f"{path}.file_id", "Uploaded files cannot be used here; send the file in `file_data`.")
    data = _string(file, "file_data", path)
    if data.startswith(("data:", "https://")):
        return _media(data, f"{path}.file_data")
    named = _type_of(str(file.get("filename")))
    if named is None:
        raise unsupported(f"{path}.file_data", f"`{path}.file_data` must be a data:…;base64 URL, which names its type.")
    return {"inlineData": {"mimeType": named, "data": data}}


def _media(url: str, path: str) -> Part:
    """Return what a URL stands for: its own bytes, or an address that Gemini reads by itself."""
    if url.startswith("https://"):
        kind = _type_of(url.partition("?")[0].partition("#")[0])
        return {"fileData": {"fileUri": url} if kind is None else {"fileUri": url, "mimeType": kind}}
    head, comma, data = url.partition(",")
    kind, *parameters = head.removeprefix("data:").lower().split(";")
    if not (comma and head.startswith("data:") and "/" in kind and parameters[-1:] == ["base64"]):
        raise unsupported(path, f"`{path}` must be a data:…;base64 or an https URL.")
    return {"inlineData": {"mimeType": kind, "data": data}}


def _type_of(name: str) -> str | None:
    ending = name.rpartition(".")[2].lower()
    return _MEDIA_TYPES.get(ending) or _AUDIO_TYPES.get(ending)


def _string(holder: Any, name: str, path: str) -> str:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, str):
        raise unsupported(f"{path}.{name}", f"`{path}.{name}` must be a string.")
    return value
