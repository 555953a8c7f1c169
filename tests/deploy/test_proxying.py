"""HAProxy and nginx at work, with the delivered files: what they pass on, repeat, replace and refuse."""

from pathlib import Path

from tests.deploy.proxies import Haproxy, Server, needs_haproxy, needs_nginx, nginx, served
from tests.harness.replica import free_port
from tests.harness.wire import Connection, ask

CLAIMS = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "gopher", "forwarded": "for=203.0.113.9",
          "x-real-ip": "203.0.113.9", "x-forwarded-host": "evil.example"}  # fmt: skip


def claims_are_replaced(head: str) -> None:
    lines = [line.lower() for line in head.split("\r\n")]
    assert [line for line in lines if "forwarded" in line or "real-ip" in line] == [
        "x-forwarded-for: 127.0.0.1", "x-forwarded-proto: http",
    ]  # fmt: skip
    assert "203.0.113.9" not in head


@needs_haproxy
async def test_haproxy_replaces_claims_and_keeps_what_is_inside(tmp_path: Path) -> None:
    async with (
        served(Server()) as one,
        served(Server()) as two,
        Haproxy([one.port, two.port], tmp_path).running() as proxy,
    ):
        assert (await ask(proxy.port, "POST", "/v1/x", {}, headers=CLAIMS)).status == 200
        [head] = one.asked + two.asked
        claims_are_replaced(head)
        for path in ("/metrics", "/METRICS/x", "/readyz"):
            assert (await ask(proxy.port, "GET", path)).status == 404
        assert (await ask(proxy.port, "GET", "/healthz")).status == 200
        async with Connection(proxy.port) as client:
            await client.send("POST", "/v1/x", [("content-length", str(30 << 20))])
            assert (await client.head()).status == 413
        assert one.asked + two.asked == [head]


@needs_haproxy
async def test_haproxy_repeats_only_what_was_never_sent(tmp_path: Path) -> None:
    async with served(Server(hang_up=True)) as one, Haproxy([one.port, free_port()], tmp_path).running() as proxy:
        # The second refuses connections and is still believed to be there: whatever meets it goes to the first.
        for number in range(1, 5):
            answer = await ask(proxy.port, "POST", "/v1/x", {})
            assert (answer.status, answer.error["code"]) == (502, "bad_gateway")
            assert len(one.asked) == number


@needs_haproxy
async def test_haproxy_asks_who_lives_when_nobody_is_ready(tmp_path: Path) -> None:
    one, two = Server(ready=503), Server(ready=503, alive=503)
    async with served(one), served(two), Haproxy([one.port, two.port], tmp_path).running() as proxy:
        await proxy.until("ready", ["DOWN", "DOWN"])
        await proxy.until("living", ["UP", "DOWN"])
        assert (await ask(proxy.port, "GET", "/")).status == 200
        one.alive = 503
        await proxy.until("living", ["DOWN", "DOWN"])
        answer = await ask(proxy.port, "GET", "/v1/models")
        assert (answer.code, answer.header("retry-after")) == ((503, "service_unavailable"), "2")
        one.ready = 200
        await proxy.until("ready", ["UP", "DOWN"])
        assert (await ask(proxy.port, "GET", "/")).status == 200


@needs_nginx
async def test_nginx_replaces_claims_and_keeps_what_is_inside(tmp_path: Path) -> None:
    async with served(Server()) as one, served(Server()) as two, nginx([one.port, two.port], tmp_path) as port:
        assert (await ask(port, "POST", "/v1/x", {}, headers=CLAIMS)).status == 200
        [head] = one.asked + two.asked
        claims_are_replaced(head)
        for path in ("/metrics", "/METRICS/x", "/readyz"):
            assert (await ask(port, "GET", path)).status == 404
        async with Connection(port) as client:
            await client.send("POST", "/v1/x", [("content-length", str(30 << 20))])
            assert (await client.head()).status == 413
        assert one.asked + two.asked == [head]


@needs_nginx
async def test_nginx_repeats_only_what_was_never_sent(tmp_path: Path) -> None:
    async with served(Server()) as one, nginx([one.port, free_port()], tmp_path) as port:
        for number in range(1, 5):
            assert (await ask(port, "POST", "/v1/x", {})).status == 200
            assert len(one.asked) == number
    async with (
        served(Server(hang_up=True)) as one,
        served(Server(hang_up=True)) as two,
        nginx([one.port, two.port], tmp_path) as port,
    ):
        assert (await ask(port, "POST", "/v1/x", {})).status == 502
        assert len(one.asked + two.asked) == 1
