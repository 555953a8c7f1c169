"""Ask a provider's adapter with and without streaming, and keep what came."""

import pytest

from omna.providers.base import Call, Chunk, Completion, Failure, Provider
from omna.providers.openai_chunks import collect


async def streamed(provider: Provider, wanted: Call) -> list[Chunk]:
    return [chunk async for chunk in provider.stream(wanted)]


async def both_ways(provider: Provider, wanted: Call) -> tuple[Completion, Completion]:
    return await provider.complete(wanted), collect(await streamed(provider, wanted), None)


async def failures(provider: Provider, wanted: Call) -> list[Failure]:
    """Return how the call fails without and with streaming."""
    with pytest.raises(Failure) as whole:
        await provider.complete(wanted)
    with pytest.raises(Failure) as stream:
        await streamed(provider, wanted)
    return [whole.value, stream.value]
