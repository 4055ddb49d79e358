"""IP addresses, and not the versions that look like them: ``from 203.0.113.7:443``, ``shop-1.2.3.4.jar``."""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import re2

from triaged.core.patterns import Span, options

# 203.0.113.7; the sign before it is no part of a name, of pkg@1.2.3.4 or ^1.2.3.4
_OCTET = r"\.(?>25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = re.compile(rf"([1-9](?<![\w@^~].)[0-9]{{0,2}}+){_OCTET}{_OCTET}{_OCTET}(?!\w|\.[0-9A-Za-z]|[-_][A-Za-z])".encode())
# 2a02:752:100:e::4002; not 00:00:12:34 and not a::b
_GROUP = "[0-9A-Fa-f]{1,4}"
_V6 = re.compile(
    rf"(?<![0-9A-Za-z:._])(?:(?:{_GROUP}:){{7}}{_GROUP}|(?:{_GROUP}:){{1,6}}:{_GROUP}(?::{_GROUP}){{0,5}})(?![:0-9A-Za-z_])".encode()
)
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VERSIONS = (b"v", b"ver", b"version", b"release", b"rev", b"build", b"jar", b"war")
_VERSION_ENDS = {version[-1:] for version in _VERSIONS} | {version[-1:].upper() for version in _VERSIONS}
# Behind them a version may stand: version=1.2.3.4, Chrome/1.2.3.4, pkg-1.2.3.4, 9.1.2.3.4
_LED = frozenset(b" \t=:\"'-/.")
# First octets of networks that are nobody else's, or nobody's: RFC 1918, 6598, 3927, 1122, 1112
_SPECIAL = frozenset(str(first).encode() for first in (10, 100, 127, 169, 172, 192, *range(224, 1000)))


@dataclass(frozen=True, slots=True, eq=False)
class Addresses:
    """A rule. Loopback, multicast and the like name nobody, and stay."""

    regex: Any
    """For RE2: whether it is worth looking."""
    _find: re.Pattern[bytes]
    _scope: Callable[[re.Match[bytes]], str]
    """``public``, ``private``, or empty for what is no address or nobody's."""
    _wanted: Collection[str]

    def spans(self, data: bytes) -> Iterator[Span]:
        for m in self._find.finditer(data):
            if self._scope(m) in self._wanted:
                start, end = m.span()
                if not (start and data[start - 1] in _LED and _is_version(data, start, end)):
                    yield start, end, "ip"


def addresses(*wanted: str) -> tuple[Addresses, Addresses]:
    """``wanted`` are ``public``, ``private`` or both."""
    four = re2.compile(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b", options=options())
    six = re2.compile(r"[0-9a-fA-F]::[0-9a-fA-F]|(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]", options=options())
    return Addresses(four, _V4, _scope4, wanted), Addresses(six, _V6, _scope6, wanted)


def _scope4(m: re.Match[bytes]) -> str:
    if m[1] not in _SPECIAL:
        return "public"
    first, second = int(m[1]), int(m[0].split(b".", 2)[1])
    if first == 127 or first >= 224:
        return ""
    shared = (first == 172 and 16 <= second < 32) or (first == 100 and 64 <= second < 128) or (first, second) in ((192, 168), (169, 254))
    return "private" if first == 10 or shared else "public"


def _scope6(m: re.Match[bytes]) -> str:
    try:
        address = ipaddress.IPv6Address(m[0].decode())
    except ValueError:
        return ""
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return ""
    # 2001:db8::/32, the addresses of documentation, stands for public ones
    return "private" if address.is_private and not m[0].startswith(b"2001:") else "public"


def _is_version(data: bytes, start: int, end: int) -> bool:
    """By what stands before it."""
    before, last = data[start - 2 : start - 1], data[start - 1 : start]
    if last == b"/":
        return before.isalnum() and data[end : end + 1] != b":"  # Java prints addresses as host/1.2.3.4:80
    if last in (b"-", b"."):
        return before.isalpha() if last == b"-" else before.isdigit()
    if before.isalpha() and before not in _VERSION_ENDS:
        return False
    head = data[max(0, start - 20) : start].rstrip(b" \t=:\"'")
    return head[len(head.rstrip(_LETTERS)) :].lower() in _VERSIONS
