"""The configurations of HAProxy and nginx: they load, and their limits and times fit Omna's."""

import re
import subprocess
from pathlib import Path

import pytest

from omna.cli.serve import _HEADER_MILLISECONDS
from omna.config import Gateway
from omna.http.application import IMPORT_LIMIT, UPLOAD_LIMIT
from tests.deploy.common import NOTICE_SECONDS
from tests.deploy.proxies import HAPROXY, NGINX, PATH, needs_haproxy, needs_nginx, program
from tests.harness.smtp import make_certificate

LARGEST_BODY = max(Gateway.body_limit, UPLOAD_LIMIT, IMPORT_LIMIT)


def statements(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def haproxy_seconds(name: str) -> float:
    [value] = re.findall(rf"^\s*timeout {name} (\d+)s$", HAPROXY.read_text(), re.MULTILINE)
    return float(value)


def nginx_value(name: str) -> str:
    [value] = re.findall(rf"^\s*{name} (.+);$", NGINX.read_text(), re.MULTILINE)
    return str(value)


@needs_haproxy
@pytest.mark.parametrize("tls", [False, True], ids=["http", "tls"])
def test_haproxy_takes_its_configuration_without_a_warning(tmp_path: Path, tls: bool) -> None:
    environment = {
        "PATH": PATH,
        "PROXY_USER": "daemon",
        "PROXY_REPLICA_3": "127.0.0.1:5113",
        "PROXY_REPLICA_4": "127.0.0.1:5114",
    }
    if tls:
        environment["PROXY_CERTIFICATE"] = str(make_certificate(tmp_path, "omna.example.com").chain)
    told = subprocess.run(
        [program("haproxy"), "-c", "-f", str(HAPROXY)], env=environment, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


@needs_nginx
@pytest.mark.parametrize("tls", [False, True], ids=["http", "tls"])
def test_nginx_takes_its_configuration(tmp_path: Path, tls: bool) -> None:
    text = NGINX.read_text()
    if tls:
        text = text.replace("#tls ", "").replace("#tls\n", "\n").replace("/etc/omna/tls", str(tmp_path))
        both = make_certificate(tmp_path, "omna.example.com").chain.read_bytes()
        (tmp_path / "fullchain.pem").write_bytes(both)
        (tmp_path / "privkey.pem").write_bytes(both)
    path = tmp_path / "nginx.conf"
    path.write_text(text)
    told = subprocess.run(
        [program("nginx"), "-t", "-q", "-c", str(path), "-g", f"pid {tmp_path}/pid; error_log stderr;"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr


def test_times_fit() -> None:
    silence = max(Gateway.answer_timeout, Gateway.heartbeat_seconds)
    for seconds in (
        haproxy_seconds("server"),
        haproxy_seconds("client"),
        float(nginx_value("proxy_read_timeout")[:-1]),
    ):
        assert seconds > silence + Gateway.settlement_wait_seconds
    # Whoever sends the next request over a connection closes it first: the other way a request meets a closed one.
    for seconds in (haproxy_seconds("http-keep-alive"), float(nginx_value("keepalive_timeout")[:-1])):
        assert seconds < _HEADER_MILLISECONDS / 1000
    longest = Gateway.total_timeout + NOTICE_SECONDS
    for pattern, text in ((r"hard-stop-after (\d+)m", HAPROXY), (r"worker_shutdown_timeout (\d+)m;", NGINX)):
        [minutes] = re.findall(pattern, text.read_text())
        assert int(minutes) * 60 > longest


def test_bodies_fit() -> None:
    [most] = re.findall(r"req\.hdr_val\(content-length\) gt (\d+)", HAPROXY.read_text())
    assert LARGEST_BODY < int(most) <= LARGEST_BODY + (1 << 20)
    assert nginx_value("client_max_body_size") == f"{(LARGEST_BODY >> 20) + 1}m"


def test_nothing_that_may_have_been_admitted_is_sent_again() -> None:
    haproxy, nginx = statements(HAPROXY.read_text()), statements(NGINX.read_text())
    assert [line for line in haproxy if line.startswith("retry-on")] == ["retry-on conn-failure"]
    assert not any("non_idempotent" in line or "http_5" in line for line in nginx)
    # A kept connection that was closed a moment ago looks like a request that was sent.
    assert not any(line.startswith("keepalive ") for line in nginx)


def test_streams_pass_as_they_come() -> None:
    nginx = statements(NGINX.read_text())
    assert {"proxy_buffering off;", "proxy_request_buffering off;", "gzip off;"} <= set(nginx)
    assert not any("compression" in line or "http-buffer-request" in line for line in statements(HAPROXY.read_text()))
    assert "option abortonclose" in statements(HAPROXY.read_text())


def test_readiness_decides_and_is_noticed_in_time() -> None:
    ready = HAPROXY.read_text().partition("\nbackend ready\n")[2].partition("\nbackend ")[0]
    assert "uri /readyz" in ready
    assert "expect status 200" in ready
    [(normal, fast, fall)] = re.findall(r"check inter (\d+)s fastinter (\d+)ms .*fall (\d+)", ready)
    assert int(normal) + int(fall) * int(fast) / 1000 + 1 <= NOTICE_SECONDS


def test_addresses_are_replaced_and_numbers_kept_inside() -> None:
    haproxy, nginx = HAPROXY.read_text(), NGINX.read_text()
    assert "set-header x-forwarded-for %[src]" in haproxy
    assert "forwardfor" not in haproxy
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert "proxy_add_x_forwarded_for" not in nginx
    for text in (haproxy, nginx):
        assert "metrics" in text
        assert "5109" not in text
