"""Text of an event, made harmless for the place where it will stand.

Whatever an event says, it must notify nobody, close and reference nothing, load nothing, look like nothing of ours, and
stay readable: apart from what is named below, word for word. Each function takes raw text and is applied once: what it
puts in, it would show as an escape the second time. Sizes are characters of what is returned. A redacted text stays
redacted: its marks hold nothing that is changed here.

The joint that breaks mentions and references is the one Dependabot uses, https://github.com/dependabot/dependabot-core/pull/3157.
It stands in code too: mails show fences as plain text, and a reply quotes them outside of any.
"""

import re
from collections.abc import Callable

JOINT = "\u200b"

TITLE = 256
"""GitHub's limit for a title."""

_BRANCH = re.compile(r"v[0-9]+:([0-9a-f]{12,64})")

# \x1b[1;31m, and the \x1b[K that compilers put behind it
_COLOUR = re.compile("(?:\x1b\\[|\x9b)[0-9;:]*[mK]")

# Controls, bidirectional and zero-width characters, fillers, tags, halves of surrogate pairs, what is no character. The joiners that Persian
# and emoji are written with stay between characters beyond ASCII.
_SHAPELESS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U00013430-\U0001345f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
) + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_JOINED = f"[^\x00-\x7f\u200c\u200d{_SHAPELESS}]"
_UNSEEN = re.compile(f"[{_SHAPELESS}]")
_SUSPECT = re.compile(f"[\u200c\u200d{_SHAPELESS}]")
_JOINER = re.compile(f"(?<!{_JOINED})[\u200c\u200d]|[\u200c\u200d](?!{_JOINED})")

# #12, acme/shop#12, and a # that what follows could complete
_NUMBER = re.compile(r"#(?=[0-9]|\Z)")
# GH-12
_GH = re.compile(r"([gG][hH])-(?=[0-9]|\Z)")
# https://github.com/acme/shop/issues/12
_ISSUE_URL = re.compile(r"/(issues|pulls?|discussions|commits?)/(?=[0-9a-f]|\Z)", re.IGNORECASE)
# /close, as bots read it at the start of a line; not /usr/lib
_COMMAND = re.compile(r"^[ \t]*/(?=[a-z][a-z-]*+(?:\s|\Z))", re.IGNORECASE | re.MULTILINE)
# <!-- triaged:v1 ... -->, <!-- /triaged -->, and a <!-- that what follows could complete
_COMMENT = re.compile(r"<!(?=--\s*+/?\s*+(?:triaged|\Z))", re.IGNORECASE)
# triaged:v1, triaged#0f3c2b1a, triaged-0f3c2b1a, triaged `0f3c2b1a`
_OUR_ID = re.compile(r"(triage)(?=d[\s:=#/`(\[-]{1,4}(?:v[0-9]|[0-9a-f]{8}))", re.IGNORECASE)
# v1:0f3c2b1a...
_FINGERPRINT = re.compile(r"(v[0-9]+:)(?=[0-9a-f]{32})")
# Occurrences: 17, which our memory is rebuilt from
_COUNT = re.compile(r"^Occurrences:(?= [0-9])", re.MULTILINE)
# </details>
_FOLD = re.compile(r"<(?=/?(?:details|summary))", re.IGNORECASE)
# [skip ci], [ci skip], [no ci], ***NO_CI***
_SKIP = re.compile(r"\[(?=(?:[\w-]{1,20} )?(?:skip|no|ci)\b)|skip(?=-checks)|\bno(?=_ci\b)", re.IGNORECASE)

# "Co-authored-by: x", "Release-As: 2.0.0", "feat(cart): x": what git and release tools read in the body of a commit
_TRAILER = re.compile(r"^[\w \t.()!-]++(?=:)", re.MULTILINE)
# :boom:, but not the minutes of 10:11:12
_EMOJI = re.compile(r":(?=(?![0-9]{2}:)[a-z0-9_+-]++:)")
# SHOP-17 and CVE-2026-12345, which Jira and GitHub link where that is configured, and what a cut leaves of them; GHSA-vh95-rmgr-6w4m
_KEY = re.compile(r"\b(?:[A-Z][A-Z0-9_]*+-(?=[0-9]|\Z)|GHSA-)")

# Words that GitHub would link or draw: https://evil.example, www.evil.example, a commit's hash, SHOP-17, and $x$, where a
# backslash does not help: https://github.com/orgs/community/discussions/16993
_LINKED = re.compile(rf"(?i:(?:https?|ftp)://|www\.|(?<![0-9A-Za-z_])[0-9a-f]{{7,40}}(?![0-9A-Za-z_]))|{_KEY.pattern}|\$")
_WORD = re.compile(r"[^ `|]+|[`|]")
# What Markdown gives a meaning to; underscores only at the edge of a word, ampersands only where an entity may begin
_MARKUP = re.compile(r"[\\`*\[\]<>|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=[#A-Za-z])")
# What it gives a meaning to at the start of a line: "# x", "- x", "12. x"; of a link's name ^, [^a]: is a footnote whatever is escaped in it
_START = re.compile(r"(?=[#+=:^-])|[0-9]{1,9}(?=[.)])")
_OPENING = "([{<\"'"
_CLOSING = ")]}>\"'.,;:!?"

