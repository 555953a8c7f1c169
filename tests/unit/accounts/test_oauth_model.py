"""Where browsers are sent, and which words of a service count."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from omna.accounts import oauth_model as model
from omna.accounts.oauth_model import Claims, Metadata, Service, UnknownKey, Untrusted
from omna.config import SignIn

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
SERVICE = Service("oidc", "Example", "https://id.example", "client", "secret", "openid email")
METADATA = Metadata(
    "https://id.example",
    "https://id.example/authorize?policy=a",
    "https://id.example/token",
    "https://id.example/keys",
    secret_in_body=False,
    names_itself=False,
)
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
KEYS = {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}


def signed(header: dict[str, Any] | None = None, key: Any = RSA, **changed: Any) -> str:
    claims = {
        "iss": "https://id.example",
        "sub": "1",
        "aud": "client",
        "exp": SECONDS + 60,
        "iat": SECONDS,
        "nonce": "n",
        "email": "ann@example.com",
        "email_verified": True,
    }
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    header = {"alg": "RS256", "kid": "rsa"} if header is None else header
    return jwt.encode(header, claims, key, [header["alg"]])


def verify(token: str, keys: Any = KEYS) -> Claims:
    return model.verify_id_token(token, keys, service=SERVICE, metadata=METADATA, nonce="n", now=NOW)


def test_a_token_that_holds_tells_who() -> None:
    assert verify(signed()) == Claims("1", "ann@example.com", True, "")
    assert verify(signed(aud=["client"])).subject == "1"
    assert verify(signed(aud=["client", "other"], azp="client")).subject == "1"
    assert verify(signed({"alg": "ES256", "kid": "ec"}, EC)).subject == "1"
    assert verify(signed({"alg": "ES256"}, EC)).subject == "1", "one key fits, so none needs to be named"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://id.example/"},
        {"iss": ["https://id.example"]},
        {"iss": None},
        {"aud": "other"},
        {"aud": []},
        {"aud": None},
        {"aud": ["client", "other"]},
        {"azp": "other"},
        {"exp": SECONDS - 61},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": SECONDS + 3600},
        {"iat": None},
        {"nbf": SECONDS + 3600},
        {"nonce": "m"},
        {"nonce": ["n"]},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 1},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
    ],
    ids=str,
)
def test_a_claim_that_is_not_as_asked_refuses_the_token(changed: dict[str, Any]) -> None:
    with pytest.raises(Untrusted):
        verify(signed(**changed))


@pytest.mark.parametrize("token", ["", "a.b.c", "é", "e30.e30.e30", base64.b64encode(b"[" * 10_000).decode() + ".a.b"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Untrusted):
        verify(token)


def test_a_changed_token_is_refused() -> None:
    head, _, signature = signed().split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"sub": "2"}).encode()).rstrip(b"=").decode()
    with pytest.raises(Untrusted):
        verify(f"{head}.{forged}.{signature}")


@pytest.mark.parametrize(
    "keys",
    [
        None,
        [],
        {"keys": "none"},
        {"keys": [1, None]},
        {"keys": []},
        {"keys": [RSA.as_dict(private=False) | {"use": "enc"}]},
        {"keys": [RSA.as_dict(private=False) | {"alg": "RS512"}]},
        {"keys": [RSA.as_dict(private=False) | {"kid": "other"}]},
        {"keys": [EC.as_dict(private=False) | {"kid": "rsa"}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "rsa"}]},
    ],
    ids=range(10),
)
def test_a_key_that_is_not_there_is_unknown(keys: Any) -> None:
    with pytest.raises(UnknownKey):
        verify(signed(), keys)


def test_keys_that_cannot_be_told_apart_or_read_are_refused() -> None:
    first = RSA.as_dict(private=False)
    for keys in ([first, first], [first | {"n": "!"}], [first | {"n": 1}], [{"kty": "RSA", "kid": "rsa"}]):
        with pytest.raises(Untrusted):
            verify(signed(), {"keys": keys})


def test_the_browser_is_sent_with_everything_that_binds_the_answer() -> None:
    redirect = model.redirect_uri("https://omna.example/", SERVICE)
    assert redirect == "https://omna.example/sign-in/oauth/oidc/callback"
    url = model.authorize_url(SERVICE, METADATA, state="s", nonce="n", verifier="v", redirect=redirect)
    query = parse_qs(urlsplit(url).query)
    assert url.startswith("https://id.example/authorize?policy=a&")
    assert {name: query[name] for name in ("state", "nonce", "scope", "redirect_uri")} == {
        "state": ["s"],
        "nonce": ["n"],
        "scope": ["openid email"],
        "redirect_uri": [redirect],
    }
    assert query["code_challenge"] == [model.code_challenge("v")]
    # RFC 7636, appendix B
    assert (
        model.code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"issuer": "https://id.example"},
        {"issuer": "https://other.example", "authorization_endpoint": "a", "token_endpoint": "b", "jwks_uri": "c"},
        {"issuer": "https://id.example", "authorization_endpoint": "a", "token_endpoint": "b", "jwks_uri": 1},
        {"issuer": "https://id.example", "authorization_endpoint": "a\r\nb", "token_endpoint": "b", "jwks_uri": "c"},
    ],
    ids=range(7),
)
def test_a_discovery_document_is_whole_and_the_issuers_own(document: Any) -> None:
    with pytest.raises(Untrusted):
        model.parse_metadata(document, SERVICE)


@pytest.mark.parametrize(
    ("methods", "in_body"),
    [(None, False), (["client_secret_basic", "client_secret_post"], False), (["client_secret_post"], True)],
)
def test_the_secret_goes_where_the_service_takes_it(methods: list[str] | None, in_body: bool) -> None:
    document = {
        "issuer": "https://id.example/",
        "authorization_endpoint": "a",
        "token_endpoint": "b",
        "jwks_uri": "c",
        "token_endpoint_auth_methods_supported": methods,
    }
    metadata = model.parse_metadata(document, SERVICE)
    headers, form = model.token_request(SERVICE, metadata, code="c", verifier="v", redirect="r")
    assert ("client_secret" in form) is in_body
    assert ("Authorization" in headers) is not in_body


def test_the_answer_comes_from_the_service_that_was_asked() -> None:
    model.check_issuer(METADATA, None)
    model.check_issuer(METADATA, METADATA.issuer)
    with pytest.raises(Untrusted):
        model.check_issuer(METADATA, "https://other.example")


@pytest.mark.parametrize(
    "user", [None, [], {}, {"id": None}, {"id": True}, {"id": "1"}, {"id": 0}, {"login": "ann"}], ids=str
)
def test_github_names_a_number(user: Any) -> None:
    with pytest.raises(Untrusted):
        model.github_claims(user, [])


def test_github_addresses_count_when_primary_and_verified() -> None:
    def email(*addresses: Any) -> str:
        return model.github_claims({"id": 7, "name": None}, list(addresses)).email

    good = {"email": "ann@example.com", "primary": True, "verified": True}
    assert email({"email": "b@example.com", "primary": False, "verified": True}, good) == "ann@example.com"
    assert email(good | {"verified": False}) == ""
    assert email(good | {"verified": "true"}) == ""
    assert email(good | {"primary": False}) == ""
    assert email(1, None) == ""
    assert model.github_claims({"id": 7}, None) == Claims("7", "", False, "")


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(SERVICE).replace("client_secret", "")


def test_github_may_be_at_home() -> None:
    def api(url: str) -> str:
        sign_in = SignIn(github_client_id="a", github_client_secret="b", github_url=url)
        return model.github_api(model.offered(sign_in)["github"])

    assert api("https://github.com") == "https://api.github.com"
    assert api("https://git.example/") == "https://git.example/api/v3"
