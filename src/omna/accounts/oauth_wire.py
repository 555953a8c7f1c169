"""What is asked of another service over HTTP: its discovery document and keys, tokens for a code, who somebody is.

Every address of a discovery document is judged as the address of a provider is (`providers.egress`): public https, or a
`host:port` that a setting names. Redirects are not followed, answers are bounded, tokens are dropped at the end.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientTimeout
from yarl import URL

from omna.accounts import oauth_model as model
from omna.accounts.oauth_model import Claims, Metadata, Service, UnknownKey, Untrusted
from omna.clock import monotonic, now
from omna.config import SignIn
from omna.errors import ServiceSignInRefused, SignInServiceUnavailable
from omna.observability.logs import get_logger
from omna.providers.base import Endpoint
from omna.providers.egress import EgressRefused, Guard
from omna.providers.transport import open_session

log = get_logger(__name__)

_TIMEOUT = ClientTimeout(total=10, sock_connect=5)
_MOST_BYTES = 256 << 10
#: How long a discovery document and its keys are believed.
_KEPT_SECONDS = 3600.0
#: Between two looks for new keys because a token named an unknown one: anybody can send such a token's code.
_SHORTEST_LOOK_SECONDS = 30.0


@dataclass(slots=True)
class _Known:
    """What one service said about itself, and when."""

    metadata: Metadata
    metadata_at: float
    keys: Any = None
    keys_at: float = 0.0


class Services:
    """The services of this installation. One a process; it remembers at most one document and key set for each."""

    def __init__(self, settings: SignIn) -> None:
        self.offered = model.offered(settings)
        self._known: dict[str, _Known] = {}

    def named(self, slug: str) -> Service:
        """Return a service. Errors: ServiceSignInRefused when it is not offered."""
        service = self.offered.get(slug)
        if service is None:
            raise ServiceSignInRefused("This installation does not offer sign-in by that service.")
        return service

    async def metadata(self, service: Service) -> Metadata:
        """Return where a service takes what. Errors: SignInServiceUnavailable."""
        return (await self._about(service)).metadata

    async def identify(
        self, service: Service, *, code: str, verifier: str, nonce: str, redirect: str, issuer: str | None
    ) -> Claims:
        """Return who came back with a code. issuer: as the answer named it.

        Errors  ServiceSignInRefused, SignInServiceUnavailable
        """
        about = await self._about(service)
        try:
            model.check_issuer(about.metadata, issuer)
            headers, form = model.token_request(
                service, about.metadata, code=code, verifier=verifier, redirect=redirect
            )
            tokens = await _ask(service, about.metadata.token_endpoint, headers, form)
            if service.is_github:
                return await self._by_api(service, tokens)
            return await self._by_token(service, about, tokens, nonce)
        except Untrusted as error:
            log.warning("sign_in_service_untrusted", service=service.slug, reason=str(error))
            raise ServiceSignInRefused from None

    async def _by_token(self, service: Service, about: _Known, tokens: Any, nonce: str) -> Claims:
        token = tokens.get("id_token") if isinstance(tokens, dict) else None
        if not isinstance(token, str):
            raise Untrusted("the service sent no ID token")

        async def verified(keys: Any) -> Claims:
            # A signature takes the processor for a moment that others need not wait for.
            return await asyncio.to_thread(
                model.verify_id_token,
                token,
                keys,
                service=service,
                metadata=about.metadata,
                nonce=nonce,
                now=now(),
            )

        try:
            return await verified(await self._keys(service, about, _KEPT_SECONDS))
        except UnknownKey:
            return await verified(await self._keys(service, about, _SHORTEST_LOOK_SECONDS))

    async def _by_api(self, service: Service, tokens: Any) -> Claims:
        token = tokens.get("access_token") if isinstance(tokens, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Untrusted("the service sent no access token")
        base = model.github_api(service)
        headers = {"Accept": "application/vnd.github+json", "Authorization": f"Bearer {token}"}
        user = await _ask(service, f"{base}/user", headers)
        return model.github_claims(user, await _ask(service, f"{base}/user/emails?per_page=100", headers))

    async def _about(self, service: Service) -> _Known:
        known = self._known.get(service.slug)
        if known is not None and monotonic() - known.metadata_at < _KEPT_SECONDS:
            return known
        if service.is_github:
            metadata = model.github_metadata(service)
        else:
            try:
                metadata = model.parse_metadata(await _ask(service, model.discovery_url(service)), service)
                for url in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
                    _guard(service, URL(url))
            except (Untrusted, EgressRefused, ValueError) as error:
                log.warning("sign_in_service_untrusted", service=service.slug, reason=str(error))
                raise SignInServiceUnavailable from None
        known = self._known[service.slug] = _Known(metadata, monotonic())
        return known

    async def _keys(self, service: Service, about: _Known, age: float) -> Any:
        if about.keys is None or monotonic() - about.keys_at >= age:
            about.keys = await _ask(service, about.metadata.jwks_uri)
            about.keys_at = monotonic()
        return about.keys


async def _ask(
    service: Service, address: str, headers: dict[str, str] | None = None, form: dict[str, str] | None = None
) -> Any:
    """Return the JSON at an address. Errors: Untrusted for a refusal, SignInServiceUnavailable when nobody answers."""
    try:
        url = URL(address, encoded=True)
        session = open_session(_guard(service, url), _TIMEOUT)
    except (EgressRefused, ValueError) as error:
        raise Untrusted(str(error)) from None
    async with session:
        try:
            async with session.request(
                "GET" if form is None else "POST",
                url,
                data=form,
                headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "omna"}
                | (headers or {}),
                allow_redirects=False,
            ) as response:
                return await _read(response)
        except (ClientError, OSError, TimeoutError) as error:
            log.warning("sign_in_service_away", service=service.slug, reason=type(error).__name__)
            raise SignInServiceUnavailable from None


async def _read(response: ClientResponse) -> Any:
    if response.status >= 500:
        raise ClientError
    if response.status != 200:
        raise Untrusted(f"the service answered {response.status}")
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _MOST_BYTES:
            raise Untrusted("the service sent too much")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Untrusted("the service sent no JSON") from None


def _guard(service: Service, url: URL) -> Guard:
    """Return the guard of one address: public https, or a host and port that a setting names. Errors: EgressRefused."""
    private = f"{url.raw_host}:{url.port}" in service.private_hosts
    return Guard(Endpoint(service.slug, str(url.origin()), allow_private=private))
