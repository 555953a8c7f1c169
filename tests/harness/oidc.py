"""Sign-in services on the loopback interface: an OpenID Connect issuer and a GitHub, real down to the sockets.

They check what a real one checks (client, redirect address, PKCE, codes that count once), so a test that passes here has
sent the right requests; and they lie on request, so a test can see that a lie is refused.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import aiohttp
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT_ID = "omna client"
CLIENT_SECRET = "a:secret/with+signs"


class Fault(StrEnum):
    """One way to be wrong."""

    WRONG_NONCE = "wrong nonce"
    NO_NONCE = "no nonce"
    WRONG_AUDIENCE = "wrong audience"
    MANY_AUDIENCES = "many audiences"
    OTHER_PARTY = "other party"
    EXPIRED = "expired"
    FROM_THE_FUTURE = "from the future"
    ALG_NONE = "alg none"
    HS256_WITH_PUBLIC_KEY = "hs256 with the public key"
    HS256_WITH_SECRET = "hs256 with the client secret"
    UNKNOWN_KEY = "unknown key"
    OTHER_KEY = "another key under the known id"
    KEY_IN_HEADER = "the key comes along in the header"
    OTHER_ISSUER = "other issuer in the token"
    OTHER_DISCOVERY = "other issuer in the discovery document"
    OTHER_ANSWER = "other issuer in the answer"
    NO_ID_TOKEN = "no id token"
    NO_SUBJECT = "no subject"
    REDIRECT = "token endpoint redirects"
    ENDLESS = "token endpoint never stops sending"
    NOT_JSON = "token endpoint sends no json"
    BROKEN = "token endpoint fails"


@dataclass
class Someone:
    """Who is signed in at the service."""

    subject: str = "1234"
    email: str = "ann@example.com"
    verified: bool | str | None = True
    name: str = "Ann"


@dataclass
class _Code:
    redirect_uri: str
    challenge: str
    nonce: str
    used: bool = False


class _Server:
    """What both kinds share: sockets, codes and their checks."""

    def __init__(self) -> None:
        self.someone = Someone()
        self.faults: set[Fault] = set()
        self.codes: dict[str, _Code] = {}
        self.requests: list[str] = []
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def host(self) -> str:
        """As `sign_in.private_hosts` wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        @web.middleware
        async def remember(request: web.Request, handler: Any) -> web.StreamResponse:
            self.requests.append(f"{request.method} {request.path}")
            answer: web.StreamResponse = await handler(request)
            return answer

        app = web.Application(middlewares=[remember])
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def consent(self, url: str) -> dict[str, str]:
        """Do what a browser does at the service: open the address, and return what it is sent back with."""
        async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            return dict(parse_qsl(urlsplit(response.headers["location"]).query))

    async def authorize(self, request: web.Request) -> web.Response:
        query = request.query
        if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code":
            return web.Response(status=400, text="unknown client")
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            return web.Response(status=400, text="PKCE is required")
        code = secrets.token_urlsafe(16)
        self.codes[code] = _Code(query["redirect_uri"], query["code_challenge"], query.get("nonce", ""))
        answer = {"code": code, "state": query["state"], **self.answer()}
        raise web.HTTPFound(f"{query['redirect_uri']}?{urlencode(answer)}")

    def answer(self) -> dict[str, str]:
        return {}

    async def _redeem(self, request: web.Request) -> _Code | None:
        form = dict(await request.post())
        client = (form.get("client_id"), form.get("client_secret"))
        scheme, _, pair = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            first, _, second = base64.b64decode(pair).decode().partition(":")
            client = (unquote(first), unquote(second))
        code = self.codes.get(str(form.get("code")))
        verifier = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        if (
            client != (CLIENT_ID, CLIENT_SECRET)
            or code is None
            or code.used
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != code.redirect_uri
            or base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != code.challenge
        ):
            return None
        code.used = True
        return code

    async def _misbehave(self, request: web.Request) -> web.StreamResponse | None:
        if Fault.REDIRECT in self.faults:
            return web.Response(status=307, headers={"location": f"{self.url}/elsewhere"})
        if Fault.BROKEN in self.faults:
            return web.Response(status=503)
        if Fault.NOT_JSON in self.faults:
            return web.Response(text="<html>", content_type="text/html")
        if Fault.ENDLESS in self.faults:
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(b" " * 65536)
        return None


