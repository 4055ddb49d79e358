"""What a text would do on GitHub, in a commit or in a chat: an independent second look at what is about to be sent.

Markdown is read by GitHub's own parser where it is installed (``cmarkgfm``: cmark-gfm with tables, autolinks, strike-through, task
lists, footnotes and the line breaks of comments; raw HTML is let through, to see it) and always by markdown-it. What GitHub adds
afterwards is looked for by patterns: mentions, references, closing keywords, commits, advisories, emoji, formulas, and the lines
that bots obey. The scanner knows nothing of how texts are made inert, and is stricter than GitHub where GitHub's rule is not published.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import zip_longest
from typing import TypeAlias

from markdown_it import MarkdownIt

try:
    import cmarkgfm
    from cmarkgfm.cmark import Options
except ImportError:  # without it markdown-it alone reads
    cmarkgfm = None

_MENTION = re.compile(r"@[A-Za-z0-9]")
_REFERENCE = re.compile(r"#[0-9]|\bgh-[0-9]|/(?:issues|pull|pulls|discussions)/[0-9]|/commits?/[0-9a-f]", re.IGNORECASE)
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b[^A-Za-z0-9]{0,9}(?:[\w.-]{1,39}/[\w.-]{1,100})?(?:#|gh-)[0-9]", re.IGNORECASE
)
_MARKER = re.compile(r"<!--\s*/?\s*triaged|triaged[:-](?:v[0-9]|[0-9a-f]{8})|v[0-9]+:[0-9a-f]{32}", re.IGNORECASE)
# "/close" alone or with words behind it, as Prow and its like read it; not "/usr/lib"
_COMMAND = re.compile(r"^[ \t]*/[a-z][a-z-]*(?=\s|\Z)", re.IGNORECASE | re.MULTILINE)
_SKIP = re.compile(r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|skip-checks:|\*\*\*NO_CI", re.IGNORECASE)
# "Co-authored-by: x", "Release-As: 2.0.0", "BREAKING CHANGE: x"
_TRAILER = re.compile(r"^[ \t]*(?:[A-Za-z0-9-]+|BREAKING CHANGE)[ \t]*:", re.MULTILINE)
_COMMIT = re.compile(r"(?<![0-9A-Za-z_])[0-9a-f]{7,40}(?![0-9A-Za-z_])", re.IGNORECASE)
_AUTOLINK = re.compile(r"(?:https?|ftp)://[^\s<]|www\.[^\s<]|[A-Za-z0-9._+-]@[A-Za-z0-9_-]+\.[A-Za-z0-9]", re.IGNORECASE)
# CVE-2026-12345, GHSA-vh95-rmgr-6w4m, and the keys of another tracker that a repository may have linked
_KEY = re.compile(r"\bGHSA(?:-[0-9a-z]{4}){3}|\b[A-Z][A-Z0-9_]*-[0-9]")
_EMOJI = re.compile(r":(?![0-9]{2}:)[a-z0-9_+-]+:")
_FOLD = re.compile(r"</?(?:details|summary)", re.IGNORECASE)
_SLACK = re.compile(r"<[!@#]|<https?://|@(?:here|channel|everyone)|https?://|www\.[a-z]", re.IGNORECASE)
_JIRA = re.compile(
    r"\[~|\[(?!\u200b)[^\]\n|]{0,200}\|\s*\w+:|\{[a-z]+[:}]|![\w/.:-][^\s!]*!|^\s*(?:h[1-6]|bq)\. ", re.IGNORECASE | re.MULTILINE
)

# What Unicode says is a control, a format, no character, or may be ignored; the signs that enclose Arabic and Kaithi numbers are seen.
_IGNORED = [
    0x34F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    *range(0x180B, 0x1810),
    0x2065,
    0x3164,
    *range(0xFE00, 0xFE0E),
    0xFFA0,
    *range(0xFFF0, 0xFFF9),
]
_NONE = [*range(0xFDD0, 0xFDF0), *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))]
_SEEN = [0x9, 0xA, *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x200B, 0x200C, 0x200D, 0x110BD, 0x110CD]


def _shapeless() -> str:
    codes = {code for code in range(0x20000) if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    codes = (codes | {*_IGNORED, *_NONE, *range(0xE0000, 0xE1000)}) - {*_SEEN}
    ends = sorted(code for code in codes if code + 1 not in codes)
    return "".join(f"\\U{start:08x}-\\U{end:08x}" for start, end in zip(sorted(c for c in codes if c - 1 not in codes), ends, strict=True))


_SHAPELESS = re.compile(f"[{_shapeless()}]")

_PLAIN = {
    "mention": _MENTION,
    "reference": _REFERENCE,
    "closing keyword": _CLOSING,
    "marker": _MARKER,
    "shapeless": _SHAPELESS,
    "command": _COMMAND,
}
_PROSE = {
    "link": _AUTOLINK,
    "commit": _COMMIT,
    "mention": _MENTION,
    "reference": _REFERENCE,
    "key": _KEY,
    "emoji": _EMOJI,
    "formula": re.compile(r"\$"),
}
_SHAPES = frozenset(
    [
        "p",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "ul",
        "ol",
        "li",
        "blockquote",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)
_ACTS = {"a": "link", "img": "image", "input": "task", "sup": "footnote", "section": "footnote", "math": "drawing"}
_ACTS |= dict.fromkeys(("em", "strong", "del", "s"), "formatting")
_DRAWN = frozenset({"mermaid", "geojson", "topojson", "stl", "math", "suggestion"})


@dataclass(frozen=True)
class Finding:
    what: str
    where: str


_OTHER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


# <td align="left">, </p>, <!-- x -->; a parser writes every other "<" as an entity
_TAG = re.compile(r"<(/?)([^\s/>]+)([^>]*)>?")
_ATTRIBUTE = re.compile(r'(href|src|lang|class)\s*=\s*"?([^">]*)', re.IGNORECASE)


class Page:
    """A text as a reader sees it, from the HTML that a parser made."""

    def __init__(self, html: str) -> None:
        self.tags: list[str] = []
        """In their order, ends too, without those of code spans."""
        self.links: list[str] = []
        self.fences: list[tuple[str, str]] = []
        """The language and the text of each."""
        self.cells: list[str] = []
        self.prose = ""
        """What is not code, with NUL for a code span."""
        self.text = ""
        self._inside: set[str] = set()
        at = 0
        for m in _TAG.finditer(html):
            self._says(unescape(html[at : m.start()]))
            (self._ends if m[1] else self._starts)(m[2].lower(), m[3])
            at = m.end()
        self._says(unescape(html[at:]))

    def _starts(self, tag: str, attributes: str) -> None:
        given = {m[1].lower(): unescape(m[2]) for m in _ATTRIBUTE.finditer(attributes)}
        self._inside.add(tag)
        if tag == "code" and "pre" not in self._inside:
            self.prose += "\0"
        elif tag == "code":
            self.fences[-1] = (self.fences[-1][0] or given.get("class", "").removeprefix("language-"), "")
        else:
            self.tags.append(tag)
        if tag == "pre":
            self.fences.append((given.get("lang", ""), ""))
        if tag in {"td", "th"}:
            self.cells.append("")
        self.links += [given[name] for name in ("href", "src") if name in given]

    def _ends(self, tag: str, attributes: str) -> None:
        self._inside.discard(tag)
        if tag != "code":
            self.tags.append(f"/{tag}")

    def _says(self, text: str) -> None:
        self.text += text
        if "pre" in self._inside:
            language, before = self.fences[-1]
            self.fences[-1] = (language, before + text)
        elif "code" not in self._inside:
            self.prose += text
        if self._inside & {"td", "th"}:
            self.cells[-1] += text

    @property
    def shape(self) -> list[str]:
        """The blocks at the top level."""
        blocks, depth = [], 0
        for tag in self.tags:
            if not tag.startswith("/") and depth == 0:
                blocks.append(tag)
            depth += (tag.startswith("/") and -1) or tag not in {"br", "hr", "img", "input"}
        return blocks


@lru_cache(maxsize=64)
def github(text: str) -> Page:
    """As GitHub reads a comment, before it takes out what HTML it does not like."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_HARDBREAKS | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_GITHUB_PRE_LANG
    return Page(cmarkgfm.cmark.markdown_to_html_with_extensions(text, options, ["table", "autolink", "strikethrough", "tasklist"]))


