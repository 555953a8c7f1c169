"""Well-known hosts as data, and the one place where a kind of provider becomes an adapter.

A host that differs by URL and habits is a row here, not a class. docs/reference/providers.md lists the same rows.
"""

import msgspec
from yarl import URL

from omna.providers.base import Endpoint, Provider
from omna.providers.gemini import GeminiProvider
from omna.providers.openai import OpenAIProvider
from omna.providers.openai_habits import COMMON, Habits


class Host(msgspec.Struct, frozen=True):
    """A host that serves chat completions in OpenAI's format.

    key_variable  the environment variable that by custom holds its key; None for servers that need none
    local         usually runs on the operator's own machine, over plain http: needs `allow_private`
    """

    name: str
    base_url: str
    key_variable: str | None
    habits: Habits = COMMON
    local: bool = False


class UnsupportedKind(ValueError):
    """Omna does not speak this wire format natively."""


_NEWER = Habits(max_tokens_field="max_completion_tokens")

HOSTS: tuple[Host, ...] = (
    Host("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", Habits(developer_role=True)),
    Host(
        "openai",
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        Habits(max_tokens_field="max_completion_tokens", developer_role=True),
    ),
    Host("anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
    Host("gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
    Host("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", _NEWER),
    Host("together", "https://api.together.xyz/v1", "TOGETHER_API_KEY"),
    Host("deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
    Host("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", Habits(stream_options=False)),
    Host("xai", "https://api.x.ai/v1", "XAI_API_KEY"),
    Host("fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    Host("cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", _NEWER),
    Host("ollama", "http://127.0.0.1:11434/v1", None, local=True),
    Host("vllm", "http://127.0.0.1:8000/v1", None, local=True),
    Host("llamacpp", "http://127.0.0.1:8080/v1", None, local=True),
)

_BY_NAME = {host.name: host for host in HOSTS}
_HABITS_BY_HOST = {URL(host.base_url).host: host.habits for host in HOSTS if not host.local}

#: Native formats that the catalogue knows and no adapter speaks yet, and the row that reaches the same vendor today.
_NOT_NATIVE = {"anthropic": "anthropic"}


def host_named(name: str) -> Host | None:
    """Return the well-known host of that name, if there is one."""
    return _BY_NAME.get(name)


def habits_of(base_url: str) -> Habits:
    """Return the habits of the host behind a base URL; a host that is not in the table has the common ones."""
    try:
        return _HABITS_BY_HOST.get(URL(base_url).host, COMMON)
    except ValueError:
        return COMMON


def open_provider(kind: str, endpoint: Endpoint, connections: int) -> Provider:
    """Return the adapter for one upstream account.

    Shape   kind is `openai` for everything that speaks chat completions, `gemini` for Google's own format
    Units   connections: the most requests this process may have in flight there
    Errors  UnsupportedKind; EgressRefused when the endpoint's address is not one a provider may have
    """
    if kind == "openai":
        return OpenAIProvider(endpoint, connections, habits_of(endpoint.base_url))
    if kind == "gemini":
        return GeminiProvider(endpoint, connections)
    if kind in _NOT_NATIVE:
        compatible = _BY_NAME[_NOT_NATIVE[kind]]
        raise UnsupportedKind(
            f"kind {kind!r} is not supported natively yet; "
            f"add the provider with kind 'openai' and base URL {compatible.base_url}"
        )
    raise UnsupportedKind(f"kind {kind!r} is unknown; Omna speaks 'openai' and 'gemini'")
