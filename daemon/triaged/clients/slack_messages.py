"""What a Slack message says, as plain text: https://docs.slack.dev/messaging/formatting-message-text

Apps put the same words into ``text``, ``blocks`` and ``attachments``, or different ones. So all are read, the longest is kept as it is,
and of the others only what it does not say already: an error told in two of them must not become two.
"""

import re
from collections.abc import Iterable
from typing import Any

from triaged.boundary import Payload
from triaged.clients.fields import Many, One, line, objects
from triaged.core.model import Level


class Node(Payload, frozen=True):
    """A block, or what stands in one. ``text`` is a string, or a node of its own that has one."""

    type: Any = None
    text: "One[Node]" = None
    elements: "Many[Node]" = None
    fields: "Many[Node]" = None
    url: Any = None
    name: Any = None
    user_id: Any = None
    channel_id: Any = None
    range: Any = None
    fallback: Any = None


class AttachmentField(Payload, frozen=True):
    title: Any = None
    value: Any = None


class Attachment(Payload, frozen=True):
    color: Any = None
    pretext: Any = None
    title: Any = None
    text: Any = None
    fallback: Any = None
    fields: Many[AttachmentField] = None
    blocks: Many[Node] = None
    from_url: Any = None
    is_msg_unfurl: Any = None
    is_app_unfurl: Any = None

    @property
    def is_preview(self) -> bool:
        """Slack's view of a page that a link leads to; a message that was passed on is none."""
        return self.is_app_unfurl is True or bool(self.from_url and self.is_msg_unfurl is not True)


class File(Payload, frozen=True):
    preview: Any = None
    """The first lines of a snippet."""


class Bot(Payload, frozen=True):
    app_id: Any = None


class Message(Payload, frozen=True):
    """A message, or the event that tells of one."""

    type: Any = None
    subtype: Any = None
    ts: Any = None
    channel: Any = None
    user: Any = None
    bot_id: Any = None
    app_id: Any = None
    bot_profile: One[Bot] = None
    text: Any = None
    blocks: Many[Node] = None
    attachments: Many[Attachment] = None
    files: Many[File] = None
    message: "One[Message]" = None
    previous_message: "One[Message]" = None

    @property
    def is_by_an_app(self) -> bool:
        return self.subtype == "bot_message" or bool(self.bot_id or self.app_id or self.bot_profile)


def said(message: Message) -> str:
    """All that a message says; indentation and lines as they were, markup gone."""
    attached = [a for a in objects(message.attachments, Attachment) if not a.is_preview][:_MOST_ATTACHMENTS]
    files = [f.preview for f in objects(message.files, File) if isinstance(f.preview, str)]
    text = "" if message.text in _FILLERS else _plain(message.text)
    return _merged([text, _blocks(message.blocks), *map(_attachment, attached), *files])


def without_signs(text: str) -> str:
    """Without the emoji and mentions in front of a line, where a stack trace or an error's type may begin."""
    return _SIGNS.sub("", text).strip("\n")


def labels(message: Message) -> dict[str, str]:
    """What apps say in fields of their own: the service, environment, release and host."""
    found: dict[str, str] = {}
    for title, value in _all_fields(message):
        name = _LABELS.get(title.lower())
        if name and value:
            found.setdefault(name, value)
    return found


def level(message: Message, text: str) -> Level:
    """``error`` for an app's alarm, ``info`` for its all-clear; empty where it does not tell, as with what people write."""
    if not message.is_by_an_app:
        return ""
    colors = [line(a.color).lower() for a in objects(message.attachments, Attachment)]
    if _ALL_CLEAR.match(without_signs(text)):
        return "info"
    return "error" if _ALARM.search(text) or any(map(_is_red, colors)) else ""


# ----------------------------------------------------------------- its parts


def _blocks(blocks: Any) -> str:
    return "\n".join(filter(None, (part for block in objects(blocks, Node) for part in _block(block))))


