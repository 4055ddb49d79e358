"""What a text would do on GitHub: an independent second look at what is about to be sent.

It parses Markdown as GitHub does (CommonMark with tables and strike-through, then the links that GitHub adds by itself) and
looks for what notifies, refers, closes, loads or links. It knows nothing of how texts are made inert, and is stricter than
GitHub where GitHub's own rule is not published.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MENTION = re.compile(r"@[A-Za-z0-9]")
_REFERENCE = re.compile(r"#[0-9]|\bgh-[0-9]|/(?:issues|pull|pulls|discussions)/[0-9]", re.IGNORECASE)
_CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b[^A-Za-z0-9]{0,3}(?:\s|[\w.-]+/[\w.-]+)*(?:#|gh-)[0-9]", re.IGNORECASE)
_MARKER = re.compile(r"<!--\s*/?\s*triaged|triaged[\s:#`-]{1,3}(?:v[0-9]|[0-9a-f]{8})|v[0-9]+:[0-9a-f]{32}", re.IGNORECASE)
_SKIP = re.compile(r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|skip-checks:", re.IGNORECASE)
_COMMIT = re.compile(r"(?<![0-9A-Za-z_])[0-9a-f]{7,40}(?![0-9A-Za-z_])", re.IGNORECASE)
_AUTOLINK = re.compile(r"(?:https?|ftp)://[^\s<]|www\.[^\s<]|[A-Za-z0-9._+-]@[A-Za-z0-9_-]+\.[A-Za-z0-9]", re.IGNORECASE)
_FOLD = re.compile(r"</?(?:details|summary)", re.IGNORECASE)
_SLACK = re.compile(r"<[!@#]|<https?://|@(?:here|channel|everyone)|https?://|www\.[a-z]", re.IGNORECASE)
_JIRA = re.compile(r"\[~|\{[a-z]+[:}]|![\w/.:-][^\s!]*!", re.IGNORECASE)
_SHAPELESS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]")

_LINKS = {"link_open": "link", "image": "image"}
_PLAIN = {"mention": _MENTION, "reference": _REFERENCE, "closing keyword": _CLOSING, "marker": _MARKER, "shapeless": _SHAPELESS}


@dataclass(frozen=True)
class Finding:
    what: str
    where: str


def markdown(text: str, ours: Collection[str] = ()) -> list[Finding]:
    """What ``text`` would do as an issue's body. ``ours`` is the HTML that the template itself holds."""
    findings = list(plain(text))  # as the mail about it shows it, and a reply quotes it
    for token in tokens(text):
        if token.type == "html_block" and token.content.strip() not in ours:
            findings.append(Finding("html", token.content))
        elif token.type == "inline":
            findings.extend(_inline(token.children or [], ours))
        elif token.type == "fence" and (fold := _FOLD.search(token.content)):
            findings.append(Finding("fold", fold[0]))
        elif token.type == "fence" and token.info.strip() in {"mermaid", "geojson", "topojson", "stl", "math", "suggestion"}:
            findings.append(Finding("drawing", token.info))
    return findings


def plain(text: str) -> Iterator[Finding]:
    """What ``text`` would do where it is no Markdown: titles, commit messages, mails."""
    for what, pattern in _PLAIN.items():
        for m in pattern.finditer(text):
            yield Finding(what, text[max(0, m.start() - 20) : m.end() + 20])


def commit(text: str) -> list[Finding]:
    return [*plain(text), *(Finding("skips checks", m[0]) for m in _SKIP.finditer(text))]


def chat(text: str) -> list[Finding]:
    """What ``text`` would do in Slack or Jira."""
    return [*plain(text), *(Finding("chat", m[0]) for pattern in (_SLACK, _JIRA) for m in pattern.finditer(text))]


def tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def shape(text: str) -> list[str]:
    """The blocks at the top level, in order: ``heading``, ``paragraph``, ``fence``, ``html``, ``table``..."""
    return [t.type.removesuffix("_open").removesuffix("_block") for t in tokens(text) if t.level == 0 and t.nesting >= 0]


def shown(text: str) -> str:
    """What people read of one paragraph."""
    return "".join(child.content for token in tokens(text) for child in token.children or [])


def _inline(children: list[Token], ours: Collection[str]) -> Iterator[Finding]:
    for child in children:
        if child.type in _LINKS:
            yield Finding(_LINKS[child.type], str(child.attrs))
        elif child.type == "html_inline" and child.content not in ours:
            yield Finding("html", child.content)
        elif child.type in {"em_open", "strong_open", "s_open"}:
            yield Finding("formatting", child.type)
    # GitHub links bare addresses and commits in what is not code
    seen = "".join("\0" if child.type == "code_inline" else child.content for child in children)
    for what, pattern in {"link": _AUTOLINK, "commit": _COMMIT, "mention": _MENTION, "reference": _REFERENCE}.items():
        for m in pattern.finditer(seen):
            yield Finding(what, seen[max(0, m.start() - 20) : m.end() + 20])
