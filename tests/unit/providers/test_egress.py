"""Which addresses a provider may have, however they are written or wrapped."""

import ipaddress

import pytest

from omna.providers.egress import EgressRefused, check_address, parse_base_url, unwrap

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.127.255.254",
    "192.0.0.1", "192.0.0.9", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "192.0.2.1", "203.0.113.9", "::", "::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1",
    "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1", "2002:7f00:1::", "2002:0a00:0001::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "169.254.170.2", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::",
    "::169.254.169.254", "fe80::1", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "::ffff:100.100.100.200",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "104.18.7.192", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("text", PRIVATE + NEVER)
def test_address_that_is_not_public_is_refused(text: str) -> None:
    with pytest.raises(EgressRefused):
        check_address(ipaddress.ip_address(text), allow_private=False)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_address_is_accepted(text: str) -> None:
    check_address(ipaddress.ip_address(text), allow_private=False)


@pytest.mark.parametrize("text", ["127.0.0.1", "10.1.2.3", "::1", "fd12::1", "::ffff:127.0.0.1", "1.1.1.1"])
def test_private_address_is_accepted_when_it_was_allowed(text: str) -> None:
    check_address(ipaddress.ip_address(text), allow_private=True)


@pytest.mark.parametrize("text", NEVER)
def test_metadata_address_is_refused_even_when_private_ones_are_allowed(text: str) -> None:
    with pytest.raises(EgressRefused):
        check_address(ipaddress.ip_address(text), allow_private=True)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("::1.2.3.4", "1.2.3.4"),
        ("64:ff9b::1.2.3.4", "1.2.3.4"),
        ("64:ff9b:1::1.2.3.4", "1.2.3.4"),
        ("2002:0102:0304::9", "1.2.3.4"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45"),
        ("::1", "::1"),
        ("::", "::"),
        ("2606:4700::1", "2606:4700::1"),
        ("1.2.3.4", "1.2.3.4"),
    ],
)
def test_wrapped_address_is_unwrapped(outer: str, inner: str) -> None:
    assert unwrap(ipaddress.ip_address(outer)) == ipaddress.ip_address(inner)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1", "https://api.example.com:8443/v1", "ftp://api.example.com", "api.example.com/v1",
        "https://", "", "https:///v1", "https://user@api.example.com/v1", "https://user:pw@api.example.com/v1",
        "https://api.example.com/v1?key=1", "https://api.example.com/v1#x", "https://127.0.0.1/v1",
        "https://[::1]/v1", "https://[::ffff:169.254.169.254]/v1", "https://169.254.169.254/latest",
        "https://１２７.０.０.１/v1", "file:///etc/passwd", "https://a:99999/v1",
    ],
)  # fmt: skip
def test_base_url_that_is_not_plain_https_on_443_is_refused(url: str) -> None:
    with pytest.raises(EgressRefused):
        parse_base_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/v1", "http://user:pw@127.0.0.1/v1", "ftp://127.0.0.1", "http://127.0.0.1/?a=1"]
)
def test_allowing_private_does_not_allow_everything(url: str) -> None:
    with pytest.raises(EgressRefused):
        parse_base_url(url, allow_private=True)


def test_base_url_is_returned_without_its_last_slash() -> None:
    assert str(parse_base_url(" https://api.example.com/v1/ ", allow_private=False)) == "https://api.example.com/v1"
    assert str(parse_base_url("http://127.0.0.1:8000", allow_private=True)).rstrip("/") == "http://127.0.0.1:8000"
    assert parse_base_url("https://api.example.com:443/v1", allow_private=False).port == 443
