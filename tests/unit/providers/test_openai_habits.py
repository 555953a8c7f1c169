"""The body an upstream is sent: the caller's fields untouched, the adapter's own in place."""

from pathlib import Path

import pytest

from omna.providers.base import Call, Endpoint, Timeouts
from omna.providers.egress import EgressRefused
from omna.providers.openai_habits import COMMON, Habits, request_body
from omna.providers.registry import HOSTS, UnsupportedKind, habits_of, host_named, open_provider

BODY = {
    "model": "public-name",
    "messages": [{"role": "developer", "content": "x", "name": "n"}, {"role": "user", "content": "y"}],
    "max_tokens": 5,
    "max_completion_tokens": 6,
    "temperature": 0.1,
    "custom": {"deep": [1, None, "你"]},
    "big": 10**30,
}
CALL = Call(BODY, "upstream-name", 100, "req_1", Timeouts())


def test_stream_asks_for_usage_and_bounds_the_output() -> None:
    body = request_body(CALL, COMMON, stream=True)
    assert body["model"] == "upstream-name"
    assert body["max_tokens"] == 100
    assert "max_completion_tokens" not in body
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert (body["custom"], body["temperature"], body["big"]) == (BODY["custom"], 0.1, 10**30)


def test_non_stream_sends_no_stream_options() -> None:
    call = Call(BODY | {"stream_options": {"include_usage": True}}, "m", 1, "r", Timeouts())
    body = request_body(call, COMMON, stream=False)
    assert body["stream"] is False
    assert "stream_options" not in body


def test_stream_options_of_the_caller_are_kept_beside_usage() -> None:
    call = Call({"stream_options": {"include_usage": False, "include_obfuscation": False}}, "m", 1, "r", Timeouts())
    options = request_body(call, COMMON, stream=True)["stream_options"]
    assert options == {"include_usage": True, "include_obfuscation": False}


def test_habits_of_a_host_are_followed() -> None:
    body = request_body(CALL, Habits("max_completion_tokens", stream_options=False, developer_role=True), stream=True)
    assert body["max_completion_tokens"] == 100
    assert "max_tokens" not in body
    assert "stream_options" not in body
    assert body["messages"][0]["role"] == "developer"


def test_developer_becomes_system_where_it_is_unknown_and_the_caller_s_body_is_not_changed() -> None:
    messages = request_body(CALL, COMMON, stream=True)["messages"]
    assert messages == [{"role": "system", "content": "x", "name": "n"}, {"role": "user", "content": "y"}]
    assert BODY["messages"][0]["role"] == "developer"  # type: ignore[index]
    assert BODY["max_tokens"] == 5


def test_every_host_has_a_usable_address_and_a_unique_name() -> None:
    assert len({host.name for host in HOSTS}) == len(HOSTS)
    for host in HOSTS:
        provider = open_provider("openai", Endpoint(host.name, host.base_url, "key", allow_private=host.local), 4)
        assert provider is not None
        assert host_named(host.name) is host
        assert host.local == (host.key_variable is None)


def test_habits_follow_the_host_and_not_the_spelling_of_the_url() -> None:
    assert habits_of("https://API.openai.com:443/v1/").max_tokens_field == "max_completion_tokens"
    assert habits_of("https://api.mistral.ai/v1").stream_options is False
    assert habits_of("https://my-own.example/v1") == COMMON
    assert habits_of("http://127.0.0.1:8000/v1") == COMMON


@pytest.mark.parametrize("kind", ["anthropic"])
def test_native_kind_says_which_compatible_address_works(kind: str) -> None:
    host = host_named(kind)
    assert host is not None
    with pytest.raises(UnsupportedKind, match=host.base_url):
        open_provider(kind, Endpoint(kind, host.base_url), 4)


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(UnsupportedKind, match="carrier-pigeon"):
        open_provider("carrier-pigeon", Endpoint("x", "https://example.com"), 4)


def test_address_is_checked_when_a_provider_is_opened() -> None:
    with pytest.raises(EgressRefused):
        open_provider("openai", Endpoint("x", "http://127.0.0.1:8000/v1"), 4)


@pytest.mark.parametrize("secret", ["a\r\nX-Evil: 1", "kéy", "a\0b"])
def test_secret_that_no_header_can_carry_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="header"):
        open_provider("openai", Endpoint("x", "https://example.com/v1", secret), 4)


def test_reference_lists_every_host() -> None:
    reference = (Path(__file__).parents[3] / "docs" / "reference" / "providers.md").read_text("utf-8")
    for host in HOSTS:
        key = f"`{host.key_variable}`" if host.key_variable else "none"
        row = f"| `{host.name}` | `{host.base_url}` | {key} | `{host.habits.max_tokens_field}` |"
        assert row in reference