# <!channel>, <@U1>, <https://b|a>; [~ann], [^file], [#top], [a|https://b], [mailto:x]; {code}; !picture.png!; https://
_CHAT = re.compile(
    r"<(?=\S)|\[(?=[~^#]|[^\]\n|]{1,200}\||(?!redacted:)[a-z]+:)|\{(?=[a-z])|!(?=[^\s!]++!)|:(?=//)|www(?=\.)", re.IGNORECASE
)
# h1. title, bq. quote
_CHAT_START = re.compile(r"^[ \t]*(?=(?:h[1-6]|bq)\.)", re.MULTILINE)

_LANGUAGE = re.compile(r"[a-z]{1,20}[0-9]?(?:\+\+|#)?")
_DRAWN = frozenset({"mermaid", "geojson", "topojson", "stl", "math", "suggestion"})
"""Fences that GitHub does not show as text: it draws them with remote scripts, or offers them as a change."""

# So many backticks are broken: what stands around a run has to be longer, and GitHub's parser takes no code span of more than 80.
_LONG_RUN = re.compile("`{60}(?=`)")
_FENCE = re.compile(r"`{3,}")
_CLOSING_ROOM = 500
_NOTE_ROOM = 40
_LOOKED_AT = 10
"""How many times what is kept of a line is looked at: blanks and colours go, the rest would be cut."""


def visible(text: str) -> str:
    """What has no shape becomes an escape: ``\\x00``, ``\\u202e``. Colours are dropped, line ends are ``\\n``. Encodes to UTF-8."""
    text = uncoloured(text).replace("\r\n", "\n")
    if not _SUSPECT.search("".join(set(text))):  # a few dozen characters instead of all of them
        return text
    return _UNSEEN.sub(_escape, _JOINER.sub(_escape, text))


def uncoloured(text: str) -> str:
    """Without the colour sequences of terminals."""
    return _COLOUR.sub("", text) if "\x1b" in text or "\x9b" in text else text


def strip_markers(text: str) -> str:
    """What looks like our marker or our id no longer does. Every function below does this too."""
    if "<!--" in text:
        text = _COMMENT.sub(f"<!{JOINT}", text)
    if "triaged" in text.lower():
        text = _OUR_ID.sub(rf"\1{JOINT}", text)
    if "Occurrences:" in text:
        text = _COUNT.sub(rf"\g<0>{JOINT}", text)
    return _FINGERPRINT.sub(rf"\1{JOINT}", text)


def line(text: str, most: int) -> str:
    """One line of prose, for a paragraph, a list item or a table cell: every character stands for itself.

    A word that GitHub would link or draw (URL, commit hash, CVE number, $) becomes a code span.
    """
    return _within(_flat(text, most), most, _prose, _start_of)


def title(text: str, most: int = TITLE) -> str:
    """One line that is not Markdown: titles of issues and pull requests, and subjects of commits."""
    return _within(_flat(text, most), most, _message, _start_of)


def code(text: str, most: int) -> str:
    """A code span of one line. With a pipe in it, it is prose: in a table a pipe ends the cell, code or not."""
    flat = _flat(text, most)
    return line(text, most) if "|" in flat else _within(flat, most, _span, _start_of)


def path(text: str, most: int = 200) -> str:
    """A code span of a path, which when too long loses its start."""
    flat = _flat(text[-_LOOKED_AT * most :], most)
    return line(text, most) if "|" in flat else _within(flat, most, _span, _end_of)


def fence(text: str, language: str = "", most: int = 20_000) -> str:
    """A fenced block that nothing in ``text`` can end. Too long, it keeps head and tail around ``… 1,234 more lines``.

    Empty where not even that fits into ``most``.
    """
    plain = _LANGUAGE.fullmatch(language) and language not in _DRAWN
    return _within(visible(text).strip("\n"), most, lambda part: _fenced(part, language if plain else ""), _both_ends_of)


def commit_text(text: str, most: int = 2_000) -> str:
    """For the body of a commit message: as ``title``, over many lines. Nothing in it skips checks, signs, or makes a release."""
    return _within(visible(text).strip(), most, _commit, _both_ends_of)


def plain_text(text: str, most: int) -> str:
    """For Slack, Jira and what else is no Markdown: no mention, link, picture, heading or macro of theirs."""
    return _within(visible(text).strip("\n"), most, _chat, _both_ends_of)


