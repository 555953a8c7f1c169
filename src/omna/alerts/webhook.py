"""One delivery over the network: where it may go is for the guard against requests to the inside to say."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import ClientConnectorCertificateError, ClientError, ClientSession, ClientTimeout
from aiohttp.abc import AbstractResolver
from yarl import URL

from omna.alerts.outcome import Outcome, Verdict, outcome_of
from omna.providers.base import Endpoint
from omna.providers.egress import EgressRefused, Guard
from omna.providers.openai_errors import parse_retry_after
from omna.providers.transport import open_session

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 15.0


async def send(
    url: str, allowed: bool, headers: Mapping[str, str], body: str, resolver: AbstractResolver | None = None
) -> Outcome:
    """Post a body once. No redirect is followed, and nothing of the answer but its status is kept.

    allowed   this host and port may be plain http, another port than 443, or not public
    resolver  for tests; the system's when it is None
    """
    try:
        target = URL(url)
        guard = Guard(Endpoint("webhook", str(target.origin()), allow_private=allowed), resolver)
    except (EgressRefused, ValueError) as error:
        return Outcome(Verdict.LATER, None, f"not allowed: {error}")
    timeout = ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS)
    try:
        async with open_session(guard, timeout) as session:
            return await _post(session, target, headers, body)
    finally:
        await guard.close()


async def _post(session: ClientSession, url: URL, headers: Mapping[str, str], body: str) -> Outcome:
    sent = {"User-Agent": "omna", "Content-Type": "application/json", "Accept-Encoding": "identity", **headers}
    try:
        response = await session.post(url, data=body.encode(), headers=sent, allow_redirects=False)
    except TimeoutError:
        return Outcome(Verdict.LATER, None, f"no answer within {TOTAL_SECONDS:.0f} seconds")
    except ClientConnectorCertificateError:
        return Outcome(Verdict.LATER, None, "its certificate is not valid")
    except (ClientError, OSError, ssl.SSLError) as error:
        return Outcome(Verdict.LATER, None, _why(error))
    try:
        return outcome_of(response.status, parse_retry_after(response.headers, datetime.now(UTC)))
    finally:
        # Its body is not read: whatever stands there is neither needed nor to be shown.
        response.close()


def _why(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, EgressRefused):
            return f"not allowed: {cause}"
        cause = getattr(cause, "os_error", None) or cause.__cause__
    return "no connection"