def _block(block: Node) -> Iterable[str]:
    """Buttons, pictures and inputs say nothing."""
    match block.type:
        case "rich_text":
            parts = objects(block.elements, Node)
            runs = [run for part in parts for run in (objects(part.elements, Node) if part.type == "rich_text_list" else [part])]
            return ["".join(map(_leaf, objects(run.elements, Node))).strip("\n") for run in runs]
        case "section":
            fields = map(_text_of, objects(block.fields, Node))
            return [_text_of(block), *(field for field in fields if _field(field)[0].lower() not in _LABELS)]
        case "header" | "markdown":
            return [_text_of(block)]
        case "context":
            return map(_text_of, objects(block.elements, Node))
    return ()


def _leaf(leaf: Node) -> str:
    """Rich text is not escaped."""
    match leaf.type:
        case "emoji":
            return f":{line(leaf.name)}:"
        case "user" | "channel" | "broadcast":
            return f"@{line(leaf.user_id or leaf.channel_id or leaf.range)}"
    return next((said for said in (leaf.text, leaf.url, leaf.fallback) if isinstance(said, str)), "")


def _text_of(node: Node) -> str:
    """Of a block with a text object, or of a text object itself."""
    inner = node.text if isinstance(node.text, Node) else node
    if not isinstance(inner.text, str):
        return ""
    return _unescaped(inner.text) if inner.type == "plain_text" else _plain(inner.text)


def _field(text: str) -> tuple[str, str]:
    """Title and value of a field of a block; no title where it has none."""
    m = _FIELD.fullmatch(text)
    return (m["title"], m["value"]) if m else ("", text)


def _all_fields(message: Message) -> Iterable[tuple[str, str]]:
    attachments = objects(message.attachments, Attachment)
    for blocks in (message.blocks, *(a.blocks for a in attachments)):
        for block in objects(blocks, Node):
            yield from map(_field, map(_text_of, objects(block.fields, Node)))
    for attachment in attachments:
        for field in objects(attachment.fields, AttachmentField):
            yield line(field.title).strip("*:"), line(_plain(field.value))


def _attachment(attachment: Attachment) -> str:
    told = [_plain(attachment.pretext), _plain(attachment.title), _plain(attachment.text), _blocks(attachment.blocks)]
    for field in objects(attachment.fields, AttachmentField):
        if line(field.title).strip("*:").lower() not in _LABELS:
            told += [_plain(field.title), _plain(field.value)]
    return "\n".join(filter(None, told)) or _plain(attachment.fallback)


def _merged(parts: Iterable[str]) -> str:
    """In their order. A part that is mostly said elsewhere keeps only the lines that are not."""
    spoken = [part for part in parts if part.strip()]
    longest = max(spoken, key=len, default="")
    known, known_lines = _squeezed(longest), set(map(_squeezed, longest.split("\n")))
    at, kept = spoken.index(longest) if spoken else 0, []
    for i, part in enumerate(spoken):
        if i == at:
            kept.append(part)
            continue
        lines = {text: _squeezed(text) for text in part.split("\n") if text.strip()}
        is_short = len(lines) <= _MOST_SOUGHT
        fresh = [text for text, squeezed in lines.items() if squeezed not in known_lines and not (is_short and squeezed in known)]
        kept.append(part if 2 * len(fresh) > len(lines) else "\n".join(fresh))
        known, known_lines = known + _squeezed(part), known_lines | set(lines.values())
    return "\n".join(filter(None, kept))


# --------------------------------------------------------------- its markup


def _plain(mrkdwn: Any) -> str:
    """Markup out; what is in fences stays as it is but for links, which Slack makes there too."""
    if not isinstance(mrkdwn, str):
        return ""
    pieces = mrkdwn.split("```")
    for i, piece in enumerate(pieces):
        pieces[i] = _FENCE_NAME.sub("", piece) if i % 2 else _CODE.sub(r"\1", _BOLD.sub(r"\1", _QUOTE.sub("", piece)))
    text = "\n".join(filter(None, (piece.strip("\n") for piece in pieces)))
    return _unescaped(_LINK.sub(_shown, text))


def _shown(m: re.Match[str]) -> str:
    label = m["label"]
    if label:
        return f"#{label}" if m["target"].startswith("#") else label
    return m["target"].removeprefix("mailto:").replace("!", "@")


