"""LiteLLM's proxy, as its documentation starts it for production, but without anything it could be slowed down by.

One worker, no database, no spend logs, no callbacks, no network beyond the bench upstream. It checks a master key, made
for the run because it does not start without one, forwards, and keeps no account. That is the cheapest it can be when
set up as documented, and less than what Omna does in the same run.
"""

import importlib.metadata
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import Child, choose_port, running, wait_for_port
from benchmarks.throwaway import prepare
from benchmarks.wire import Target

START_SECONDS = 120.0
MODEL = "bench-instant"

_CONFIG = """\
model_list:
  - model_name: {model}
    litellm_params:
      model: openai/instant
      api_base: http://127.0.0.1:{upstream_port}/v1
      api_key: none
litellm_settings:
  telemetry: false
  set_verbose: false
  json_logs: true
general_settings:
  disable_spend_logs: true
"""

_OFFLINE = {
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
    "LITELLM_TELEMETRY": "False",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "true",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "true",
    "NO_DOCS": "True",
    "NO_REDOC": "True",
}


@contextmanager
def serving(upstream_port: int, directory: Path) -> Iterator[tuple[Child, Target]]:
    """Run the proxy with one worker in front of the upstream; installs it on first use."""
    binaries = prepare("litellm", "litellm[proxy]")
    config = directory / "litellm.yaml"
    config.write_text(_CONFIG.format(model=MODEL, upstream_port=upstream_port), "utf-8")
    port = choose_port()
    command = [str(binaries / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--num_workers", "1", "--telemetry", "False"]
    master_key = f"sk-{secrets.token_hex(32)}"
    environment = _environment(directory, binaries, master_key)
    with running("litellm", command, directory / "litellm.log", environment) as child:
        wait_for_port(child, port, START_SECONDS)
        yield child, Target("127.0.0.1", port, MODEL, (master_key,))


def version() -> str:
    """Return the version of the proxy; installs it on first use. Errors: ProcessError when that cannot be done."""
    site = next(prepare("litellm", "litellm[proxy]").parent.glob("lib/python*/site-packages"))
    found = next(iter(importlib.metadata.distributions(name="litellm", path=[str(site)])))
    return found.version


def _environment(directory: Path, binaries: Path, master_key: str) -> Mapping[str, str]:
    # A clean environment: no provider key, no proxy setting and no database of the user's is ever seen by it.
    path = f"{binaries}{os.pathsep}{os.defpath}"
    return {"PATH": path, "HOME": str(directory), "LITELLM_MASTER_KEY": master_key, **_OFFLINE}
