"""What the documentation of the site tells people to paste is pasted, with a real key, and works."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from omna.website import guide
from tests.harness.installation import Installation
from tests.harness.node import NODE, install_packages
from tests.harness.replica import Replica
from tests.upstream.scenarios import TEXT

SDK = Path(__file__).parent / "node"


@pytest.fixture(scope="module", autouse=True)
async def model(house: Installation) -> None:
    await house.model("openrouter-free", upstream_model="ok")


def code(name: str, kind: str, site: Replica, key: str) -> list[str]:
    """Return the blocks of a page as they stand on it, with the key in its place."""
    topic = guide.topic("en", name)
    assert topic is not None
    blocks = re.findall(rf"```{kind}\n(.*?)```", topic.body, re.DOTALL)
    assert blocks, (name, kind)
    address = f"http://127.0.0.1:{site.port}"
    return [block.replace("{base_url}", address).replace("omna_xxx", key) for block in blocks]


async def run(*command: str, key: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | {"OMNA_API_KEY": key}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return output.decode()


async def test_samples_with_curl(replica: Replica, key: str) -> None:
    for name, said in (("quickstart", '"chat.completion"'), ("keys", '"data"'), ("models", '"openrouter-free"')):
        [sample] = code(name, "sh", replica, key)
        assert said in await run("sh", "-c", sample.replace("curl ", "curl -sS --fail ", 1), key=key)


async def test_samples_in_python(replica: Replica, key: str) -> None:
    [first], [stream] = code("quickstart", "python", replica, key), code("streaming", "python", replica, key)
    assert (await run(sys.executable, "-c", first, key=key)).strip() == TEXT
    assert re.fullmatch(rf"{re.escape(TEXT)}\ncost: [\d.e-]+\n", await run(sys.executable, "-c", stream, key=key))


async def test_samples_in_node(replica: Replica, key: str) -> None:
    await install_packages(SDK)
    for name in ("quickstart", "ai-sdk"):
        [sample] = code(name, "js", replica, key)
        file = SDK / f"guide-{name}.mjs"
        file.write_text(sample, "utf-8")
        try:
            assert (await run(str(NODE), str(file), key=key)).startswith(TEXT)
        finally:
            file.unlink()
