"""Where a provider may be: the guard against requests to the inside of the network (SSRF).

A base URL is parsed once, and the host of that one object is connected to. Addresses are judged, never spellings:
`0x7f000001`, `127.1` and full-width digits are all 127.0.0.1 by the time a socket is opened, and every socket of a
provider's connection pool is opened by `Guard.open_socket`.
"""

import asyncio
import ipaddress
import socket
from typing import Any

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from omna.providers.base import Endpoint

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NETWORKS_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local, where clouds serve instance credentials
        "fe80::/10",
        "fd00:ec2::254/128",  # AWS
        "fd20:ce::254/128",  # Google Cloud
        "100.100.100.200/32",  # Alibaba Cloud
        "168.63.129.16/32",  # Azure
        "192.0.0.192/32",  # Oracle Cloud
    )
)
"""Metadata services. No setting opens them: nothing that is a model provider lives there."""

_NETWORKS_PRIVATE = tuple(
    ipaddress.ip_network(text) for text in ("100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "fec0::/10")
)
"""Networks that are not global, whatever `is_global` says of some of their addresses."""

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")


class EgressRefused(OSError):
    """This address is not one a provider may have."""


def parse_base_url(text: str, allow_private: bool) -> URL:
    """Return the base URL of a provider, without a trailing slash.

    Errors  EgressRefused when it is no plain https URL on port 443 and its host and port were not allowed explicitly
    """
    try:
        url = URL(text.strip())
        host, port = url.host, url.port
    except ValueError as error:
        raise EgressRefused(f"{text!r} is not a URL: {error}") from None
    if url.scheme not in ("https", "http") or not host or not port:
        raise EgressRefused(f"{text!r} is not an https URL")
    if url.user is not None or url.password is not None:
        raise EgressRefused("a base URL carries no user name and no password; give the key separately")
    if url.query_string or url.fragment:
        raise EgressRefused("a base URL has no query and no fragment")
    if not allow_private:
        if url.scheme != "https":
            raise EgressRefused(f"{host}:{port} is plain http; allow it explicitly if it is yours")
        if port != 443:
            raise EgressRefused(f"{host}:{port} is not port 443; allow it explicitly if it is yours")
    address = _literal(url.raw_host or "")
    if address is not None:
        check_address(address, allow_private)
    return url.with_path(url.path.rstrip("/"))


def check_address(address: Address, allow_private: bool) -> None:
    """Refuse an address that a provider may not have.

    Errors  EgressRefused for metadata services always, and for what is not global unless `allow_private`
    """
    # The address and what it carries inside are both judged: either may be the one that the network routes by.
    for candidate in {address, unwrap(address)}:
        if any(candidate in network for network in _NETWORKS_NEVER):
            raise EgressRefused(f"{address} is a metadata or link-local address; these are never allowed")
    if allow_private:
        return
    inner = unwrap(address)
    if not inner.is_global or inner.is_multicast or any(inner in network for network in _NETWORKS_PRIVATE):
        raise EgressRefused(f"{address} is not a public address; allow the host and port explicitly if they are yours")


def unwrap(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _IPV4_COMPATIBLE and int(address) > 1:
        return ipaddress.IPv4Address(int(address))
    return address


class Guard(AbstractResolver):
    """Resolver and socket factory of one provider's connection pool.

    The resolver refuses a name as soon as one of its addresses is bad, so that a mixed answer cannot be retried into
    the bad one. The socket factory sees every final address: literal IP hosts never pass a resolver.
    """

    def __init__(self, endpoint: Endpoint, resolver: AbstractResolver | None = None) -> None:
        self.url = parse_base_url(endpoint.base_url, endpoint.allow_private)
        self._allow_private = endpoint.allow_private
        self._port = self.url.port
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        resolver = self._resolver = self._resolver or ThreadedResolver(loop=asyncio.get_running_loop())
        results = await resolver.resolve(host, port, family)
        for result in results:
            self._check(result["host"])
        return results

    def open_socket(self, address_info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, address = address_info
        self._check(address[0])
        if address[1] != self._port:
            raise EgressRefused(f"port {address[1]} is not the port of this provider")
        return socket.socket(family=family, type=kind, proto=protocol)

    async def close(self) -> None:
        if self._resolver is not None:
            await self._resolver.close()

    def _check(self, host: str) -> None:
        address = _literal(host)
        if address is None:
            raise EgressRefused(f"{host!r} is not an address")
        check_address(address, self._allow_private)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
