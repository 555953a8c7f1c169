"""A service is believed only as far as it can prove what it says."""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from omna.accounts import oauth_model as model
from omna.accounts.oauth_model import Claims
from omna.accounts.oauth_wire import Services
from omna.config import SignIn
from omna.errors import OmnaError, ServiceSignInRefused, SignInServiceUnavailable
from tests.harness.oidc import CLIENT_ID, CLIENT_SECRET, Fault, GitHub, OidcProvider

REDIRECT = "http://localhost:5108/sign-in/oauth/oidc/callback"


def services_of(provider: OidcProvider | GitHub, private_hosts: str | None = None) -> Services:
    private = provider.host if private_hosts is None else private_hosts
    if isinstance(provider, GitHub):
        return Services(
            SignIn(
                github_url=provider.url,
                github_client_id=CLIENT_ID,
                github_client_secret=CLIENT_SECRET,
                private_hosts=private,
            )
        )
    return Services(
        SignIn(
            oidc_issuer=provider.url,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
            private_hosts=private,
        )
    )


async def identify(provider: OidcProvider | GitHub, services: Services, *, verifier: str | None = None) -> Claims:
    service = services.named("github" if isinstance(provider, GitHub) else "oidc")
    metadata = await services.metadata(service)
    nonce, sent = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    url = model.authorize_url(service, metadata, state="s", nonce=nonce, verifier=sent, redirect=REDIRECT)
    answer = await provider.consent(url)
    return await services.identify(
        service,
        code=answer["code"],
        verifier=verifier or sent,
        nonce=nonce,
        redirect=REDIRECT,
        issuer=answer.get("iss"),
    )


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[OidcProvider]:
    async with OidcProvider() as running:
        yield running


@pytest.fixture
def provider(shared: OidcProvider) -> OidcProvider:
    shared.faults.clear()
    return shared


@pytest.mark.parametrize(("kind", "algorithm"), [("RSA", "RS256"), ("RSA", "PS256"), ("EC", "ES256")])
async def test_whoever_the_service_vouches_for_is_told(kind: str, algorithm: str) -> None:
    async with OidcProvider(kind, algorithm=algorithm, secret_in_body=kind == "EC") as provider:
        claims = await identify(provider, services_of(provider))
    assert claims == Claims("1234", "ann@example.com", True, "Ann")


async def test_the_request_is_for_a_code_with_pkce_and_least_scope(provider: OidcProvider) -> None:
    services = services_of(provider)
    service = services.named("oidc")
    url = model.authorize_url(
        service, await services.metadata(service), state="s", nonce="n", verifier="v", redirect=REDIRECT
    )
    query = parse_qs(urlsplit(url).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert query["scope"] == ["openid email"]
    assert query["redirect_uri"] == [REDIRECT]


LIES = sorted(set(Fault) - {Fault.BROKEN, Fault.OTHER_DISCOVERY})


@pytest.mark.parametrize("fault", LIES)
async def test_a_lie_is_refused(provider: OidcProvider, fault: Fault) -> None:
    provider.faults.add(fault)
    with pytest.raises(ServiceSignInRefused):
        await identify(provider, services_of(provider))


async def test_a_redirect_is_not_followed(provider: OidcProvider) -> None:
    provider.faults.add(Fault.REDIRECT)
    with pytest.raises(ServiceSignInRefused):
        await identify(provider, services_of(provider))
    assert not [request for request in provider.requests if "elsewhere" in request]


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.OTHER_DISCOVERY])
async def test_a_service_that_fails_is_unavailable(provider: OidcProvider, fault: Fault) -> None:
    provider.faults.add(fault)
    with pytest.raises(SignInServiceUnavailable):
        await identify(provider, services_of(provider))


async def test_a_service_that_is_away_is_unavailable() -> None:
    async with OidcProvider() as provider:
        services = services_of(provider)
    with pytest.raises(SignInServiceUnavailable):
        await services.metadata(services.named("oidc"))


