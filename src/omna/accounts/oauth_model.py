"""PURE  Sign-in by other services: which are offered, where a browser is sent, and which of their words count.

Source  RFC 6749, RFC 7636 (PKCE), RFC 9207 (issuer in the answer), OpenID Connect Core 1.0 §3.1.3.7
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from joserfc import jwk, jwt
from joserfc.errors import JoseError

from omna.config import SignIn
from omna.ids import IdentityId, UserId

#: How long a journey to a service and back may take.
JOURNEY_SECONDS = 600
#: How long somebody without an account may think about the terms.
ARRIVAL_SECONDS = 1800

#: Public-key signatures alone. `none` and the HMACs are what every forged token of the last ten years was made with.
_KEY_TYPES = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
}
ALGORITHMS = tuple(_KEY_TYPES)

_GITHUB = "https://github.com"
_LEEWAY_SECONDS = 60
_LONGEST_SUBJECT = 255  # OpenID Connect Core §2
_MOST_KEYS = 50
_PRIVATE_PARAMETERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class Untrusted(Exception):
    """What a service said does not prove anything; the text is for the log."""


class UnknownKey(Untrusted):
    """A token names a key that is not in the set we have; the service may have a new one."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service that people may sign in with. `issuer` is half of every identity: no two services share one."""

    slug: str
    label: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    private_hosts: frozenset[str] = frozenset()

    @property
    def is_github(self) -> bool:
        """GitHub speaks OAuth without OpenID: no discovery, no ID token; who somebody is, its API tells."""
        return self.slug == "github"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a service takes what, by its discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    secret_in_body: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is at a service. `email` is "" when the service tells none."""

    subject: str
    email: str
    email_verified: bool
    name: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as a service knows them."""

    identity_id: IdentityId
    user_id: UserId
    issuer: str
    email: str | None
    created_at: datetime
    last_used_at: datetime | None


def offered(sign_in: SignIn) -> dict[str, Service]:
    """Return the services that are configured, by the name in their addresses."""
    private = frozenset(item.strip().lower() for item in sign_in.private_hosts.split(",") if item.strip())
    github = sign_in.github_url.strip().rstrip("/")
    candidates = (
        Service(
            "google",
            "Google",
            "https://accounts.google.com",
            sign_in.google_client_id,
            sign_in.google_client_secret,
            "openid email",
        ),
        Service(
            "github", "GitHub", github, sign_in.github_client_id, sign_in.github_client_secret, "user:email", private
        ),
        Service(
            "oidc",
            sign_in.oidc_name,
            sign_in.oidc_issuer.strip().rstrip("/"),
            sign_in.oidc_client_id,
            sign_in.oidc_client_secret,
            "openid email",
            private,
        ),
    )
    return {
        service.slug: service
        for service in candidates
        if service.issuer and service.client_id and service.client_secret
    }


def discovery_url(service: Service) -> str:
    return f"{service.issuer}/.well-known/openid-configuration"


def github_metadata(service: Service) -> Metadata:
    return Metadata(
        issuer=service.issuer,
        authorization_endpoint=f"{service.issuer}/login/oauth/authorize",
        token_endpoint=f"{service.issuer}/login/oauth/access_token",
        jwks_uri="",
        secret_in_body=True,
        names_itself=False,
    )


def github_api(service: Service) -> str:
    """Return where GitHub's API is; an Enterprise Server has it on its own host."""
    return "https://api.github.com" if service.issuer == _GITHUB else f"{service.issuer}/api/v3"


def parse_metadata(document: Any, service: Service) -> Metadata:
    """Return what we need of a discovery document. Errors: Untrusted when it is another issuer's or lacks a part."""
    if not isinstance(document, dict):
        raise Untrusted("the discovery document is no object")
    issuer = _text(document, "issuer")
    if issuer.rstrip("/") != service.issuer:
        raise Untrusted("the discovery document names another issuer")
    methods = document.get("token_endpoint_auth_methods_supported")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_text(document, "authorization_endpoint"),
        token_endpoint=_text(document, "token_endpoint"),
        jwks_uri=_text(document, "jwks_uri"),
        secret_in_body=isinstance(methods, list) and "client_secret_basic" not in methods,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def redirect_uri(public_url: str, service: Service) -> str:
    """Return the one address that a service may send a browser back to."""
    return f"{public_url.rstrip('/')}/sign-in/oauth/{service.slug}/callback"


