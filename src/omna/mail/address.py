"""PURE  Mail addresses: the one form two spellings of an address share."""

import re
import unicodedata

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def normalize(text: str) -> str:
    """Return the form of an address that identifies its person: lower case, the domain in ASCII (IDNA).

    Dots and plus tags are kept: only the owner's mail server knows what they mean.

    Errors  ValueError when the text is not an address mail can be sent to
    """
    address = unicodedata.normalize("NFKC", text).strip()
    local, separator, domain = address.rpartition("@")
    if not separator or len(address) > 254 or len(local) > 64 or _LOCAL.fullmatch(local) is None:
        raise ValueError(f"{text!r} is not a mail address")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError(f"{text!r} is not a mail address: its domain is malformed") from None
    if len(domain) > 253 or any(_LABEL.fullmatch(label) is None for label in domain.split(".")):
        raise ValueError(f"{text!r} is not a mail address: its domain is malformed")
    return f"{local.lower()}@{domain}"