def _unescaped(text: str) -> str:
    """The three that Slack escapes, and no more: an error may be about ``&copy;``."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _squeezed(text: str) -> str:
    return _NO_WORD.sub("", text).lower()


def _is_red(color: str) -> bool:
    if color == "danger":
        return True
    m = _COLOR.fullmatch(color)
    return m is not None and int(m["red"], 16) >= 0xA0 and max(int(m["green"], 16), int(m["blue"], 16)) < 0x70


_MOST_ATTACHMENTS = 20
_MOST_SOUGHT = 20
"""Lines that a part may have so that each is sought within the lines of others, not only among them: a title, a preview that is cut."""
_FILLERS = ("This content can't be displayed.", "This message contains interactive elements.")
_LABELS = {
    "service": "service",
    "application": "service",
    "app": "service",
    "environment": "environment",
    "env": "environment",
    "release": "release",
    "version": "release",
    "host": "host",
    "hostname": "host",
    "server": "host",
}

# <https://sentry.io/issues/1|View in Sentry>, <@U012AB3CD>, <#C012AB3CD|general>, <!here>; not <module>
_LINK = re.compile(
    r"<(?P<target>(?:https?://|mailto:|tel:|[@#](?=[A-Z0-9]))[^|<>\s]+|!(?:here|channel|everyone|(?:subteam|date)\^[^|<>]*))(?:\|(?P<label>[^<>\n]*))?>"
)
# > quoted
_QUOTE = re.compile(r"^(?:&gt;|>) ?", re.MULTILINE)
# *bold*
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])")
# `code`; not Ruby's undefined method `total' for nil
_CODE = re.compile(r"(?<![\w`])`([^`\n]+)`(?![\w`])")
# the python of ```python; not an error's only word
_FENCE_NAME = re.compile(
    r"\A(?:bash|c|console|cpp|cs|csharp|dart|elixir|go|golang|java|javascript|js|json|kotlin|logs?|php|plaintext|py|python|rb|ruby|rust|scala|sh|shell"
    r"|swift|text|ts|txt|typescript|yaml)\n"
)
# Environment:
# production
_FIELD = re.compile(r"(?P<title>[A-Za-z][A-Za-z ]{1,30}?):?[ ]*[:\n][ ]*(?P<value>.+)", re.DOTALL)
# :rotating_light: 🚨 @U012AB3CD
_SIGNS = re.compile(
    r"^[ \t]*(?:(?::[a-z0-9_+'-]+:|@[UW][A-Z0-9]{5,}|[\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f300-\U0001faff]+)[ \t]*)+", re.MULTILINE
)
# [RESOLVED] High error rate
_ALL_CLEAR = re.compile(r"[^\w\n]{0,20}(?:resolved|recovered|back to normal|ok)\b", re.IGNORECASE)
# :rotating_light: Checkout is down; [FIRING:1]; Error: no stock; ValueError: no stock; Traceback (most recent call last):
_ALARM = re.compile(
    r":(?:rotating_light|fire|x|red_circle|boom|no_entry|skull|sos|bangbang|exclamation|heavy_exclamation_mark):"
    r"|[\U0001f6a8\U0001f525\u274c\U0001f534\U0001f4a5\u26d4\U0001f198\u203c\u2757]"
    r"|\b(?:FIRING|FATAL|CRITICAL|PANIC|ERROR|EXCEPTION|SEVERE)\b"
    r"|^[^\w\n]{0,20}(?i:error|exception|critical|fatal|alert)\b *[:\]]"
    r"|\b[A-Z]\w*(?:Error|Exception)\b *(?::|$)"
    r"|\b(?i:unhandled|uncaught) |\bTraceback \(|\bpanic: ",
    re.MULTILINE,
)
# #e03e2f
_COLOR = re.compile(r"#?(?P<red>[0-9a-f]{2})(?P<green>[0-9a-f]{2})(?P<blue>[0-9a-f]{2})")
_NO_WORD = re.compile(r"[\W_]+")
