"""The network address a request comes from: the peer's, or what a trusted proxy says about its own peer."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = Any


def trusted_networks(text: str) -> Sequence[Network]:
    """Return the networks of a setting: addresses or CIDR blocks with commas between them. Errors: ValueError."""
    return [ip_network(item.strip()) for item in text.split(",") if item.strip()]


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of the client. A forwarded address counts only as far as trusted proxies wrote it.

    forwarded   the values of every X-Forwarded-For header in their order: some proxies add to the client's own header,
                others add a header of theirs behind it
    """
    address = _parse(peer)
    if address is None:
        return peer
    for claimed in reversed(",".join(forwarded).split(",")):
        if not any(address in network for network in trusted):
            break
        earlier = _parse(claimed.strip())
        if earlier is None:
            break
        address = earlier
    return str(address)


def network_of(address: str) -> str:
    """Return what limits count by: the address of IPv4, the /64 of IPv6, where one customer has the whole block."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 64), strict=False))
    return str(parsed or address)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
