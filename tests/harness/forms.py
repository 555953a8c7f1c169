"""Forms with a file in them, as clients send them, and files of sound."""

BOUNDARY = "----a-boundary"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def form(*parts: tuple[str, str | bytes], file: bytes | None = b"sound", name: str = "a.wav") -> bytes:
    """Return a form with these fields, and a file."""
    lines = b""
    for field, value in parts:
        content = value.encode() if isinstance(value, str) else value
        lines += b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (
            BOUNDARY.encode(), field.encode(), content,
        )  # fmt: skip
    if file is not None:
        lines += (
            b'--%b\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\nContent-Type: audio/wav\r\n\r\n%b\r\n'
            % (BOUNDARY.encode(), name.encode(), file)
        )
    return lines + b"--%b--\r\n" % BOUNDARY.encode()


def wav(seconds: float, rate: int = 8_000, *, kind: int = 1, bits: int = 16, channels: int = 1) -> bytes:
    """Return a WAV file of silence."""
    frame = channels * bits // 8
    sound = bytes(round(seconds * rate) * frame)
    head = b"fmt " + (16).to_bytes(4, "little") + kind.to_bytes(2, "little") + channels.to_bytes(2, "little")
    head += rate.to_bytes(4, "little") + (rate * frame).to_bytes(4, "little") + frame.to_bytes(2, "little")
    head += bits.to_bytes(2, "little") + b"data" + len(sound).to_bytes(4, "little")
    return b"RIFF" + (len(head) + len(sound) + 4).to_bytes(4, "little") + b"WAVE" + head + sound
