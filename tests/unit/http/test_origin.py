"""Who is counted as the client behind proxies."""

import pytest

from omna.http.origin import client_address, network_of, trusted_networks


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("203.0.113.9", "1.2.3.4", "", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4", "10.0.0.0/8", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "10.0.0.0/8", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "10.0.0.0/8", "1.2.3.4"),
        ("10.0.0.1", "nonsense", "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.0/8", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "10.0.0.0/8", "2001:db8::1"),
    ],
)
def test_a_forwarded_address_counts_as_far_as_trusted_proxies_wrote_it(
    peer: str, forwarded: str, trusted: str, client: str
) -> None:
    assert client_address(peer, [forwarded], trusted_networks(trusted)) == client


def test_the_header_that_a_proxy_added_counts_before_the_one_that_came_with_the_request() -> None:
    assert client_address("10.0.0.1", ["6.6.6.6", "1.2.3.4"], trusted_networks("10.0.0.0/8")) == "1.2.3.4"
    assert client_address("10.0.0.1", [], trusted_networks("10.0.0.0/8")) == "10.0.0.1"


def test_limits_count_a_whole_block_of_ipv6() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert network_of("203.0.113.9") == "203.0.113.9"
