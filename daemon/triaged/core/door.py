"""Where a delivery comes from, and whether it may come from there.

Behind proxies the address is what the farthest one that is trusted has seen. Each adds what it saw at the right end of
``X-Forwarded-For``; whatever stands left of that, anyone can write. An allow list is one more wall, never the only one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Door:
    """Who may send webhooks."""

    allowed: tuple[Network, ...] = ()
    """Empty: everyone."""
    proxies: int = 0
    """How many hops in front of us are trusted to say where a request comes from."""


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by commas or spaces. Raises ValueError that says which is none."""
    return tuple(_network(word) for word in text.replace(",", " ").split())


def address(door: Door, peer: str, forwarded: Sequence[str]) -> Address | None:
    """Who asks. ``peer`` is at the other end of the connection, ``forwarded`` every X-Forwarded-For header, in order.

    None where that cannot be told: it did not come through that many proxies, or what they say is no address.
    """
    if not door.proxies:
        return _address(peer)
    hops = [hop.strip() for header in forwarded for hop in header.split(",")]
    return _address(hops[-door.proxies]) if len(hops) >= door.proxies else None


def admits(door: Door, asking: Address | None) -> bool:
    """Whether who asks may send webhooks; who cannot be told may not, once there is a list."""
    return not door.allowed or (asking is not None and any(asking in network for network in door.allowed))


def sender(asking: Address | None, peer: str) -> str:
    """What is counted as one: an IPv4 address, the 64 bits of an IPv6 network; where it cannot be told, the peer."""
    if isinstance(asking, IPv6Address):
        return str(ip_network((asking, 64), strict=False))
    return str(asking or peer)


def _network(word: str) -> Network:
    try:
        return ip_network(word)
    except ValueError as error:
        raise ValueError(f"{word[:60]} is no address and no network such as 192.0.2.7 or 192.0.2.0/24 ({error})") from None


@lru_cache(maxsize=4_096)
def _address(said: str) -> Address | None:
    """Some proxies add a port: ``192.0.2.7:4711``, ``[2001:db8::7]:4711``."""
    bare = said[1:].partition("]")[0] if said.startswith("[") else said.partition(":")[0] if said.count(":") == 1 else said
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
