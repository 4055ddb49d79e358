"""Secrets and personal data out of texts, a mark in: ``[redacted:aws-key-1]``.

What is looked for stands in ``rules/redaction.yaml``: formats of tokens and personal data (``patterns``), names of keys
behind which a secret stands (``keys``), which kinds of personal data count (``classes``). All of it is one filter of RE2:
it looks for the literals that the patterns need, and only a pattern whose literals are there is tried. So a text without
secrets costs one pass. Apart from the marks, and from the colours of terminals, which could stand between a key and its
value, a text stays word for word; what is redacted already stays as it is.
"""

import base64
import ipaddress
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args
from urllib.parse import quote, quote_plus

import re2

from triaged.core.inert import uncoloured

CLASSES = ("secret", "email", "ip", "private-ip", "card", "phone")
"""What a pattern can be of. Secrets are always redacted, the others where ``classes`` says so, and all of them in strict mode."""

SHORTEST_CONFIGURED = 6
"""Configured values shorter than this are not looked for: they would be found everywhere."""

_MARK = re.compile(rb"\[redacted:[a-z0-9-]{1,60}\]")
# "a string", [redacted:card-1]
_STRING_OR_MARK = re.compile(rf'"[^"\\]*(?:\\.[^"\\]*)*"|{_MARK.pattern.decode()}', re.DOTALL)
# \[redacted:email-1]; not \\[redacted:email-1]
_HALF_ESCAPE = re.compile(rf"(?<!\\)((?:\\\\)*)\\(?={_MARK.pattern.decode()})")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_LONGEST_PATTERN = 1000
_CONTEXT = 64
"""Bytes before a match that its check may look at."""

Span = tuple[int, int, str]
"""Start and end in the UTF-8 of a text, and the name for the mark."""


class _Rule(Protocol):
    @property
    def regex(self) -> Any: ...

    def spans(self, data: bytes) -> Iterator[Span]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Redactor:
    """Built once by ``compile``; holds no text and can be shared."""

    _rules: tuple[_Rule, ...]
    _filter: Any
    _keys: "_Keys"
    _strict: "Redactor | None" = None

    def text(self, text: str) -> str:
        return self.session().text(text)

    def labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        return self.session().labels(labels)

    def body(self, body: bytes) -> bytes:
        """Of a delivery, to be kept and read again: what was JSON still is, so a number that has to go becomes a string."""
        text = body.decode("utf-8", "replace")
        redacted = self.text(text)
        return (_still_json(redacted) if redacted != text and _is_json(text) else redacted).encode("utf-8", "replace")

    def session(self) -> "Session":
        """For texts that belong together: one secret has one mark in all of them."""
        return Session(self)

    def strict(self) -> "Redactor":
        """For public repositories: every class of personal data goes, private addresses too."""
        return self._strict or self

    def spans(self, data: bytes) -> list[Span]:
        """Where ``data`` (UTF-8) holds what must not leave; in order, none overlapping."""
        hit = self._filter.Match(data)
        return _merged(span for index in hit for span in self._rules[index].spans(data)) if hit else []

    def named(self, key: str, value: str) -> str:
        """The name for the mark, where ``key`` says that ``value`` is a secret; else empty."""
        return self._keys.named(key, value)