def authorize_url(service: Service, metadata: Metadata, *, state: str, nonce: str, verifier: str, redirect: str) -> str:
    """Return where the browser is sent."""
    parameters = {
        "response_type": "code",
        "client_id": service.client_id,
        "redirect_uri": redirect,
        "scope": service.scope,
        "state": state,
        "code_challenge": code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    if not service.is_github:
        parameters["nonce"] = nonce
    scheme, host, path, query, _ = urlsplit(metadata.authorization_endpoint)
    return urlunsplit((scheme, host, path, f"{query}&{urlencode(parameters)}".lstrip("&"), ""))


def code_challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def token_request(
    service: Service, metadata: Metadata, *, code: str, verifier: str, redirect: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers and the form that trade a code for tokens."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    headers = {"Accept": "application/json"}
    if metadata.secret_in_body:
        form |= {"client_id": service.client_id, "client_secret": service.client_secret}
    else:
        # RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
        pair = f"{quote(service.client_id, safe='')}:{quote(service.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return headers, form


def check_issuer(metadata: Metadata, told: str | None) -> None:
    """Refuse an answer that came from another service than the one asked. Errors: Untrusted."""
    if told is None and metadata.names_itself:
        raise Untrusted("the answer does not name its issuer, which this service always does")
    if told is not None and told != metadata.issuer:
        raise Untrusted("the answer names another issuer")


def verify_id_token(
    token: str, key_set: Any, *, service: Service, metadata: Metadata, nonce: str, now: datetime
) -> Claims:
    """Return who an ID token speaks of.

    Errors  UnknownKey, Untrusted: another algorithm, signature, issuer, audience, nonce, or out of time
    """
    header = _header(token)
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Untrusted("the ID token is signed by an algorithm that is not allowed")
    try:
        claims = jwt.decode(token, _key(key_set, algorithm, key_id), algorithms=[algorithm]).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": metadata.issuer},
            aud={"essential": True, "value": service.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise Untrusted(f"the ID token does not hold: {type(error).__name__}") from None
    audience, party, subject = claims["aud"], claims.get("azp"), claims["sub"]
    if not isinstance(claims["nonce"], str) or not isinstance(claims["iss"], str):
        raise Untrusted("the ID token has a nonce or issuer that is no text")
    if party is not None and party != service.client_id:
        raise Untrusted("the ID token was made for another client")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        raise Untrusted("the ID token is for several clients and names none")
    if not 1 <= len(subject) <= _LONGEST_SUBJECT or not _storable(subject):
        raise Untrusted("the ID token has a subject that cannot be one")
    # Some services send the flag as text.
    verified = claims.get("email_verified") in (True, "true")
    return Claims(subject, _plain(claims.get("email")), verified, _plain(claims.get("name")))


def github_claims(user: Any, addresses: Any) -> Claims:
    """Return who GitHub's API says somebody is; only the primary address, and only as verified as GitHub says.

    Errors  Untrusted
    """
    number = user.get("id") if isinstance(user, dict) else None
    # The number, never the login: a login that was given up can be taken by somebody else.
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise Untrusted("GitHub did not say who it is")
    primary: dict[str, Any] = next(
        (item for item in _objects(addresses) if item.get("primary") is True and item.get("verified") is True), {}
    )
    email = _plain(primary.get("email"))
    return Claims(str(number), email, bool(email), _plain(user.get("name")))


def _key(key_set: Any, algorithm: str, key_id: Any) -> Any:
    """Return the one key of a set that may have signed. Errors: UnknownKey, Untrusted."""
    keys = _objects(key_set.get("keys") if isinstance(key_set, dict) else None)[:_MOST_KEYS]
    fitting = [
        key
        for key in keys
        if key.get("kty") == _KEY_TYPES[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (key_id is None or key.get("kid") == key_id)
    ]
    if not fitting:
        raise UnknownKey("the ID token is signed by a key that the service does not publish")
    if len(fitting) > 1:
        raise Untrusted("the ID token does not say which key signed it")
    public = {name: value for name, value in fitting[0].items() if name not in _PRIVATE_PARAMETERS}
    return jwk.import_key(public)


def _header(token: str) -> dict[str, Any]:
    first = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise Untrusted("the ID token is none") from None
    if not isinstance(header, dict):
        raise Untrusted("the ID token is none")
    return header


def _objects(value: Any) -> Sequence[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise Untrusted(f"the discovery document has no {name}")
    return value


def _plain(value: Any) -> str:
    """Return a text of a service when it is one that can be kept."""
    return value.strip()[:320] if isinstance(value, str) and _storable(value) else ""


def _storable(text: str) -> bool:
    return text.isprintable() and not any("\ud800" <= character <= "\udfff" for character in text)
