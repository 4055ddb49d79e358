"""Where a delivery comes from, and whether it may."""

import pytest

from triaged.core import door
from triaged.core.door import Door

GITHUB = "140.82.115.1"
STRANGER = "203.0.113.66"


def asks(proxies, peer, *forwarded):
    found = door.address(Door(proxies=proxies), peer, forwarded)
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "who"),
    [
        (0, [GITHUB], "10.0.0.1"),  # nobody is believed: the other end of the connection
        (1, [STRANGER], STRANGER),
        (1, [f"{GITHUB}, {STRANGER}"], STRANGER),  # the left part is what the stranger wrote
        (1, [GITHUB, STRANGER], STRANGER),  # in a header of its own too
        (2, [f"{GITHUB}, {STRANGER}, 10.0.0.2"], STRANGER),
        (2, [GITHUB, f"{STRANGER},10.0.0.2"], STRANGER),
        (2, [STRANGER], None),  # it came past one of the proxies
        (1, [], None),
        (1, [""], None),
        (1, [f"{STRANGER}, unknown"], None),
        (1, [f"{STRANGER}, "], None),
        (1, ["203.0.113.66:4711"], STRANGER),
        (1, ["[2001:db8::7]:4711"], "2001:db8::7"),
        (1, ["2001:db8::7"], "2001:db8::7"),
        (1, ["::ffff:203.0.113.66"], STRANGER),
        (1, ["\u0661.2.3.4"], None),
        (1, ["1" * 10_000], None),
    ],
)
def test_behind_proxies_it_is_who_the_farthest_trusted_one_has_seen(proxies, forwarded, who):
    assert asks(proxies, "10.0.0.1", *forwarded) == who


def test_an_allow_list_is_not_talked_around():
    wall = Door(door.networks("140.82.112.0/20, 2001:db8::/32 192.0.2.7"), proxies=1)

    def may(*forwarded):
        return door.admits(wall, door.address(wall, "10.0.0.1", forwarded))

    assert may(GITHUB)
    assert may("2001:db8:1::9")
    assert may("192.0.2.7")
    assert not may("192.0.2.8")
    assert not may(f"{GITHUB}, {STRANGER}")
    assert not may(GITHUB, STRANGER)
    assert not may()
    assert not may("nonsense")


def test_without_a_list_everyone_may_even_who_cannot_be_told():
    assert door.admits(Door(proxies=1), None)


@pytest.mark.parametrize("wrong", ["github.com", "140.82.112.0/33", "140.82.112.1/20", "10.0.0.0-10.0.0.9"])
def test_what_is_no_network_is_said(wrong):
    with pytest.raises(ValueError, match="is no address and no network such as"):
        door.networks(f"192.0.2.7, {wrong}")


def test_a_sender_is_an_address_or_what_one_gets_of_ipv6():
    def sender(address):
        return door.sender(door.address(Door(), address, []), address)

    assert sender("203.0.113.66") != sender("203.0.113.67")
    assert sender("2001:db8:1:2::1") == sender("2001:db8:1:2:ffff::9")
    assert sender("2001:db8:1:2::1") != sender("2001:db8:1:3::1")
    assert door.sender(None, "10.0.0.1") == "10.0.0.1"