def shortened(body: str, most: int) -> str:
    """As many whole lines of a body that is inert as fit, and a line that says so; the fence and the folds that are open there are closed."""
    if len(body) <= most:
        return body
    head = body[: max(0, most - _CLOSING_ROOM)].rpartition("\n")[0]
    fence = ""
    for line in head.split("\n"):
        if line == fence:
            fence = ""
        elif not fence and (m := _FENCE.match(line)):
            fence = m[0]
    folds = min(head.count("<details") - head.count("</details"), 20)
    return "\n".join([head, fence, *["\n</details>"] * folds, "\n(cut: the whole is longer than a ticket may be)"])


def branch(fingerprint: str, generation: int = 1) -> str:
    """The branch of a fix: a fixed prefix and hex digits. Raises ValueError for what is no fingerprint."""
    found = _BRANCH.fullmatch(fingerprint)
    if found is None:
        raise ValueError(f"{fingerprint[:80]!r} is no fingerprint; one is 'v1:' and hex digits")
    return f"triaged/fix-{found[1][:12]}" + (f"-{int(generation)}" if generation > 1 else "")


def _escape(m: re.Match[str]) -> str:
    number = ord(m[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _flat(text: str, most: int) -> str:
    """As one line; ``most`` is what will be kept of it."""
    head = text[: _LOOKED_AT * most]
    return " ".join(visible(head).split()) + ("…" if len(head) < len(text) else "")


def _broken(text: str) -> str:
    """Without mentions, references and marks of ours."""
    text = _NUMBER.sub(f"#{JOINT}", text.replace("@", f"@{JOINT}"))
    text = _ISSUE_URL.sub(rf"/\1/{JOINT}", _GH.sub(rf"\1-{JOINT}", text))
    return strip_markers(_COMMAND.sub(rf"\g<0>{JOINT}", text))


def _undrawn(text: str) -> str:
    """As ``_broken``, for where emoji are drawn."""
    return _EMOJI.sub(f":{JOINT}", _broken(text))


def _message(text: str) -> str:
    return _SKIP.sub(rf"\g<0>{JOINT}", _undrawn(text))


def _commit(text: str) -> str:
    return _TRAILER.sub(rf"\g<0>{JOINT}", _KEY.sub(rf"\g<0>{JOINT}", _message(text)))


def _prose(text: str) -> str:
    text = _undrawn(text)
    words = _WORD.sub(_worded, text) if _LINKED.search(text) else _literal(text)
    if start := _START.match(words):
        words = f"{words[: start.end()]}\\{words[start.end() :]}"
    # a backslash at the end would take the meaning of what the template puts behind it
    return f"{words[:-2]}&bsol;" if words.endswith("\\\\") else words


def _worded(m: re.Match[str]) -> str:
    word = m[0]
    if not _LINKED.search(word):
        return _literal(word)
    head = word[: len(word) - len(word.lstrip(_OPENING))]
    linked = word[len(head) :].rstrip(_CLOSING)
    return f"{_literal(head)}`{linked}`{_literal(word[len(head) + len(linked) :])}"


def _literal(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _span(text: str) -> str:
    inside = _LONG_RUN.sub(rf"\g<0>{JOINT}", _broken(text))
    ticks = "`" * (_longest_run(inside) + 1)
    pad = " " if inside[:1] == "`" or inside[-1:] == "`" else ""
    return f"{ticks}{pad}{inside}{pad}{ticks}" if inside else ""


def _fenced(text: str, language: str) -> str:
    inside = _LONG_RUN.sub(rf"\g<0>{JOINT}", _FOLD.sub(f"<{JOINT}", _broken(text)))
    ticks = "`" * max(3, _longest_run(inside) + 1)
    return f"{ticks}{language}\n{inside}\n{ticks}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _chat(text: str) -> str:
    text = _CHAT.sub(rf"\g<0>{JOINT}", _KEY.sub(rf"\g<0>{JOINT}", _undrawn(text)))
    return _CHAT_START.sub(rf"\g<0>{JOINT}", text)


def _within(text: str, most: int, made: Callable[[str], str], cut: Callable[[str, int], str]) -> str:
    """``made`` of as much of ``text`` as fits into ``most``. What is made is never shorter than what it is made of."""
    room = most
    while room > 0:
        result = made(cut(text, room))
        if len(result) <= most:
            return result
        room = min(room - 1, room * most // len(result))
    return ""


def _start_of(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _end_of(text: str, room: int) -> str:
    return text if len(text) <= room else f"…{text[len(text) - room + 1 :]}"


def _both_ends_of(text: str, room: int) -> str:
    """Cut at line ends where they are near enough, else within a line."""
    if len(text) <= room:
        return text
    half = (room - _NOTE_ROOM) // 2
    if half <= 0:
        return "…"
    head, tail = text[:half], text[-half:]
    if (end := head.rfind("\n")) > half // 2:
        head = head[:end]
    if 0 <= (start := tail.find("\n")) < half // 2:
        tail = tail[start + 1 :]
    left = text[len(head) : len(text) - len(tail)]
    lines = left.count("\n") - 1
    note = f"… {lines:,} more lines" if lines > 1 else f"… {len(left):,} more characters"
    return f"{head}\n{note}\n{tail}"
