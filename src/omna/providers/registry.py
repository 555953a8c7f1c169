"""Well-known hosts as data, and the one place where a kind of provider becomes an adapter.

A host that differs by URL and habits is a row here, not a class. docs/reference/providers.md lists the same rows.
"""

import msgspec
from yarl import URL

from omna.providers.anthropic import AnthropicProvider
from omna.providers.base import Endpoint, Provider
from omna.providers.gemini import GeminiProvider
from omna.providers.openai import OpenAIProvider
from omna.providers.openai_habits import COMMON, Habits


class Host(msgspec.Struct, frozen=True):
    """A host whose format Omna speaks.

    key_variable  the environment variable that by custom holds its key; None for servers that need none
    habits        what it wants differently when it is spoken to in OpenAI's format
    kind          the format it is spoken to in, `open_provider`'s
    local         usually runs on the operator's own machine, over plain http: needs `allow_private`
    """

    name: str
    base_url: str
    key_variable: str | None
    habits: Habits = COMMON
    kind: str = "openai"
    local: bool = False


class UnsupportedKind(ValueError):
    """Omna does not speak this wire format natively."""


HOSTS: tuple[Host, ...] = (
    Host(
        "openrouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        Habits(
            developer_role=True,
            reasoning_history=("reasoning", "reasoning_details"),
            cache_control=True,
            takes=("reasoning", "top_k", "verbosity"),
        ),
    ),
    Host(
        "openai",
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        Habits(
            max_tokens_field="max_completion_tokens",
            developer_role=True,
            responses=True,
            takes=("prompt_cache_key", "safety_identifier", "verbosity"),
        ),
    ),
    Host(
        "anthropic",
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        Habits(choices=False, completions=False),
        kind="anthropic",
    ),
    Host(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta",
        "GEMINI_API_KEY",
        Habits(completions=False),
        kind="gemini",
    ),
    Host(
        "groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        Habits(max_tokens_field="max_completion_tokens", choices=False, completions=False),
    ),
    Host("together", "https://api.together.xyz/v1", "TOGETHER_API_KEY", Habits(takes=("top_k",))),
    Host(
        "deepseek",
        "https://api.deepseek.com/v1",
        "DEEPSEEK_API_KEY",
        Habits(choices=False, completions=False, reasoning_history=("reasoning_content",)),
    ),
    Host(
        "mistral",
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
        Habits(
            stream_options=False,
            completions=False,
            renamed=(("seed", "random_seed"),),
            dropped=("user", "store"),
        ),
    ),
    Host("xai", "https://api.x.ai/v1", "XAI_API_KEY"),
    Host(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        "FIREWORKS_API_KEY",
        Habits(reasoning_history=("reasoning_content",), takes=("top_k",)),
    ),
    Host(
        "cerebras",
        "https://api.cerebras.ai/v1",
        "CEREBRAS_API_KEY",
        Habits(max_tokens_field="max_completion_tokens"),
    ),
    Host("perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", Habits(completions=False)),
    Host("nvidia", "https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY"),
    Host("sambanova", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"),
    Host("deepinfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
    Host("hyperbolic", "https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_KEY"),
    Host("novita", "https://api.novita.ai/openai/v1", "NOVITA_API_KEY"),
    Host(
        "moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", Habits(reasoning_history=("reasoning_content",))
    ),
    Host(
        "zai",
        "https://api.z.ai/api/paas/v4",
        "ZAI_API_KEY",
        Habits(completions=False, reasoning_history=("reasoning_content",)),
    ),
    Host("minimax", "https://api.minimax.io/v1", "MINIMAX_API_KEY", Habits(reasoning_history=("reasoning_details",))),
    Host("alibaba", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"),
    Host(
        "cohere",
        "https://api.cohere.ai/compatibility/v1",
        "COHERE_API_KEY",
        Habits(choices=False, completions=False),
    ),
    Host("github", "https://models.github.ai/inference", "GITHUB_TOKEN", Habits(completions=False)),
    Host("huggingface", "https://router.huggingface.co/v1", "HF_TOKEN"),
    Host("vercel", "https://ai-gateway.vercel.sh/v1", "AI_GATEWAY_API_KEY"),
    Host("ollama", "http://127.0.0.1:11434/v1", None, local=True),
    Host("vllm", "http://127.0.0.1:8000/v1", None, local=True),
    Host("llamacpp", "http://127.0.0.1:8080/v1", None, local=True),
    Host("lmstudio", "http://127.0.0.1:1234/v1", None, local=True),
    Host("sglang", "http://127.0.0.1:30000/v1", None, local=True),
    Host("litellm", "http://127.0.0.1:4000/v1", None, local=True),
)

_BY_NAME = {host.name: host for host in HOSTS}
_HABITS_BY_HOST = {URL(host.base_url).host: host.habits for host in HOSTS if not host.local}


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

    Shape   kind is `openai` for everything that speaks chat completions, `anthropic` for what speaks Messages,
            `gemini` for Google's generateContent
    Units   connections: the most requests this process may have in flight there
    Errors  UnsupportedKind; EgressRefused when the endpoint's address is not one a provider may have
    """
    match kind:
        case "openai":
            return OpenAIProvider(endpoint, connections, habits_of(endpoint.base_url))
        case "anthropic":
            return AnthropicProvider(endpoint, connections)
        case "gemini":
            return GeminiProvider(endpoint, connections)
        case _:
            raise UnsupportedKind(f"kind {kind!r} is unknown; Omna speaks 'openai', 'anthropic' and 'gemini'")