async def test_a_wrong_verifier_is_refused(provider: OidcProvider) -> None:
    with pytest.raises(ServiceSignInRefused):
        await identify(provider, services_of(provider), verifier="another")


async def test_a_code_counts_once(provider: OidcProvider) -> None:
    services = services_of(provider)
    service = services.named("oidc")
    url = model.authorize_url(
        service, await services.metadata(service), state="s", nonce="n", verifier="v", redirect=REDIRECT
    )
    answer = await provider.consent(url)
    asked = {
        "code": answer["code"],
        "verifier": "v",
        "nonce": "n",
        "redirect": REDIRECT,
        "issuer": answer["iss"],
    }
    assert (await services.identify(service, **asked)).subject == "1234"
    with pytest.raises(ServiceSignInRefused):
        await services.identify(service, **asked)


async def test_an_answer_without_its_issuer_is_refused(provider: OidcProvider) -> None:
    services = services_of(provider)
    service = services.named("oidc")
    with pytest.raises(ServiceSignInRefused):
        await services.identify(service, code="c", verifier="v", nonce="n", redirect=REDIRECT, issuer=None)


async def test_new_keys_are_looked_for_once_in_a_while(provider: OidcProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    services = services_of(provider)
    await identify(provider, services)
    provider.rotate()
    looks = provider.requests.count("GET /jwks")
    with pytest.raises(ServiceSignInRefused):
        await identify(provider, services)
    assert provider.requests.count("GET /jwks") == looks, "a look a moment ago is enough"
    monkeypatch.setattr("omna.accounts.oauth_wire._SHORTEST_LOOK_SECONDS", 0.0)
    assert (await identify(provider, services)).subject == "1234"
    assert provider.requests.count("GET /jwks") == looks + 1


async def test_the_discovery_document_is_read_once(provider: OidcProvider) -> None:
    services = services_of(provider)
    looks = provider.requests.count("GET /.well-known/openid-configuration")
    await identify(provider, services)
    await identify(provider, services)
    assert provider.requests.count("GET /.well-known/openid-configuration") == looks + 1


@pytest.mark.parametrize("hosts", ["", "127.0.0.1", "127.0.0.1:1", "localhost:{port}", "127.0.0.1:*", "0.0.0.0:{port}"])
async def test_the_inside_of_the_network_is_open_only_by_its_exact_name(provider: OidcProvider, hosts: str) -> None:
    services = services_of(provider, hosts.format(port=provider.port))
    asked = len(provider.requests)
    with pytest.raises(OmnaError):
        await services.metadata(services.named("oidc"))
    assert len(provider.requests) == asked


async def test_github_tells_the_number_and_the_verified_primary_address() -> None:
    async with GitHub() as github:
        services = services_of(github)
        assert await identify(github, services) == Claims("583231", "ann@example.com", True, "Ann")
        assert "GET /api/v3/user" in github.requests
        github.someone.verified = False
        assert await identify(github, services) == Claims("583231", "", False, "Ann")
        github.addresses = []
        assert (await identify(github, services)).email == ""


async def test_github_with_a_wrong_verifier_is_refused() -> None:
    async with GitHub() as github:
        with pytest.raises(ServiceSignInRefused):
            await identify(github, services_of(github), verifier="another")


@pytest.mark.parametrize("verified", [False, None, "yes", "false"])
async def test_an_address_is_verified_only_when_the_service_says_so(
    provider: OidcProvider, verified: bool | str | None
) -> None:
    provider.someone.verified = verified
    try:
        assert not (await identify(provider, services_of(provider))).email_verified
    finally:
        provider.someone.verified = True


def test_a_service_is_offered_when_it_is_configured() -> None:
    assert Services(SignIn()).offered == {}
    assert list(Services(SignIn(google_client_id="a", google_client_secret="b")).offered) == ["google"]
    assert Services(SignIn(google_client_id="a")).offered == {}
    with pytest.raises(ServiceSignInRefused):
        Services(SignIn()).named("google")
