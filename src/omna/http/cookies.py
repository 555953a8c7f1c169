"""Cookies: their names and attributes follow from the public URL, never from a header."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from omna.config import ConfigError, Server


@dataclass(frozen=True, slots=True)
class CookieJar:
    """How cookies are named and set on this installation. `origin` is what a browser calls us."""

    origin: str
    secure: bool

    @property
    def session(self) -> str:
        return self.name("session")

    def name(self, purpose: str) -> str:
        """Return the name of a cookie; the prefix makes browsers refuse it from anywhere but this very host."""
        return f"__Host-omna_{purpose}" if self.secure else f"omna_{purpose}"

    def header(self, purpose: str, value: str, *, max_age: int | None, http_only: bool = True) -> str:
        """Return a Set-Cookie value. max_age in seconds; 0 deletes, None lasts as long as the browser runs."""
        parts = [f"{self.name(purpose)}={value}", "Path=/", "SameSite=Lax"]
        if max_age is not None:
            parts.append(f"Max-Age={max_age}")
        if http_only:
            parts.append("HttpOnly")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)


def cookie_jar(server: Server) -> CookieJar:
    """Return how cookies are set.

    Errors  ConfigError for a public URL over http that is not this machine, unless `server.allow_http` is set
    """
    url = urlsplit(server.public_url)
    host = url.hostname or ""
    if url.scheme not in ("http", "https") or not host or url.path not in ("", "/") or url.query or url.fragment:
        raise ConfigError(f"server.public_url: {server.public_url!r} is not a URL such as https://omna.example.com")
    if url.scheme == "http" and not is_loopback(host) and not server.allow_http:
        raise ConfigError(
            "server.public_url is plain http: passwords and sessions would cross the network unencrypted; "
            "use https, or set OMNA_SERVER_ALLOW_HTTP=true where the network itself is trusted"
        )
    return CookieJar(origin=f"{url.scheme}://{url.netloc.lower()}", secure=url.scheme == "https")


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine and no other."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
