"""Attacks on the texts we publish: inert.jsonl, what each must not bring about, and where in a report it stands.

``must_not`` holds ``what:which``, to be judged on what is sent, as its reader would render it (GitHub's Markdown; Slack; Jira):

mention, slack, jira   somebody or a channel is notified
ref, close, commit, duplicate   an issue, pull request, advisory or commit is linked, closed, marked
link, email, image     such a node, by any syntax: written out, by reference, bare
html                   such a tag or comment as HTML, not as text
node                   such a block or span of Markdown made of the attack's text
macro, emoji, command, trailer, template   Jira markup, a shortcode, a line that bots or git obey, a template's result
escape                 what follows in the report stands within the attack's block, or the attack's rest outside of it
marker                 one of our markers is read where the attack stands
raw                    this character as it is
size                   more than the place holds: body 65,536 characters, title 256
crash                  an exception, or text that cannot be encoded as UTF-8

``keep`` is what a person must still be able to read, once joints that nobody sees are taken out.
"""

import json
from dataclasses import dataclass
from pathlib import Path

HARMS = frozenset(
    {
        *("mention", "slack", "jira", "ref", "close", "commit", "duplicate", "link", "email", "image", "html", "node"),
        *("macro", "emoji", "command", "trailer", "template", "escape", "marker", "raw", "size", "crash"),
    }
)
PLACES = frozenset({"message", "title", "function", "path", "label", "cell", "branch", "commit"})


@dataclass(frozen=True, slots=True)
class Attack:
    name: str
    """The row of the threats it belongs to, and a number: D-M1-07."""
    where: str
    text: str
    must_not: tuple[str, ...]
    keep: str


def attacks() -> list[Attack]:
    lines = (Path(__file__).parent / "inert.jsonl").read_text(encoding="utf-8").splitlines()
    return [_attack(json.loads(line)) for line in lines]


def _attack(entry: dict[str, object]) -> Attack:
    return Attack(entry["id"], entry["where"], _text(entry["text"]), tuple(entry["must_not"]), entry.get("keep", ""))


def _text(written: str | list[str | list[object]]) -> str:
    """A text, or pieces of it; a piece may stand with the number of its repetitions."""
    pieces = [written] if isinstance(written, str) else written
    return "".join(piece if isinstance(piece, str) else piece[0] * piece[1] for piece in pieces)
