"""The table of hosts, and what a kind of provider becomes."""

from pathlib import Path

import pytest

from omna.providers.anthropic import AnthropicProvider
from omna.providers.base import Endpoint
from omna.providers.egress import EgressRefused
from omna.providers.gemini import GeminiProvider
from omna.providers.openai import OpenAIProvider
from omna.providers.openai_habits import COMMON
from omna.providers.registry import HOSTS, UnsupportedKind, habits_of, host_named, open_provider


def test_every_host_has_a_usable_address_and_a_unique_name() -> None:
    assert len({host.name for host in HOSTS}) == len(HOSTS)
    for host in HOSTS:
        provider = open_provider(host.kind, Endpoint(host.name, host.base_url, "key", allow_private=host.local), 4)
        assert provider is not None
        assert host_named(host.name) is host
        assert host.local == (host.key_variable is None)


def test_habits_follow_the_host_and_not_the_spelling_of_the_url() -> None:
    assert habits_of("https://API.openai.com:443/v1/").max_tokens_field == "max_completion_tokens"
    assert habits_of("https://api.mistral.ai/v1").stream_options is False
    assert habits_of("https://openrouter.ai/api/v1").cache_control
    assert habits_of("https://my-own.example/v1") == COMMON
    assert habits_of("http://127.0.0.1:8000/v1") == COMMON


def test_kind_of_a_row_is_the_adapter() -> None:
    anthropic = open_provider("anthropic", Endpoint("x", "https://api.anthropic.com/v1"), 4)
    openai = open_provider("openai", Endpoint("x", "https://api.anthropic.com/v1"), 4)
    gemini = open_provider("gemini", Endpoint("x", "https://generativelanguage.googleapis.com/v1beta"), 4)
    assert (type(anthropic), type(openai), type(gemini)) == (AnthropicProvider, OpenAIProvider, GeminiProvider)


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
