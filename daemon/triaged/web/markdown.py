"""Markdown of tickets to HTML that can do nothing: of the HTML in it only the folding of our own templates is let through."""

import html
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

# <details>   </details>   <summary>12 more frames</summary>
_FOLDING = re.compile(r"</?details>|<summary>(?P<text>[^<>]*)</summary>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@cache
def _renderer() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table").disable(["image", "entity"], ignoreInvalid=True)
    markdown.add_render_rule("html_block", _html)
    markdown.add_render_rule("html_inline", _html)
    return markdown


def to_html(text: str) -> str:
    """A ticket's body as HTML for the page."""
    return str(_renderer().render(text))


def _html(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    text = _COMMENT.sub("", tokens[index].content)
    parts: list[str] = []
    at = 0
    for m in _FOLDING.finditer(text):
        parts += [html.escape(text[at : m.start()]), m[0]]
        at = m.end()
    return "".join(parts) + html.escape(text[at:])
