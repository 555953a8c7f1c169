"""The guard through the real client: spellings, names and rebinding end at the socket or before it."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from omna.providers.base import Call, Endpoint, Failure, FailureKind, Timeouts
from omna.providers.egress import EgressRefused, Guard
from omna.providers.openai import OpenAIProvider
from tests.upstream.server import Upstream

CALL = Call({"messages": []}, "ok", 10, "req_1", Timeouts(connect=2, first_byte=2, progress=2, total=5))


class Names(AbstractResolver):
    """A resolver whose answers the test chooses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None: ...


def named(host: str, port: int, *addresses: str, allow_private: bool) -> OpenAIProvider:
    """Return a provider at a name that resolves to the given addresses."""
    scheme = "http" if allow_private else "https"
    provider = OpenAIProvider(Endpoint("named", f"{scheme}://{host}:{port}/v1", allow_private=allow_private), 4)
    provider._guard._resolver = Names(*addresses)
    return provider


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "100.64.0.1"]
)
async def test_name_that_resolves_inside_is_refused_without_a_connection(address: str) -> None:
    provider = named("models.example.com", 443, address, allow_private=False)
    with pytest.raises(Failure) as raised:
        await provider.complete(CALL)
    await provider.close()
    assert raised.value.kind is FailureKind.CONNECT
    assert "not a public address" in raised.value.message or "never allowed" in raised.value.message


async def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    guard = Guard(Endpoint("x", "https://models.example.com/v1"), Names("8.8.8.8", "127.0.0.1"))
    with pytest.raises(EgressRefused, match="not a public address"):
        await guard.resolve("models.example.com", 443)
    good = Guard(Endpoint("x", "https://models.example.com/v1"), Names("8.8.8.8"))
    assert [result["host"] for result in await good.resolve("models.example.com", 443)] == ["8.8.8.8"]


async def test_allowed_name_is_reached_and_metadata_behind_it_is_not() -> None:
    async with Upstream() as upstream:
        provider = named("models.internal", upstream.port, "127.0.0.1", allow_private=True)
        assert (await provider.complete(CALL)).choices[0].content
        assert upstream.journal[0].headers["host"] == f"models.internal:{upstream.port}"
        await provider.close()
        provider = named("models.internal", upstream.port, "169.254.169.254", allow_private=True)
        with pytest.raises(Failure, match="never allowed"):
            await provider.complete(CALL)
        await provider.close()
        assert len(upstream.journal) == 1


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "１２７.０.０.１",
     "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "localhost",
     "localhost.", "①27.0.0.1", "127。0。0。1"],
)  # fmt: skip
async def test_no_spelling_of_an_inside_address_is_connected_to(host: str) -> None:
    """On 443 nothing listens here; what counts is that the refusal is ours and not the kernel's."""
    try:
        provider = OpenAIProvider(Endpoint("spelled", f"https://{host}/v1"), 4)
    except EgressRefused:
        return
    with pytest.raises(Failure) as raised:
        await provider.complete(CALL)
    await provider.close()
    assert raised.value.kind is FailureKind.CONNECT
    assert "refused" not in raised.value.message.lower(), "a connection was tried"


async def test_socket_factory_sees_literal_addresses_that_no_resolver_saw() -> None:
    guard = Guard(Endpoint("x", "https://models.example.com/v1"))
    for family, address in ((socket.AF_INET, ("127.0.0.1", 443)), (socket.AF_INET6, ("::ffff:10.0.0.1", 443, 0, 0))):
        with pytest.raises(EgressRefused):
            guard.open_socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address))
    with pytest.raises(EgressRefused, match="port"):
        guard.open_socket((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", 22)))
    guard.open_socket((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", 443))).close()