class Session:
    """The marks given out so far; numbered by order, for each name."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._marks: dict[bytes, bytes] = {}
        self._given: Counter[str] = Counter()

    def text(self, text: str) -> str:
        data = uncoloured(text).encode("utf-8", "surrogatepass")
        spans = self._redactor.spans(data)
        return self._marked(data, spans).decode("utf-8", "surrogatepass") if spans else uncoloured(text)

    def labels(self, labels: Mapping[str, str]) -> dict[str, str]:
        """The values redacted: whole where the key says so, else as texts."""
        return {key: self._label(key, value) for key, value in labels.items()}

    def _label(self, key: str, value: str) -> str:
        name = self._redactor.named(key, value)
        return self._mark(value.encode("utf-8", "surrogatepass"), name).decode() if name else self.text(value)

    def _marked(self, data: bytes, spans: Sequence[Span]) -> bytes:
        pieces, end = [], 0
        for start, stop, name in spans:
            pieces += [data[end:start], self._mark(data[start:stop], name)]
            end = stop
        return b"".join([*pieces, data[end:]])

    def _mark(self, secret: bytes, name: str) -> bytes:
        if secret not in self._marks:
            self._given[name] += 1
            self._marks[secret] = f"[redacted:{name}-{self._given[name]}]".encode()
        return self._marks[secret]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _still_json(text: str) -> str:
    """A mark outside a string gets quotes. One that took the second half of an escape with it, as in ``\\nann@example.com``, takes the first."""
    return _STRING_OR_MARK.sub(lambda m: _HALF_ESCAPE.sub(r"\1", m[0]) if m[0].startswith('"') else f'"{m[0]}"', text)


def compile(rules: Mapping[str, object], secrets: Collection[str] = ()) -> Redactor:
    """A redactor of what ``rules/redaction.yaml`` says and of configured ``secrets``. Raises ValueError, naming the rule."""
    unknown = set(rules) - {"patterns", "keys", "classes", "cases"}
    if unknown:
        raise ValueError(f"{min(unknown)!r} is none of patterns, keys, classes and cases")
    classes = _classes(rules.get("classes", {}))
    patterns = [_pattern(entry, number) for number, entry in enumerate(_list(rules.get("patterns", []), "patterns"), 1)]
    keys = _keys(rules.get("keys", {}))
    always: tuple[_Rule, ...] = (*_configured(secrets), keys)
    wanted = [pattern for pattern in patterns if classes.get(pattern.kind, True)]
    strict = Redactor((*always, *patterns), _filter([*always, *patterns]), keys)
    return Redactor((*always, *wanted), _filter([*always, *wanted]), keys, strict)


def wrong_cases(rules: Mapping[str, object], redactor: Redactor) -> list[str]:
    """What does not come true of the ``cases`` of ``rules``, a sentence each."""
    wrong = []
    for number, case in enumerate(_list(rules.get("cases", []), "cases"), 1):
        if not isinstance(case, Mapping) or not {"text", "becomes"} <= set(case) <= {"text", "becomes", "strict"}:
            wrong.append(f"cases[{number}]: a case has text, becomes and, for public repositories, strict: true")
            continue
        became = (redactor.strict() if case.get("strict") else redactor).text(str(case["text"]))
        if became != case["becomes"]:
            wrong.append(f"cases[{number}]: {case['text']!r} becomes {became!r}, not {case['becomes']!r}")
    return wrong


def _filter(rules: Sequence[_Rule]) -> Any:
    found = re2.Filter()
    for rule in rules:
        found.Add(rule.regex.pattern, _options())
    found.Compile()
    return found


def _merged(spans: Iterator[Span]) -> list[Span]:
    """In order; what overlaps becomes one, by the name of the first."""
    merged: list[Span] = []
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]), merged[-1][2])
        else:
            merged.append((start, end, name))
    return merged


# Patterns


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    name: str
    kind: str
    """One of CLASSES."""
    regex: Any
    check: Callable[[str, str, str], bool] | None
    """Of a match, what stands before it and what behind it: is it really one?"""

    def spans(self, data: bytes) -> Iterator[Span]:
        group = min(self.regex.groups, 1)
        for m in self.regex.finditer(data):
            start, end = m.span(group)
            if start < end and not _MARK.fullmatch(data, start, end) and self._holds(data, start, end):
                yield start, end, self.name

    def _holds(self, data: bytes, start: int, end: int) -> bool:
        if self.check is None:
            return True
        before = data[max(0, start - _CONTEXT) : start].decode("utf-8", "replace")
        return self.check(data[start:end].decode("utf-8", "replace"), before, data[end : end + 2].decode("utf-8", "replace"))


def _pattern(entry: object, number: int) -> _Pattern:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    place = f"patterns[{number}]" + (f" ({name})" if name else "")
    if not isinstance(entry, Mapping) or not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > 40:
        raise ValueError(f"{place}: a pattern has a name of lower-case letters, digits and hyphens, such as aws-key")
    if unknown := set(entry) - {"name", "pattern", "class", "check"}:
        raise ValueError(f"{place}: {min(map(str, unknown))!r} is none of name, pattern, class and check")
    kind, check = entry.get("class", "secret"), entry.get("check")
    if kind not in CLASSES:
        raise ValueError(f"{place}: class {kind!r} is none of {', '.join(CLASSES)}")
    if check is not None and check not in _CHECKS:
        raise ValueError(f"{place}: check {check!r} is none of {', '.join(_CHECKS)}")
    return _Pattern(name, kind, _regex(entry.get("pattern"), place), _CHECKS.get(check) if isinstance(check, str) else None)


def _regex(pattern: object, place: str) -> Any:
    if not isinstance(pattern, str) or not 0 < len(pattern) <= _LONGEST_PATTERN:
        raise ValueError(f"{place}: pattern is an RE2 pattern of 1 to {_LONGEST_PATTERN} characters")
    try:
        regex = re2.compile(pattern, options=_options())
    except re2.error as error:
        raise ValueError(f"{place}: RE2 does not take {pattern!r}: {error.args[0].decode()}") from None
    if regex.groups > 1:
        raise ValueError(f"{place}: pattern has {regex.groups} groups; at most one, around what is redacted (others begin with '(?:')")
    if regex.search(b""):
        raise ValueError(f"{place}: pattern matches the empty text, so it would match everywhere")
    return regex


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    return options


def _list(value: object, what: str) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"{what} is a list")
    return value


def _classes(value: object) -> dict[str, bool]:
    if not isinstance(value, Mapping):
        raise ValueError("classes says true or false for each class of personal data")
    for name, on in value.items():
        if name not in CLASSES[1:] or not isinstance(on, bool):
            raise ValueError(f"classes.{name}: {on!r}; a class is one of {', '.join(CLASSES[1:])}, and true or false")
    return dict(value)


# Configured values


def _configured(secrets: Collection[str]) -> Iterator[_Pattern]:
    forms = {form for secret in secrets if len(secret) >= SHORTEST_CONFIGURED for form in _forms(secret)}
    if forms:
        # the longest first: RE2 takes the first alternative that matches
        any_of_them = "|".join(re2.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
        yield _Pattern("configured", "secret", re2.compile(f"({any_of_them})", options=_options()), None)


def _forms(secret: str) -> Iterator[str]:
    """As it is, in a URL, in JSON, and in Base64 wherever in the encoded text it stands."""
    yield from (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    data = secret.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        # the first and the last character also encode bits of the neighbours
        whole = encoded[-(-before * 4 // 3) : (before + len(data)) * 4 // 3]
        yield from (whole, whole.replace("+", "-").replace("/", "_"))


# Keys

_SEPARATOR = (
    r"""([_-]?[0-9]{0,2}(?:\\*["'`]\]?)?|\])"""  # password2, "password", params[password]; not [redacted:password-1]
    r"""([ \t]*(?:=>|:=|=|:|>|%3[ad])[ \t]*"""  # password=, "password": , :password=>, <password>, password%3D
    r"""|\\*["'`]?\s*,?\s*\\*["']?value\\*["']?\s*[:=][ \t]*"""  # {"name": "PASSWORD", "value": "..."}
    r"""|\s*,\s*)"""  # ["password", "..."]
    r"""(\\*["'`]|[bru]["'])?"""
)
_QUOTED = {quote: re.compile(rb"(?:[^%b\\\n]|\\.)*" % quote) for quote in (b'"', b"'", b"`")}
_QUOTED_WITHIN = re.compile(rb"""[^"'`\\\n]*""")  # "{\"password\":\"hunter2\"}"
_BARE = re.compile(rb"""[^\s"'`<>,;&|(){}\[\]\\]*""")
_WORD = re.compile(rb"\S*")
_CLOSED = (b'"', b"'", b"`", b"]")
_SEEN = 256
"""Bytes of a value that tell whether it is a secret."""

# What stands where a value would: null, string, ${TOKEN}, %s, <secret>, *****, [Filtered], a mark of ours; an address is none either
_PLACEHOLDER = re.compile(
    r"none|null|nil|undefined|true|false|nan|str|string|text|int|integer|number|bytes|bool|boolean|any|object|optional|required"
    r"|invalid|missing|empty|incorrect|wrong|expired|unset|not|the|is|was|bearer|basic|0x[0-9a-f]{1,16}|\*+|x{3,}|\.{2,}|…|-+"
    r"|<[^>]*>|\[[^\]]*\]|\{.*\}|\$(?:\{.*\}|[0-9]|[A-Z_]+)|%(?:\(\w+\))?[sdrvq]",
    re.IGNORECASE,
)
# settings.API_KEY, self._token, req->token, accessToken
_IDENTIFIER = re.compile(r"[A-Za-z_$]+(?:(?:\.|->|::)[A-Za-z_$]+)*")
_SYLLABLE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# 550e8400-e29b-41d4-a716-446655440000, a commit, 0x7f3a9c00
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40}|0x[0-9a-f]+", re.IGNORECASE)
_PIECES = re.compile(r"[-_./:%+=,@ ]")

Sureness = Literal["surely", "maybe", "never"]


@dataclass(frozen=True, slots=True, eq=False)
class _Keys:
    """Secrets behind a key: JSON, ``key=value``, ``key: value``, query strings, headers, XML."""

    words: Mapping[bytes, tuple[str, Sureness]]
    """Each word, ``apikey``, to its name in a mark and how surely a secret stands behind it."""
    regex: Any
    """Groups: the word, what closes the key, the separator, what opens the value."""
    whole: Any
    """A key alone; its group: the word."""

    def spans(self, data: bytes) -> Iterator[Span]:
        end = 0
        for m in self.regex.finditer(data):
            name, sureness = self.words[_bare(m[1])]
            if sureness != "never" and m.start() >= end:
                end = _end_of_value(data, m, sureness)
                if end:
                    yield m.end(), end, name

    def named(self, key: str, value: str) -> str:
        """The name for the mark, where ``key`` says that ``value`` is a secret; else empty."""
        m = self.whole.match(key.encode("utf-8", "replace"))
        name, sureness = self.words[_bare(m[1])] if m else ("", "never")
        if sureness == "never" or not value or _PLACEHOLDER.fullmatch(value):
            return ""
        return name if sureness == "surely" or looks_random(value) else ""


def _bare(word: bytes) -> bytes:
    return word.lower().translate(None, b"_-. ")


def _end_of_value(data: bytes, m: Any, sureness: Sureness) -> int:
    """Where the value behind a key ends; 0 where it is no secret."""
    start, quote = m.end(), m[4] or b""
    value = _QUOTED[quote[-1:]] if quote else _BARE
    if quote[:1] == b"\\":
        value = _QUOTED_WITHIN
    elif not quote and _is_variable(data, m):
        value = _WORD
    end = value.match(data, start, start + _SEEN).end()  # type: ignore[union-attr]  # matches the empty text too
    text = data[start:end].decode("utf-8", "replace")
    if not text or _PLACEHOLDER.fullmatch(text):
        return 0
    secret = _is_value(data, m, text, end) if sureness == "surely" else looks_random(text) and m[3].strip() != b","
    return value.match(data, start).end() if secret else 0  # type: ignore[union-attr]


def _is_value(data: bytes, m: Any, text: str, end: int) -> bool:
    """Whether what stands behind the key of a secret is its value, not prose and not code."""
    key, separator, quoted = m[1].decode("ascii").lower(), m[3].strip(), m[4]
    if separator == b",":
        return bool(quoted) and data[end + 1 : end + 2] in (b"]", b")") and _before(data, m)[-2:-1] in (b"[", b"(") and _mixed(text)
    if len(text) < 3 or (len(text) < 6 and "token" in key):
        return False
    if quoted or not (words := _words(text)):
        return separator != b":" or _mixed(text) or _begins(data, m)
    if len(words) > 1 or data[end : end + 1] in (b"(", b"[") or key.strip("_- .") in text.lower():
        return False  # code
    # a plain word: "password=swordfish" is a secret, "password: required" and "token = parser" are not
    return m[3] in (b"=", b":", b">") or ("pass" in key and _begins(data, m) and _ends(data, end))


def _before(data: bytes, m: Any) -> bytes:
    """What stands on the line before the whole key, ``db.`` of ``db.password`` being its own."""
    line = data[max(0, m.start() - _CONTEXT) : m.start()].rpartition(b"\n")[2]
    return line.rstrip(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-")


def _begins(data: bytes, m: Any) -> bool:
    """Whether the key begins its line, object or argument: no prose leads to it."""
    before = _before(data, m).strip()
    return m[2][-1:] in _CLOSED or not before or before[-1:] in b"{([,;&?|-\"'>/:" or before in (b"export", b"set")


def _ends(data: bytes, end: int) -> bool:
    """Whether nothing follows the value on its line."""
    return data[end : end + 2].lstrip(b" \r")[:1] in (b"", b"\n", b",", b"}", b";", b"&")


def _is_variable(data: bytes, m: Any) -> bool:
    """``DB_PASSWORD=...`` at the start of a line: its value ends where the word does."""
    return m[3] == b"=" and bool(m[1].isupper()) and _before(data, m).strip() in (b"", b"export")


def _words(text: str) -> list[str]:
    """The words that an identifier is made of; none where it is no identifier that people would write."""
    words = _SYLLABLE.findall(text) if _IDENTIFIER.fullmatch(text) else []
    return words if sum(map(len, words)) >= 4 * len(words) else []


def _mixed(text: str) -> bool:
    """Letters and digits, or letters and signs, as in a password; not a word, number or name."""
    return len(text) >= 6 and any(c.isalpha() for c in text) and any(c.isdigit() or c in "!#$%^*+=~" for c in text)


def looks_random(text: str) -> bool:
    """By its characters a key: long, letters and digits mixed in one piece; no id, path, date or name."""
    if len(text) < 12 or _ID.fullmatch(text):
        return False
    piece = max(_PIECES.split(text), key=len)
    letters, digits = sum(map(str.isalpha, piece)), sum(map(str.isdigit, piece))
    return len(piece) >= 10 and letters >= 2 and digits >= 2 and piece.isascii() and entropy(text) >= 3


def entropy(text: str) -> float:
    """Bits a character, by how often each occurs in ``text``."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def _keys(value: object) -> _Keys:
    if not isinstance(value, Mapping) or not set(value) <= set(get_args(Sureness)):
        raise ValueError(f"keys holds the lists {', '.join(get_args(Sureness))}")
    words: dict[bytes, tuple[str, Sureness]] = {}
    for sureness in get_args(Sureness):
        for name in _list(value.get(sureness, []), f"keys.{sureness}"):
            if not isinstance(name, str) or not _KEY.fullmatch(name) or len(name) > 40:
                raise ValueError(f"keys.{sureness}: {name!r}; a key is written in lower case with underscores, such as api_key")
            words[_bare(name.encode())] = (name.replace("_", "-"), sureness)
    # the longest first, so that the mark names the most specific one; no key at all matches nothing
    names = sorted((name for name, _ in words.values()), key=lambda name: (-len(name), name))
    every = "|".join(map(_spelled, names)) or _NOTHING
    return _Keys(
        words=words,
        regex=re2.compile(f"(?i)({every}){_SEPARATOR}", options=_options()),
        whole=re2.compile(f"(?is).*?({every})[_-]?[0-9]{{0,2}}$", options=_options()),
    )


_NOTHING = r"[^\x00-\x{10FFFF}]"


def _spelled(name: str) -> str:
    """``api-key`` as apikey, apiKey, api_key, API_KEY, api.key; a short word only where nothing leads into it."""
    start = r"(?:\b|_)" if len(name) <= 4 else ""
    return start + name.replace("-", "[ _.-]?")


# Checks


def _is_random(text: str, before: str, after: str) -> bool:
    return looks_random(text)


def _is_mixed(text: str, before: str, after: str) -> bool:
    return _mixed(text)


def _is_no_placeholder(text: str, before: str, after: str) -> bool:
    return not _PLACEHOLDER.fullmatch(text)


def _is_luhn(text: str, before: str, after: str) -> bool:
    digits = [int(c) for c in text if c in "0123456789"]
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


# icon@2x.png, getty@tty1.service
_FILE = re.compile(
    r"png|jpe?g|gif|svg|webp|ico|css|[cm]?[jt]sx?|map|json|html|py|rb|go|rs|java|kt|php|so|jar|service|slice|scope|mount", re.IGNORECASE
)
# git@github.com:acme/shop.git
_SSH_USER = re.compile(r"git|hg|svn|org-[0-9]+")
# version=1.2.3.4, Chrome/1.2.3.4, pkg-1.2.3.4, pkg@1.2.3.4, 9.1.2.3.4
_VERSION_BEFORE = re.compile(
    r"""(?:\b(?:v|ver|version|release|rev|build)[ \t]*[=:"']{0,3}[ \t]*|\w/|[@_~^]|[A-Za-z]-|[0-9]\.|\.[jw]ar:)\Z""", re.IGNORECASE
)
# 1.2.3.4.5, 1.2.3.4-beta, 1.2.3.4.dll
_VERSION_AFTER = re.compile(r"\.?[0-9]|[-_.][a-z]", re.IGNORECASE)


def _is_email(text: str, before: str, after: str) -> bool:
    local, _, domain = text.partition("@")
    if re.match(":[0-9]", after):
        return False  # JavaScript prints frames as render@shop.min:12:3
    if _FILE.fullmatch(domain.rpartition(".")[2]) or re.match(r"v?[0-9]+\.[0-9]", domain) or _SSH_USER.fullmatch(local):
        return False
    chunk = before.split()[-1] if before and not before[-1].isspace() else ""
    _, scheme, rest = chunk.rpartition("://")
    return not scheme or "/" in rest or "?" in rest  # else it is user and host of a URL


def _scope(text: str, before: str, after: str) -> str:
    """``public`` or ``private``; empty for what is no address, names this host or nobody, or is a version."""
    if ":" in text:
        return _scope6(text) if not re.match("[:0-9A-Za-z_]", after) else ""
    first, second, *rest = map(int, text.split("."))
    if max(first, second, *rest) > 255 or first in (0, 127) or first >= 224 or _is_version(before, after):
        return ""
    shared = (first == 172 and 16 <= second < 32) or (first == 100 and 64 <= second < 128) or (first, second) in ((192, 168), (169, 254))
    return "private" if first == 10 or shared else "public"


def _scope6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return ""
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return ""
    # 2001:db8::/32, the addresses of documentation, stands for public ones
    return "private" if address.is_private and not text.startswith("2001:") else "public"


def _is_version(before: str, after: str) -> bool:
    if _VERSION_AFTER.match(after):
        return True
    found = _VERSION_BEFORE.search(before)
    return found is not None and not (found[0].endswith("/") and after[:1] == ":")  # Java prints addresses as host/1.2.3.4:80


def _is_public_ip(text: str, before: str, after: str) -> bool:
    return _scope(text, before, after) == "public"


def _is_private_ip(text: str, before: str, after: str) -> bool:
    return _scope(text, before, after) == "private"


_CHECKS: dict[str, Callable[[str, str, str], bool]] = {
    "random": _is_random,
    "mixed": _is_mixed,
    "value": _is_no_placeholder,
    "luhn": _is_luhn,
    "email": _is_email,
    "public-ip": _is_public_ip,
    "private-ip": _is_private_ip,
}
