"""What a value looks like: drawn at random, chosen by a person, a phrase, a placeholder, a name in code."""

import math
import re
from collections import Counter

# What stands where a value would
_NO_VALUE = re.compile(
    r"none|null|nil|undefined|true|false|nan|str|string|text|int|integer|number|bytes|bool|boolean|any|object|optional|required|uuid|invalid"
    r"|missing|empty|incorrect|wrong|expired|unset|not|no|yes|the|is|was|bearer|basic|x{3,}",
    re.IGNORECASE,
)
# ${TOKEN}, {{ token }}, %s, <secret>, *****, [Filtered], :token; an address in memory
_PLACEHOLDER = re.compile(
    r"0[xX][0-9a-fA-F]{1,16}|\*+|\.{2,}|…|-+|\?+"
    r"|<[^>]*>|\[[^\]]*\]|\{.*\}|\$(?:\{.*\}|\(.*\)|[0-9]|[A-Z_]+)|%(?:\(\w+\))?[sdrvq]|:[a-z_]+|@[a-z_]+",
    re.DOTALL,
)
# settings.API_KEY, self._token, req->token, accessToken
_IDENTIFIER = re.compile(r"\$?[A-Za-z_]\w*(?:(?:\.|->|::|\?\.)[A-Za-z_$]\w*)*", re.ASCII)
_WORDS = re.compile(r"\$?[A-Za-z_]+(?:(?:\.|->|::|\?\.)[A-Za-z_$]+)*")
_SYLLABLE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# 550e8400-e29b-41d4-a716-446655440000, a commit, 0x7f3a9c00
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40}|0x[0-9a-f]{1,16}", re.IGNORECASE)
# of an id what was not cut off
_HEX = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{1,12})+|[0-9a-f]{32,}", re.IGNORECASE)
_PIECES = re.compile(r"[-_./:%+=,@~ ]")
_KINDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# no vowel, or consonants that nobody could speak
_UNSPEAKABLE = re.compile(r"[b-df-hj-np-tv-xz]{6}|\A[A-Z]?[b-df-hj-np-tv-xz]{3,}\Z")
# /run/secrets/db, C:\secrets, ~/.ssh/id
_PATH = re.compile(r"(?:~|\.{0,2}|[A-Za-z]:)?[/\\][^\s]*[/\\.]\S*")
# none of them makes a passphrase
_SENTENCE = re.compile(
    r"\b(?:a|an|and|are|as|at|be|by|for|from|has|if|in|is|it|must|no|not|of|on|or|the|to|was|were|with|you|your)\b", re.IGNORECASE
)


def placeholder(text: str) -> bool:
    """``null``, ``${TOKEN}``, ``<secret>``, ``*****``: no value."""
    if text[:1].isalpha():
        return _NO_VALUE.fullmatch(text) is not None
    return _PLACEHOLDER.fullmatch(text) is not None


def random(text: str) -> bool:
    """By its characters a key: long, letters and digits mixed in one piece; no id, path, date or name."""
    return _ID.fullmatch(text) is None and drawn(text)


def drawn(text: str) -> bool:
    """As ``random``, ids and hashes too."""
    if _HEX.fullmatch(text):
        return True
    if len(text) < 12 or (text.isalpha() and text.islower()):
        return False
    piece = max(_PIECES.split(text), key=len)
    if len(piece) < 10 or not piece.isascii():
        return False
    parts = _KINDS.findall(piece)
    digits = sum(len(part) for part in parts if part[0] <= "9")
    if sum(map(len, parts)) - digits < 2:
        return False
    # digits among letters, or capitals in places where no word begins
    return (digits >= 2 or len(parts) * 3 >= len(piece)) and entropy(text) >= 3


def entropy(text: str) -> float:
    """Bits a character, by how often each occurs in ``text``."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def mixed(text: str) -> bool:
    """Letters and digits, letters and signs, or capitals where no word begins, as in a password; not a word, number or name."""
    if len(text) < 6 or not any(c.isalpha() for c in text):
        return False
    if any(c.isdigit() or c in "!#$%^*+=~?" for c in text):
        return True
    letters = text.replace("-", "").replace("_", "")
    return len(letters) >= 8 and letters.isalpha() and letters.isascii() and not words(letters)


def sentence(text: str) -> bool:
    """Words such as "must" and "the" stand in it."""
    return _SENTENCE.search(text) is not None


def path(text: str) -> bool:
    """``/run/secrets/db_password``: where a value is, not the value."""
    return _PATH.fullmatch(text) is not None


def identifier(text: str) -> bool:
    """``settings.API_KEY``, ``req->token``, ``$user``: as code names things."""
    return _IDENTIFIER.fullmatch(text) is not None


def words(text: str) -> list[str]:
    """The words that an identifier is made of; none where it is no identifier that people would write."""
    found = _SYLLABLE.findall(text) if _WORDS.fullmatch(text) else []
    speakable = sum(map(len, found)) >= 4 * len(found) and not any(map(_UNSPEAKABLE.search, found))
    return found if speakable else []