class OidcProvider(_Server):
    """An OpenID Connect issuer. `kind` is the type of its signing key: RSA or EC."""

    def __init__(self, kind: str = "RSA", *, algorithm: str | None = None, secret_in_body: bool = False) -> None:
        super().__init__()
        self.kind = kind
        self.algorithm = algorithm or {"RSA": "RS256", "EC": "ES256"}[kind]
        self.secret_in_body = secret_in_body
        self.key = self._make("first")

    def _make(self, key_id: str) -> RSAKey | ECKey:
        parameters = {"kid": key_id, "use": "sig"}
        if self.kind == "RSA":
            return RSAKey.generate_key(2048, parameters)
        return ECKey.generate_key("P-256", parameters)

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.key = self._make(secrets.token_hex(4))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/.well-known/openid-configuration", self._discovery),
            web.get("/authorize", self.authorize),
            web.post("/token", self._token),
            web.get("/jwks", self._jwks),
        ]

    def answer(self) -> dict[str, str]:
        return {"iss": "https://other.example" if Fault.OTHER_ANSWER in self.faults else self.url}

    async def _discovery(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": "https://other.example" if Fault.OTHER_DISCOVERY in self.faults else self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post" if self.secret_in_body else "client_secret_basic"
                ],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _jwks(self, request: web.Request) -> web.Response:
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    async def _token(self, request: web.Request) -> web.StreamResponse:
        code = await self._redeem(request)
        if code is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        misbehaved = await self._misbehave(request)
        if misbehaved is not None:
            return misbehaved
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 60}
        if Fault.NO_ID_TOKEN not in self.faults:
            answer["id_token"] = self._id_token(code.nonce)
        return web.json_response(answer)

    def _id_token(self, nonce: str) -> str:
        faults, now = self.faults, int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "sub": self.someone.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": self.someone.email,
            "name": self.someone.name,
        }
        if self.someone.verified is not None:
            claims["email_verified"] = self.someone.verified
        if Fault.OTHER_ISSUER in faults:
            claims["iss"] = "https://other.example"
        if Fault.WRONG_AUDIENCE in faults:
            claims["aud"] = "somebody else"
        if Fault.MANY_AUDIENCES in faults:
            claims["aud"] = [CLIENT_ID, "somebody else"]
        if Fault.OTHER_PARTY in faults:
            claims["azp"] = "somebody else"
        if Fault.EXPIRED in faults:
            claims |= {"iat": now - 7200, "exp": now - 3600}
        if Fault.FROM_THE_FUTURE in faults:
            claims |= {"iat": now + 3600, "exp": now + 7200}
        if Fault.WRONG_NONCE in faults:
            claims["nonce"] = "another"
        if Fault.NO_NONCE in faults:
            del claims["nonce"]
        if Fault.NO_SUBJECT in faults:
            del claims["sub"]
        header: dict[str, Any] = {"alg": self.algorithm, "kid": self.key.kid}
        if Fault.ALG_NONE in faults:
            return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."
        if Fault.HS256_WITH_PUBLIC_KEY in faults:
            return _hmac({**header, "alg": "HS256"}, claims, self.key.as_pem(private=False))
        if Fault.HS256_WITH_SECRET in faults:
            return _hmac({**header, "alg": "HS256"}, claims, CLIENT_SECRET.encode())
        if Fault.UNKNOWN_KEY in faults:
            stranger = self._make("stranger")
            return jwt.encode({**header, "kid": "stranger"}, claims, stranger, [self.algorithm])
        if Fault.OTHER_KEY in faults:
            return jwt.encode(header, claims, self._make(str(self.key.kid)), [self.algorithm])
        if Fault.KEY_IN_HEADER in faults:
            stranger = self._make(str(self.key.kid))
            public = stranger.as_dict(private=False)
            return jwt.encode({**header, "jwk": public}, claims, stranger, [self.algorithm])
        return jwt.encode(header, claims, self.key, [self.algorithm])


class GitHub(_Server):
    """GitHub as an Enterprise Server: its API is under /api/v3. `addresses` overrides what the e-mail API answers."""

    def __init__(self) -> None:
        super().__init__()
        self.someone = Someone(subject="583231")
        self.addresses: list[dict[str, Any]] | None = None
        self._tokens: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/login/oauth/authorize", self.authorize),
            web.post("/login/oauth/access_token", self._token),
            web.get("/api/v3/user", self._user),
            web.get("/api/v3/user/emails", self._emails),
        ]

    async def _token(self, request: web.Request) -> web.StreamResponse:
        # GitHub answers 200 to a wrong code, with an error in the body.
        if await self._redeem(request) is None:
            return web.json_response({"error": "bad_verification_code"})
        misbehaved = await self._misbehave(request)
        if misbehaved is not None:
            return misbehaved
        token = "gho_" + secrets.token_hex(18)
        self._tokens.add(token)
        return web.json_response({"access_token": token, "token_type": "bearer", "scope": "user:email"})

    async def _user(self, request: web.Request) -> web.Response:
        self._require(request)
        return web.json_response({"id": int(self.someone.subject), "login": "ann", "name": self.someone.name})

    async def _emails(self, request: web.Request) -> web.Response:
        self._require(request)
        mine = {"email": self.someone.email, "primary": True, "verified": self.someone.verified, "visibility": None}
        other = {"email": "old@example.com", "primary": False, "verified": True, "visibility": None}
        return web.json_response([other, mine] if self.addresses is None else self.addresses)

    def _require(self, request: web.Request) -> None:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            raise web.HTTPUnauthorized


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _hmac(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    # By hand: the library rightly refuses to take a public key for a secret.
    signed = f"{_part(header)}.{_part(claims)}"
    mac = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
