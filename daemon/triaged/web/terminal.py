"""Markdown of tickets in a terminal: headings, code and lists as people expect to see them; colours only where they are shown."""

import re
import textwrap
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from triaged.core import inert

_BOLD, _QUIET, _CODE, _END = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"
# <details><summary>12 more frames</summary>   </details>   <!-- a marker -->
_SUMMARY = re.compile(r"<summary>(.*?)</summary>")
_MOST_FOLDED = 3


def shown(text: str, width: int, colour: bool) -> str:
    """A ticket's Markdown as lines of at most ``width`` columns (code stays as long as it is)."""
    bold, quiet, code, end = (_BOLD, _QUIET, _CODE, _END) if colour else ("", "", "", "")
    lines: list[str] = []
    folded = False
    prefix = ""
    for token in MarkdownIt("commonmark", {"html": True}).parse(text.replace(inert.JOINT, "")):
        if token.type == "inline":
            lines += textwrap.wrap(prefix + _plain(token.children or [], code, end), width, subsequent_indent=" " * len(prefix)) or [""]
            prefix = ""
        elif token.type == "heading_open":
            lines += ["", bold]
        elif token.type == "heading_close":
            title = lines.pop()
            lines[-1] = f"{bold}{title}{end}"
        elif token.type == "list_item_open":
            prefix = "  • "
        elif token.type in ("paragraph_close", "bullet_list_close") and token.level == 0:
            lines.append("")
        elif token.type == "html_block":
            summary = _SUMMARY.search(token.content)
            folded = "<details>" in token.content or (folded and "</details>" not in token.content)
            lines += [f"  ▸ {summary[1]}"] if summary else []
        elif token.type == "fence":
            content = token.content.rstrip("\n").split("\n")
            kept = content[:_MOST_FOLDED] if folded else content
            lines += [f"{quiet if folded else code}    {inert.visible(line)}{end}" for line in kept]
            lines += [f"{quiet}    … {len(content) - len(kept)} more lines{end}"] if len(kept) < len(content) else []
            lines.append("")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _plain(tokens: Sequence[Token], code: str, end: str) -> str:
    parts = []
    for token in tokens:
        if token.type == "code_inline":
            parts.append(f"{code}{token.content}{end}")
        elif token.type == "softbreak":
            parts.append(" ")
        elif token.type in ("text", "text_special"):
            parts.append(token.content)
    return "".join(parts)
