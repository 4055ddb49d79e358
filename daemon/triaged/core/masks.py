"""What varies in a message while the error stays, and what of a message tells two errors apart.

``masked`` puts names such as ``<number>`` for ids, hashes, times, sizes, paths, hosts, addresses and quoted values. ``said`` is the part of
a message that the code says and not the data: the key of a KeyError, the attribute that None lacks, but not an index out of range.
"""

import re
from collections.abc import Sequence

Mask = tuple[re.Pattern[str], str]

# The order matters: the longer forms first.
_MASKS: tuple[Mask, ...] = (
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"\b\w[\w+.-]*://[^\s'\"<>)\]]+"), "<url>"),
    (re.compile(r"<?\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\b>?"), "<email>"),
    (re.compile(r"(?<![\w/.])(?:[A-Za-z]:)?(?:[/\\][\w.@%+~-]+){2,}[/\\]?|(?<![\w/.])/(?:tmp|var|srv|home|opt|data)/[^\s'\",;:)]*|(?<![\w/])~?/[\w.-]+\.\w+\b"), "<path>"),
    (
        re.compile(
            r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?)?\b"
            r"|\b(?:[A-Z][a-z]{2}, )?(?:\d{1,2} [A-Z][a-z]{2}|[A-Z][a-z]{2} [ \d]?\d)(?: \d{4})? \d\d:\d\d:\d\d(?: \d{4}| [A-Z]{3,4})?\b|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"
        ),
        "<time>",
    ),
    (re.compile(r"(?<![\w:])\[?(?=[0-9a-fA-F:]*\d)(?:(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}|(?:[0-9a-fA-F]{1,4}:)*:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?)\]?(?::\d+)?(?!\w)"), "<address>"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?:[:/]\d+)?\b"), "<address>"),
    (re.compile(r"\b[a-zA-Z][\w-]*(?:\.[\w-]+)+:\d{2,5}\b|\blocalhost(?::\d+)?\b"), "<address>"),
    (re.compile(r"\b(?:[\w-]*\d[\w-]*\.)+(?:[\w-]+\.)*(?:internal|local|lan|compute|amazonaws\.com|net|com|org|io|example)\b|\b[\w-]+(?:\.[\w-]+)*\.(?:internal|local|example\.\w+)\b"), "<address>"),
    (re.compile(r"\b0[xX][0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"(?<![\w.])(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+(?!\w)|(?<![\w.])[-+]?\d+(?:[.,]\d+)*\s?(?:ns|us|µs|ms|[kKMGT]i?B|[Bb]ytes?|B|secs?|seconds?|min(?:utes?)?|hours?|days?|[smh]|%)(?!\w)"), "<number>"),
    (re.compile(r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?!\w)"), "<number>"),
    (re.compile(r"(?<!redacted:)\b(?![A-Za-z]{1,16}\d{1,4}\b)[\w-]*\d[\w-]*\b"), "<id>"),
    (re.compile(r"(?<=[A-Za-z])\d+\b"), "<number>"),
    # customer Ada: nobody's code
    (re.compile(r"\b(user|customer|client|tenant|member|player|host) [A-Z][a-z]+\b"), r"\1 <name>"),
)  # fmt: skip
# "abc", 'x y', `z`: not the apostrophe of a word
_QUOTED = re.compile(r"\"[^\"\n]{0,500}\"|(?<!\w)'[^'\n]{0,500}'(?!\w)|`[^`'\n]{0,500}[`']|“[^”\n]{0,500}”")
_MOST = 2_000
DATA = "<data>"

# What the code says in a message, by what the message is; the last group that took part. Each has a message that it matches.
_SAID: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern)
    for pattern in (
        r"\((?:reading|setting) '([^'\n]{1,100})'\)",  # Cannot read properties of undefined (reading 'price')
        r"\(evaluating '[^\n]{0,300}?([\w$]+)(?:\(.*\))?'\)$",  # undefined is not an object (evaluating 'item.price')
        r"can't access property \"([^\"\n]{1,100})\"",  # can't access property "price", item is undefined
        r"^(?:[^\s(]*[.])?([\w$]{1,100})(?:\(\.\.\.\))? is not (?:a function|a constructor|defined|iterable)\b",  # order.listeners.done is not a function
        r"has no attribute '(\w{1,100})'",  # 'NoneType' object has no attribute 'name'
        r"[Uu]ndefined (?:local variable or )?method [`'](\S{1,100}?)'",  # undefined method `price' for nil:NilClass
        r"^(?:undefined local variable or method|uninitialized constant) [`']?([\w:]{1,100})",  # undefined local variable or method `x'
        r"^key not found: :?([\w\"'. -]{1,100}?)(?: in\b.*)?$",  # key not found: :price
        r"^Undefined (?:array key|index|offset|property|variable|constant):? \"?(\$?[\w.:\\-]{1,100})\"?",  # Undefined array key "price"
        r"^Call to (?:a member function|undefined (?:method|function)|private method) (?:[\w\\]+(?:::|->))?(\w{1,100})\(\)",  # Call to a member function name() on null
        r"because (?:the return value of )?\"(?:[^\"\n]{0,300}\.)?(\w[\w<>\[\]]{0,100})(?:\([^\"\n]*\))?\" is null",  # because "item.price" is null
        r"^(?:No module named|cannot import name|Cannot find module) ['\"]([^'\"\n]{1,200})['\"]",  # No module named 'shop'
        r"^(?:name|(?:cannot access )?(?:free|local) variable) '(\w{1,100})'",  # name 'x' is not defined
        r"^(?:cannot access )?local variable '(\w{1,100})'",  # cannot access local variable 'x'
        r"unexpected keyword argument '(\w{1,100})'|missing \d+ required [\w -]{0,40}: '(\w{1,100})'",  # got an unexpected keyword argument 'x'
        r"^(?:column|relation|table|no such (?:table|column):?) \"?([\w.]{1,100})\"?",  # column "price" does not exist
        r"^runtime error: (index out of range|slice bounds out of range|integer divide by zero|invalid memory address)",  # Go
        r"^(?:runtime error: )?(index out of range|integer divide by zero|invalid memory address|interface conversion|assignment to entry in nil map)\b",
    )
)
BARE = frozenset(
    {"KeyError", "KeyNotFoundException", "ClassNotFoundException", "NoClassDefFoundError", "NoSuchMethodError", "NoSuchFieldError"}
)
"""Classes whose message is nothing but what is missing."""
_WORD = re.compile(r"['\"]?:?([A-Za-z_][A-Za-z_. :/-]{0,99})['\"]?")


def masked(message: str, more: Sequence[Mask] = ()) -> str:
    """The message's first line with what varies replaced by names; ``more`` masks go first. Quoted words stay, quoted data do not."""
    first = message.strip().partition("\n")[0][:_MOST]
    for pattern, name in (*more, *_MASKS):
        first = pattern.sub(name, first)
    return first


def without_quotes(message: str, more: Sequence[Mask] = ()) -> str:
    """As ``masked``, and no quoted value is left either."""
    return masked(_QUOTED.sub("<value>", message.strip().partition("\n")[0][:_MOST]), more)


def said(kind: str, message: str) -> str:
    """What of the message tells errors of that class apart; empty where nothing surely does. ``kind`` without its module."""
    first = message.strip().partition("\n")[0][:500]
    for pattern in _SAID:
        m = pattern.search(first)
        if m is not None:
            return _word(m[m.lastindex or 0].strip("\"'"))
    if kind in BARE:
        word = _WORD.fullmatch(first.strip())
        return _word(word[1] if word else first)
    return ""


def _word(text: str) -> str:
    """A word of the code as it is; one name for all data."""
    return DATA if "<" in masked(text) else text
