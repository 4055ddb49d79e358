"""Values behind a name: ``password=...``, ``"apiKey": "..."``, ``--token ...``, ``the passphrase "..." was refused``.

A name alone is no proof: ``token = lexer.next()`` and ``password: must not be empty`` hold no secret. How surely a name says
that one follows stands in ``rules/redaction.yaml``; what links the two, and what the value looks like, decides the rest.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

import re2

from triaged.core import looks
from triaged.core.patterns import Span, options
from triaged.core.personal import SHAPES

SURENESS = ("surely", "maybe", "never")
_KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_SEEN = 256
"""Bytes of a value that tell whether it is a secret."""
_CONTEXT = 64
"""Bytes before a name that are looked at."""

# ------------------------------------------------------------------ names


@dataclass(frozen=True, slots=True)
class Name:
    """A word that says what stands behind it."""

    mark: str
    """Its name in marks: ``api-key``."""
    sureness: str
    """One of SURENESS, a class of personal data, or ``perhaps`` for a name that goes on."""

    @property
    def personal(self) -> bool:
        return self.sureness in SHAPES

    @property
    def chosen(self) -> bool:
        """What stands behind it was thought up by a person: a password may be a word, a token is none."""
        return any(part in self.mark for part in ("pass", "pwd", "phrase", "mnemonic"))


# password2, password_hash, api-key-prod: what stands behind it is the same thing still
_SAME = (
    r"[_.-]?(?:v?[0-9]{1,2}|confirm|again|value|plain|plaintext|text|raw|old|new|current|prod|production|staging|stage|dev|test|live|primary"
    r"|secondary|base64|b64|hex|data|string|bytes)|[ _.-]?(?:hash|digest|md5|sha1|sha256|confirmation)"
)
# TOKEN_BEDROCK, apiKeyId: it may be another
_OTHER = r"(?:[_-][a-z0-9]{1,20}|(?-i:[A-Z][a-z0-9]{1,20})){1,2}"
# What stands between a name and its value:
_CLOSED = r"""(?:\\*["'`]|[\])*])*"""  # "password", params[password], \"password\", *Password*, Key (password)
_LINK = (
    r"""[,;]?\s*>?\s*(?:</\w+>\s*)?<?\\*["'`]?(?:value|val|content)\\*["'`]?[ \t]*[:=>][ \t]*"""  # {"name": "PASSWORD", "value": "..."}
    r"""|[ \t]*\{\s*(?:type\s*=\s*string\s*)?(?:sensitive\s*=\s*true\s*)?default\s*=\s*"""  # variable "password" { default = "..." }
    r"""|::[ \t]+|[ \t]+->[ \t]+"""  # password:: of LDIF, password -> of Scala
    r"""|[ \t]*(?:=>\s*(?:string\([0-9]+\) )?|(?::=|[:=>])[ \t]*)"""  # password=, "password": , :password=>, <password>
    r"""|[ \t]+\|[ \t]*"""  # of a table
    r"""|;s:[0-9]+:"""  # as PHP serializes
    r"""|\s*,\s*"""  # ["password", "..."]
    r"""|\r?\n[ \t]*"""  # *Password*, and its value below
    r"""|[ \t]+"""  # --password ..., password is ...
)
_CLOSERS = b"\\\"'`])*"
_NO_NAME = bytes(set(range(128)) - set(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
_NOTHING = r"[^\x00-\x{10FFFF}]"


def names(keys: object) -> dict[str, Name]:
    """Of ``keys`` in the rules: each key to what it says. Raises ValueError, naming it."""
    kinds = (*SURENESS, *SHAPES)
    if not isinstance(keys, Mapping) or not set(keys) <= set(kinds):
        raise ValueError(f"keys holds the lists {', '.join(kinds)}")
    found: dict[str, Name] = {}
    for kind in (*SHAPES, *SURENESS):
        listed = keys.get(kind, [])
        if not isinstance(listed, Sequence) or isinstance(listed, str):
            raise ValueError(f"keys.{kind} is a list")
        for key in listed:
            if not isinstance(key, str) or not _KEY.fullmatch(key) or len(key) > 40:
                raise ValueError(f"keys.{kind}: {key!r}; a key is written in lower case with underscores, such as api_key")
            found[key] = Name(kind if kind in SHAPES else key.replace("_", "-"), kind)
    return found


def _bare(word: bytes) -> bytes:
    return word.removeprefix(b"-D").lower().translate(None, b"_-. ")


def _spelled(keys: Collection[str]) -> str:
    """A pattern of all: ``api_key`` as apikey, apiKey, API_KEY, api.key, "api key"; a short one only where a word begins."""
    long, short = [key for key in keys if len(key) > 4], [key for key in keys if len(key) <= 4]
    found = [_tree(long)] if long else []
    if short:
        found += [rf"(?:\b|_|-D){_tree(short)}", f"(?-i:{'|'.join(key.capitalize() for key in sorted(short))})"]
    return "|".join(found)


def _tree(keys: Collection[str]) -> str:
    """What begins alike is tried once, and the longest first: so the mark names the most specific one."""
    whole = "" in keys
    branches = []
    for first, group in groupby(sorted(key for key in keys if key), key=lambda key: key[0]):
        branches.append((first if first != "_" else "[ _.-]?") + _tree([key[1:] for key in group]))
    alternatives = branches[0] if len(branches) == 1 and not whole else f"(?:{'|'.join(branches)})" if branches else ""
    return f"{alternatives}?" if whole and branches else alternatives


# ------------------------------------------------------------------ the rule


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Finds the values behind names. So many of them are one automaton of their own: in one with other rules its states would be countless."""

    _names: Mapping[bytes, Name]
    _find: Any
    _parts: re.Pattern[bytes]
    """The same for ``re``. Groups: the name, what makes another of it, what closes it, what links it to the value."""
    _whole: Any
    """A key alone; its group: the name."""

    def spans(self, data: bytes) -> Iterator[Span]:
        done = 0
        for found in self._find.finditer(data):
            start, end = found.span()
            if start < done or (data[end - 1 : end] == b" " and _goes_on(data, start, end)):
                continue
            if (place := self._place(data, start, end)) and (value := place.value()):
                start, done = value
                yield start, done, place.name.mark

    def _place(self, data: bytes, start: int, end: int) -> "_Place | None":
        """None where the name says that nothing stands there."""
        found = data[start:end]
        word = found.rstrip(_NO_NAME)
        name = self._names.get(_bare(word))
        if name is not None:
            link = found[len(word) :].lstrip(_CLOSERS)
            closed = found[len(word) : len(found) - len(link)]
        else:
            m = self._parts.match(data, start, end)
            if m is None:
                return None
            word, more, closed, link = m.groups()
            name = self._said(word, more)
        return _Place(data, start, word, closed, link, end, name) if name.sureness != "never" else None

    def _said(self, word: bytes, more: bytes | None) -> Name:
        """What a name says with ``more`` behind it: ``key_passphrase`` is a passphrase, ``token_count`` may be no token."""
        name = self._names[_bare(word)]
        if not more:
            return name
        if last := self._whole.match(word + more):
            return self._names[_bare(last[1])]
        return Name(name.mark, "perhaps" if name.sureness in ("surely", "maybe") else "never")

    def named(self, key: str, value: str) -> str:
        """The name for the mark, where ``key`` says that ``value`` is a secret; else empty."""
        name = self.of(key)
        if name is None or not value or looks.placeholder(value):
            return ""
        if name.personal:
            return name.mark if SHAPES[name.sureness].fullmatch(value) else ""
        return name.mark if name.sureness == "surely" or looks.drawn(value) else ""

    def of(self, key: str) -> Name | None:
        """What a key says; None where it says nothing of the kind."""
        m = self._whole.match(key.encode("utf-8", "replace"))
        name = self._names[_bare(m[1])] if m else None
        return None if name is None or name.sureness == "never" else name


def compile(names: Mapping[str, Name]) -> Named:
    every = _spelled(names)
    return Named(
        {_bare(key.encode()): name for key, name in names.items()},
        re2.compile(f"(?i)(?:{every})(?:{_SAME}|{_OTHER})?{_CLOSED}(?:{_LINK})" if every else _NOTHING, options=options()),
        re.compile(f"(?i)({every})(?:{_SAME}|({_OTHER}))?({_CLOSED})({_LINK})".encode()),
        re2.compile(f"(?is).*?({every})(?:{_SAME})?$" if every else f"({_NOTHING})", options=options()),
    )


# ------------------------------------------------------------------ a name in a text, and what is linked to it

_OF_A_KEY = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-"
_HEADERS = ("authorization", "cookie")
# password is, api key provided:, set to
_TOLD = re.compile(rb"(?:(?:is|was|set|to|provided|given|supplied|used|value|number|equals)[ \t]*:?[ \t]+){0,3}")
# "password for ann"
_PLAIN_WORD = re.compile(rb"(?!(?:is|was|set|to|provided|given|supplied|used|value|number|equals)\b)[a-z]+(?=[\s.,;:!?)]|\Z)")
# what looks.drawn asks of a value at least: ten characters, a digit or a capital among them
_PERHAPS_DRAWN = re.compile(rb"""[^\s<>,;&|{}\]]{0,12}?(?=[^\s"'`<>,;&|(){}\[\]\\]{0,200}?[0-9A-Z])[^\s"'`<>,;&|(){}\[\]\\]{10}""")
_LAST_WORD = re.compile(rb"[\w-]*\Z")
_COMMANDS = (b"set", b"setting", b"setenv", b"export", b"env", b"ENV", b"ARG", b"-x")


def _goes_on(data: bytes, start: int, end: int) -> bool:
    """Whether it is a word of a sentence that goes on, ``password for ann``, which is told here before anything is looked at more closely."""
    if not _PLAIN_WORD.match(data, end) or not data[start - 1 : start].isspace() or not data[end - 2 : end - 1].isalpha():
        return False
    return not data[max(0, start - 12) : start - 1].endswith(_COMMANDS) and not _PHRASE.match(data, end)


class _Place:
    __slots__ = ("_at", "_closed", "_data", "_link", "_start", "_word", "name")

    def __init__(self, data: bytes, start: int, word: bytes, closed: bytes, link: bytes, at: int, name: Name) -> None:
        self._data = data
        self._start = start
        self._word = word
        self._closed = closed
        self._link = link
        self._at = at
        self.name = name

    def value(self) -> tuple[int, int] | None:
        """Where the secret behind the name stands, if there is one."""
        link = self._link.strip()
        if not link:
            return self._below() if b"\n" in self._link else self._spoken()
        if link == b",":
            return self._listed()
        if self._link == b":" and not self._closed and self._line()[0].endswith(b":"):
            return None  # arn:aws:secretsmanager:eu-west-1:1:secret:shop
        if self._link[:1] == b">" and self._line()[0].endswith(b"</"):
            return None  # </password>
        if self._closed == b")" and self._link == b"=" and self._data[self._at : self._at + 1] == b"(":
            return None  # Key (id, password)=(7, ...): columns know which it is
        return self._assigned()

    def _line(self) -> tuple[bytes, bytes]:
        """What stands before the name on its line, and what it is the end of: ``db.`` of ``db.password``."""
        line = self._data[max(0, self._start - _CONTEXT) : self._start]
        line = line[line.rfind(b"\n") + 1 :]
        before = line.rstrip(_OF_A_KEY)
        return before, line[len(before) :]

    def _read(self, at: int, *, prose: bool = False) -> "_Value | None":
        """The value that stands there, if it is one of the kind that the name speaks of."""
        if self.name.mark in _HEADERS and not prose and (found := _header(self._data, at, self.name.mark)):
            return found
        value = _read(self._data, at, self.name)
        return value if value and self._fits(value.text) else None

    def _fits(self, text: str) -> bool:
        if looks.placeholder(text):
            return False
        if self.name.personal:
            return SHAPES[self.name.sureness].fullmatch(text) is not None
        if self.name.sureness == "maybe":
            return looks.drawn(text)
        if self.name.sureness == "perhaps":
            return looks.random(text)
        return len(text) >= (6 if b"token" in self._word.lower() else 3) and not (self.name.chosen and looks.path(text))

    # ---- password = "...", password: ..., <password>...

    def _assigned(self) -> tuple[int, int] | None:
        if self.name.sureness in ("maybe", "perhaps") and not _PERHAPS_DRAWN.match(self._data, self._at):
            return None
        value = self._read(self._at)
        if value is None or value.text[:1] in (":", "=") or (self._link == b":" and value.text[:2] == "//"):
            return None
        if value.sure or self.name.sureness in ("maybe", "perhaps"):
            return value.span
        if self.name.personal:
            return value.span if value.quoted or not self._is_code(value) else None
        return value.span if self._is_secret(value) else None

    def _is_secret(self, value: "_Value") -> bool:
        """Not prose, and not code."""
        text = value.text
        if not value.quoted and self._is_code(value):
            return False
        if value.quoted or not looks.words(text):
            return self._link.strip() != b":" or self._is_odd(value) or self._begins()
        # a plain word: "password=swordfish" is a secret, "password: required" and "token = parser" are not
        return self._link in (b"=", b":", b">") or (self.name.chosen and self._begins() and value.ends_line)

    def _is_odd(self, value: "_Value") -> bool:
        """No word that could follow a name in a sentence."""
        text = value.text
        return value.phrase or looks.mixed(text) or (self.name.chosen and text.isdigit() and len(text) >= 4)

    def _is_code(self, value: "_Value") -> bool:
        """``settings.API_KEY``, ``parse(``, ``$this->``, ``user = user``; not in URLs, connection strings and environments."""
        text, after = value.text, value.after
        before, run = self._line()
        if before[-1:] in (b"?", b"&", b";") or (self._link == b"=" and (run + self._word).isupper()):
            return False
        if text[:1] == "$" and (after[:1] == b">" or looks.identifier(text)):
            return True
        if not looks.identifier(text):
            return False
        if after[:1] in (b"(", b"[") or self._word.decode("ascii", "replace").lower() in text.lower():
            return True
        words = looks.words(text)
        return len(words) > 1 and (not self.name.personal or _OBJECT.fullmatch(words[0]) is not None)

    def _begins(self) -> bool:
        """Whether the name begins its line, object or argument: no prose leads to it."""
        if self._closed[-1:] in _CLOSING:
            return True
        before = self._line()[0].strip()
        return not before or before[-1:] in _OPENERS or before in (b"export", b"set")

    # ---- ["password", "..."], '--password', '...', {password, "..."} of Erlang

    def _listed(self) -> tuple[int, int] | None:
        value = self._read(self._at)
        if value is None or not value.quoted:
            return None
        before, run = self._line()
        if not self._closed and not run and before[-1:] == b"{" and " " not in value.text:
            return value.span
        if self._closed[-1:] not in (b'"', b"'"):
            return None
        if run.startswith(b"-"):
            return value.span
        opened, after = before.rstrip(b"\\\"'"), value.after.lstrip(b"\\")[1:2]
        if opened[-1:] not in (b"[", b"(") or after not in (b"]", b")"):
            return None
        of_pairs = opened[-2:-1] in (b"[", b"(", b" ", b",") and (self.name.chosen or self.name.personal)
        return value.span if value.sure or self.name.sureness == "maybe" or of_pairs or looks.mixed(value.text) else None

    # ---- *Password*, and the value below

    def _below(self) -> tuple[int, int] | None:
        value = self._read(self._at) if self._closed.endswith(b"*") else None
        return value.span if value else None

    # ---- --password ..., set password ..., password is ...

    def _spoken(self) -> tuple[int, int] | None:
        if self._closed.strip(b"\\\"'`*"):
            return None  # "name) values"
        before, run = self._line()
        command = run.startswith(b"-") or (before[-1:] == b" " and _LAST_WORD.search(before.rstrip())[0] in _COMMANDS)  # type: ignore[index]  # matches the empty text too
        told = _TOLD.match(self._data, self._at)
        at = told.end() if told else self._at
        value = self._read(at, prose=not command)
        if value is None:
            return None
        if command:
            return None if value.text.startswith("-") else value.span
        return value.span if value.sure or self._is_told(value, said=at > self._at) else None

    def _is_told(self, value: "_Value", *, said: bool) -> bool:
        """Of a sentence: ``said`` where a word such as "is" leads to the value."""
        text, name = value.text, self.name
        if self._data[value.start - 1 : value.start] in (b"(", b"["):
            return False
        if name.personal:
            a_name = name.sureness == "user" and (said or _COMPOUND.search(self._word) is not None)
            return value.quoted or any(c.isdigit() for c in text) or a_name
        if looks.drawn(text):
            return True
        if not name.chosen:
            return looks.mixed(text) and len(text) >= 8 and (value.quoted or said)
        return self._is_odd(value) or (value.quoted and " " not in text)


# userName, user_name
_COMPOUND = re.compile(rb"[a-z][A-Z]|_")
# What values are read from in code: user.name, params.login
_OBJECT = re.compile(
    r"self|this|users?|request|req|params?|config|settings|options|env|ctx|context|data|form|body|args|session|account|current|props|state|event"
    r"|payload|item|obj|object|row|record|result|response|res|input|model|customer|person|profile|client|auth",
    re.IGNORECASE,
)
_CLOSING = (b'"', b"'", b"`", b"]")
_OPENERS = tuple(bytes([c]) for c in b"{([,;&?|-\"'>/:*\\")


# ------------------------------------------------------------------ values

# b", \", [", (', Some(", <<"; '' within a string of SQL
_OPENING = re.compile(
    rb"""(?:(?:Some|Optional|Just)?[\[(][ \t]*|<<|Just[ ])?(?:[bBrRuUnNeEfF@]{1,2}(?=["']))?(\\{0,8})(''(?=[\w$])|["'`])"""
)
_QUOTE_OR_BRACKET = tuple(bytes([c]) for c in b"[(\"'`\\bBrRuUnNeEfF@SOJ<")
_BRACKET = re.compile(rb"[\[(](?!redacted:)[ \t]*|<!\[CDATA\[")
_QUOTED = {
    b'"': re.compile(rb'(?:[^"\\\n]|\\.)*', re.DOTALL),
    b"'": re.compile(rb"(?:[^'\\\n]|\\.|''(?=[^\s,;)\]}\"]))*", re.DOTALL),
    b"''": re.compile(rb"(?:[^'\n]|'(?!'))*"),
    b"`": re.compile(rb"[^`\n]*"),
}
_BARE = re.compile(rb"""[^\s"'`<>,;&|(){}\[\]\\]*""")
_TO_SPACE = re.compile(rb"""(?:[^\s"'`<>\\,;&|]|[,;&|](?![\w.-]+[=:]))*""")
# correct horse battery staple
_PHRASE = re.compile(rb"""[A-Za-z\x80-\xff]{2,16}(?:[ ][A-Za-z\x80-\xff]{2,16}){3,24}(?=[ \t]*(?:["'`<>,;&|)}\]\r\n\\]|\Z))""")
# What stands behind a value that has ended: ", retries: 3", "&page=2", "}, {id: 5", ") "
_NEXT = re.compile(
    rb"""[\])}]*[,;&|]?\s*[{\[(]*\\?["']?[A-Za-z_][\w.-]*\\?["']?\s*[=:]|[\])}]*[,;&|]?\s+\S|[\])}]*[.,;:!?]?(?:\s|\Z)|[\])}]*["'`\\<>(\[{]"""
)
# " Lee" of "full_name: Ann Lee"
_SURNAME = re.compile(rb"(?:[ ][A-Z\xc3-\xf4][\w\x80-\xff.'-]*){1,3}(?=[ \t]*(?:[,;)\]}&|<]|[\r\n]|\Z))")
# "06 87 86 27 85", "(212) 555-0187", "GB82 WEST 1234 5698 7654 32"
_NUMBER = re.compile(rb"\+?\(?[0-9][0-9 ()./-]{4,30}[0-9]|[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}")
_LINE_END = re.compile(rb"""[ \t]*(?:\\[nr]|[\r\n,;&}]|["'`]?\Z)""")


class _Value(NamedTuple):
    start: int
    end: int
    text: str
    """As much of it as tells what it is."""
    quoted: bool
    after: bytes
    """A few bytes behind it."""
    sure: bool = False
    """By its grammar no prose and no code."""
    phrase: bool = False
    """Four words or more that make no sentence."""

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end

    @property
    def ends_line(self) -> bool:
        return _LINE_END.match(self.after) is not None


def _value(data: bytes, start: int, end: int, *, quoted: bool, sure: bool = False) -> _Value | None:
    if end <= start:
        return None
    text = data[start : min(end, start + _SEEN)].decode("utf-8", "replace")
    phrase = " " in text and not sure and _PHRASE.match(data, start, end) is not None and not looks.sentence(text)
    return _Value(start, end, text, quoted, data[end : end + 4], sure, phrase)


def _read(data: bytes, at: int, name: Name) -> _Value | None:
    """What stands at ``at``; None where nothing does."""
    if data[at : at + 1] in _QUOTE_OR_BRACKET and (opening := _OPENING.match(data, at)):
        start, end = _within_quotes(data, opening)
        return _value(data, start, end, quoted=True)
    bracket = _BRACKET.match(data, at)
    start = bracket.end() if bracket else at
    if name.personal and name.sureness != "user" and (number := _NUMBER.match(data, at)):
        return _value(data, at, number.end(), quoted=False)
    return _value(data, start, _bare_end(data, start, name), quoted=False)


def _within_quotes(data: bytes, opening: re.Match[bytes]) -> tuple[int, int]:
    """A quoted value ends at its quote, escaped as the first one is; else with its line, which was cut off."""
    start, escape, quote = opening.end(), opening[1], opening[2]
    if escape:
        line = data.find(b"\n", start)
        end = line if line >= 0 else len(data)
        closing = _closing(len(escape), quote).search(data, start, end)
        end = closing.start() if closing else end
    else:
        end = _QUOTED[quote].match(data, start).end()  # type: ignore[union-attr]  # matches the empty text too
    while end - start > 2 and data[start] == data[end - 1] and data[start] in b"\"'":  # "'...'"
        start, end = start + 1, end - 1
    return start, end


@cache
def _closing(escapes: int, quote: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\\)\\{%d}%b" % (escapes, quote))


def _bare_end(data: bytes, start: int, name: Name) -> int:
    """Where a value without quotes ends. Passwords may hold what ends other values, phrases are of several words, people have surnames."""
    end = _BARE.match(data, start).end()  # type: ignore[union-attr]
    if name.chosen:
        phrase = _PHRASE.match(data, start)
        if phrase and not looks.sentence(phrase[0].decode("utf-8", "replace")):
            return phrase.end()
        if start < end < len(data) and not _NEXT.match(data, end):
            end = _TO_SPACE.match(data, end).end()  # type: ignore[union-attr]
    elif name.sureness == "user" and (surname := _SURNAME.match(data, end)):
        return surname.end()
    stop = data[end - 1 : end + 1]
    return end - 1 if end - start > 1 and stop[:1] in (b".", b":") and stop[1:2] in (b"", b" ", b"\n", b"\r", b'"') else end


# ------------------------------------------------------------------ Authorization and Cookie, whose values have blanks and commas in them

# Bearer, Token, AWS4-HMAC-SHA256
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,24}[ \t]+(?=[^\s=])")
# username="ann", realm="api", response=\"...\"
_CREDENTIALS = re.compile(
    rb"""(?:[\w-]+=\\?"[^"\n\\]*\\?"|[^\s"'`,;\\<>\[\](){}]+)(?:[,;][ ]?[\w-]+=(?:\\?"[^"\n\\]*\\?"|[^\s"'`,;\\<>\]})]*))*"""
)
# sid=a%3Ab; Path=/; HttpOnly
_COOKIES = re.compile(rb"""[^\s"'`;,\\=\[\]]+=(?:[^\s"'`;,\\]|,(?=\S))*(?:;[ ]?(?:[^\s"'`;,\\]|,(?=\S))*)*""")


def _header(data: bytes, at: int, mark: str) -> _Value | None:
    opening = _OPENING.match(data, at)
    if opening:
        start, end = _within_quotes(data, opening)
    else:
        bracket = _BRACKET.match(data, at)
        start = end = bracket.end() if bracket else at
    scheme = _SCHEME.match(data, start, end if opening else len(data)) if mark == "authorization" else None
    start = scheme.end() if scheme else start
    if not opening:
        found = (_CREDENTIALS if mark == "authorization" else _COOKIES).match(data, start)
        end = found.end() if found else start
    value = _value(data, start, end, quoted=opening is not None, sure=True)
    sure = value and not looks.placeholder(value.text) and (scheme or looks.mixed(value.text) or (mark == "cookie" and "=" in value.text))
    return value if sure else None
