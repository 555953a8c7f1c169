"""Read the list of models that a provider publishes: one GET, within the bounds that every other call has."""

import asyncio

from aiohttp import ClientError, ClientTimeout

from omna.providers.base import Endpoint, Failure, FailureKind
from omna.providers.egress import Guard
from omna.providers.transport import open_session

#: A thousand models with descriptions are about 2 MB.
MAX_LIST_BYTES = 16 << 20
LIST_SECONDS = 30.0


async def fetch_models(endpoint: Endpoint, seconds: float = LIST_SECONDS) -> bytes:
    """Return what GET {base URL}/models answers, undecoded.

    Errors  Failure, whose message never holds the provider's key; EgressRefused for an address no provider may have
    """
    guard = Guard(endpoint)
    headers = {"User-Agent": "omna", "Accept": "application/json", "Accept-Encoding": "identity"}
    if endpoint.secret:
        headers["Authorization"] = f"Bearer {endpoint.secret}"
    try:
        async with (
            asyncio.timeout(seconds),
            open_session(guard, ClientTimeout(total=None)) as session,
            session.get(f"{guard.url}/models", headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise Failure(FailureKind.STATUS, f"it answered with status {response.status}", status=response.status)
            if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
                raise Failure(FailureKind.MALFORMED, "it compressed its answer, unasked")
            content = bytearray()
            async for piece in response.content.iter_any():
                content += piece
                if len(content) > MAX_LIST_BYTES:
                    raise Failure(FailureKind.MALFORMED, f"its list is larger than {MAX_LIST_BYTES >> 20} MiB")
            return bytes(content)
    except TimeoutError:
        raise Failure(FailureKind.TOTAL, f"it did not answer within {seconds:g} seconds") from None
    except (ClientError, OSError) as error:
        # aiohttp's own text names address and TLS options; the operator knows the provider by its name.
        cause = getattr(error, "os_error", None) or error.__cause__ or error
        raise Failure(FailureKind.CONNECT, f"it cannot be reached: {type(cause).__name__}") from None
    finally:
        await guard.close()