@lru_cache(maxsize=64)
def commonmark(text: str) -> Page:
    return Page(_OTHER.render(text))


Readers: TypeAlias = Sequence[Callable[[str], Page]]
READERS: Readers = (github, commonmark) if cmarkgfm else (commonmark,)


def markdown(text: str, like: str = "", readers: Readers = READERS) -> list[Finding]:
    """What ``text`` would do as an issue's body.

    ``like`` is the same text with something harmless in each place where a stranger's words stand: the two may differ in words alone.
    """
    ours = {link for reader in readers for link in reader(like).links}
    findings = list(plain(_without(text, ours)))  # as the mail about it shows it, and a reply quotes it
    for reader in readers:
        one, other = reader(text), reader(like)
        findings += _acts(one, other)
        if like and one.tags != other.tags:
            findings.append(Finding("shape", _difference(one.tags, other.tags)))
    return findings


def plain(text: str) -> Iterator[Finding]:
    """What ``text`` would do where it is no Markdown: titles, commit messages, mails."""
    yield from _found(_PLAIN, text)


def title(text: str) -> list[Finding]:
    return [*plain(text), *_found({"emoji": _EMOJI, "break": re.compile(r"[\r\n]")}, text)]


def commit(text: str) -> list[Finding]:
    """A subject, an empty line, a body."""
    body = text.partition("\n\n")[2]
    return [*plain(text), *_found({"skips checks": _SKIP}, text), *_found({"trailer": _TRAILER, "key": _KEY}, body)]


def chat(text: str) -> list[Finding]:
    """What ``text`` would do in Slack or Jira."""
    return [*plain(text), *_found({"slack": _SLACK, "jira": _JIRA}, text)]


def _found(patterns: dict[str, re.Pattern[str]], text: str) -> Iterator[Finding]:
    for what, pattern in patterns.items():
        for m in pattern.finditer(text):
            yield Finding(what, text[max(0, m.start() - 20) : m.end() + 20])


def _acts(page: Page, model: Page) -> Iterator[Finding]:
    for tag, times in (Counter(page.tags) - Counter(model.tags)).items():
        if not tag.startswith("/") and tag not in _SHAPES:
            yield Finding(_ACTS.get(tag, "html"), f"{tag} {times} times")
    for link in Counter(page.links) - Counter(model.links):
        yield Finding("link", link)
    for language, text in page.fences:
        if fold := _FOLD.search(text):
            yield Finding("fold", fold[0])  # a parser that ends HTML blocks otherwise would end it here
        if language in _DRAWN:
            yield Finding("drawing", language)
    yield from _found(_PROSE, page.prose)


def _difference(one: list[str], other: list[str]) -> str:
    at = next((n for n, (a, b) in enumerate(zip_longest(one, other)) if a != b), 0)
    return f"{one[max(0, at - 3) : at + 4]} for {other[max(0, at - 3) : at + 4]}"


def _without(text: str, ours: set[str]) -> str:
    for link in ours:
        text = text.replace(f"({link})", "()")
    return text
