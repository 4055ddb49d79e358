"""IP addresses, and not the versions that look like them: ``from 203.0.113.7:443``, ``shop-1.2.3.4.jar``."""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import re2

from triaged.core.patterns import Span, options

# 203.0.113.7; the sign before it is no part of a name, of pkg@1.2.3.4 or ^1.2.3.4
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = re.compile(rf"[1-9](?<![\w@^~].)[0-9]{{0,2}}(?:\.{_OCTET}){{3}}(?![\w]|\.[0-9A-Za-z]|[-_][A-Za-z])".encode())
# 2a02:752:100:e::4002; not 00:00:12:34 and not a::b
_V6 = re.compile(
    rb"(?<![0-9A-Za-z:._])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,5})(?![:0-9A-Za-z_])"
)
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VERSIONS = (b"v", b"ver", b"version", b"release", b"rev", b"build", b"jar", b"war")
# Behind them a version may stand: version=1.2.3.4, Chrome/1.2.3.4, pkg-1.2.3.4, 9.1.2.3.4
_LED = (b" ", b"\t", b"=", b":", b'"', b"'", b"-", b"/", b".")
# First octets of networks that are nobody else's, or nobody's: RFC 1918, 6598, 3927, 1122, 1112
_SPECIAL = frozenset({b"10", b"100", b"127", b"169", b"172", b"192", *(str(first).encode() for first in range(224, 1000))})


@dataclass(frozen=True, slots=True, eq=False)
class Addresses:
    """A rule. Loopback, multicast and the like name nobody, and stay."""

    regex: Any
    """For RE2: whether it is worth looking."""
    _find: re.Pattern[bytes]
    _scope: Callable[[bytes], str]
    """``public``, ``private``, or empty for what is no address or nobody's."""
    _wanted: Collection[str]

    def spans(self, data: bytes) -> Iterator[Span]:
        for m in self._find.finditer(data):
            start, end = m.span()
            if self._scope(m[0]) in self._wanted and not _is_version(data, start, end):
                yield start, end, "ip"


def addresses(*wanted: str) -> tuple[Addresses, Addresses]:
    """``wanted`` are ``public``, ``private`` or both."""
    four = re2.compile(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b", options=options())
    six = re2.compile(r"[0-9a-fA-F]::[0-9a-fA-F]|(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]", options=options())
    return Addresses(four, _V4, _scope4, wanted), Addresses(six, _V6, _scope6, wanted)


def _scope4(text: bytes) -> str:
    """``public`` or ``private``; empty for what names this host or nobody."""
    octets = text.split(b".", 2)
    if octets[0] not in _SPECIAL:
        return "public"
    first, second = int(octets[0]), int(octets[1])
    if first == 127 or first >= 224:
        return ""
    shared = (first == 172 and 16 <= second < 32) or (first == 100 and 64 <= second < 128) or (first, second) in ((192, 168), (169, 254))
    return "private" if first == 10 or shared else "public"


def _scope6(text: bytes) -> str:
    try:
        address = ipaddress.IPv6Address(text.decode())
    except ValueError:
        return ""
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return ""
    # 2001:db8::/32, the addresses of documentation, stands for public ones
    return "private" if address.is_private and not text.startswith(b"2001:") else "public"


def _is_version(data: bytes, start: int, end: int) -> bool:
    """By what stands before it."""
    last = data[start - 1 : start] if start else b""
    if last not in _LED:
        return False
    if last in (b"-", b"/", b"."):
        before = data[start - 2 : start - 1]
        if last == b"/" and data[end : end + 1] == b":":
            return False  # Java prints addresses as host/1.2.3.4:80
        return before.isdigit() if last == b"." else before.isalnum() if last == b"/" else before.isalpha()
    head = data[max(0, start - 20) : start].rstrip(b" \t=:\"'")
    return head[len(head.rstrip(_LETTERS)) :].lower() in _VERSIONS
