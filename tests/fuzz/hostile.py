"""Hostile texts: pieces of known attacks, of Markdown and of Unicode, in any order. One draw of bytes each, so that many are cheap."""

import sys
import unicodedata
from functools import cache

from hypothesis import strategies as st

from redaction import inert as attacks

_FINGERPRINT = "v1:" + "0f3c2b1a" * 4
_SHORTEST = (
    *("x", " ", "\n", "\n\n", "\t", "    ", "a b", "word ", "KeyError: ", "12", "1", "0f3c2b1", "deadbeef" * 5),
    *("@", "@octocat", "@org/everyone", "octocat", "user@0f3c2b1a0f3c2b1a", "#", "#1", "GH-", "gh-", "GH-12", "org/repo#7"),
    *("fixes ", "Closes: ", "resolved ", "Duplicate of ", "https://github.com/o/r/issues/3", "https://github.com/o/r/pull/", "/commit/"),
    *("SHOP-17", "CVE-2026-12345", "GHSA-vh95-rmgr-6w4m", ":boom:", ":", ":+1:", "$x$", "$", "$$", "$`", "`$"),
    *("![x](https://evil.example/p.png)", "[login](https://evil.example)", "[a]: https://evil.example", "[a]", "[^1]", "[^1]: x", "!["),
    *("<img src=x>", "<picture>", "<b>", "</b>", "<!--", "-->", "<![CDATA[", "<?", "?>", "<!X", "<pre>", "</pre>", "<script>", "<a href="),
    *("https://evil.example/a_b_?q=*1*", "https://", "www.", "www.evil.example", "ftp://evil.example", "bob@evil.example", "mailto:"),
    *("`", "``", "```", "````", "`" * 61, "`" * 200, "~~~", "~" * 99, "```mermaid\n", "```\n", "\n```", "\n~~~\n"),
    *(
        "</details>",
        "<details>",
        "<summary>",
        "</summary>",
        "---",
        "===",
        "***",
        "___",
        "|",
        "\\",
        "\\|",
        "\\\\",
        "|-|",
        "\n|-|-|\n",
        "\\`",
    ),
    *(f"<!-- triaged:v1 {_FINGERPRINT} 1 a - -->", "<!-- /triaged -->", "triaged", "triaged `0f3c2b1a`", "0f3c2b1a", _FINGERPRINT),
    *("<!--\n triaged:v1", "Occurrences: 999", "\nOccurrences: 999\n", "Occurrences:", "triaged-0f0f0f0f"),
    *("&commat;", "&#35;1", "&#64;", "&", "&lt;", "&nbsp;", "&bsol;", "&#", "&grave;", "&vert;"),
    *(
        "# ",
        "- ",
        "+ ",
        "> ",
        "1. ",
        "1) ",
        "[ ] ",
        "- [ ] ",
        "*",
        "_",
        "**",
        "__",
        "~",
        "~~",
        "!",
        "[",
        "]",
        "](",
        "(",
        ")",
        "<",
        ">",
        "=",
        "-",
    ),
    *(
        "{{7*7}}",
        "{% x %}",
        "{#",
        "%s",
        "{0}",
        "/close",
        "\n/assign ",
        "/usr/lib",
        "> [!WARNING]",
        "Co-authored-by: ",
        "\nSigned-off-by: x",
    ),
    *("<!channel>", "<@U1>", "[~ann]", "{code}", "!x.png!", "[skip ci]", "[ci skip]", "skip-checks: true", "h1. ", "[a|https://b.example]"),
    *(
        "\x00",
        "\x07",
        "\x1b[31m",
        "\x1b",
        "\x9b",
        "\r",
        "\r\n",
        "\x85",
        "\u2028",
        "\u202e",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u2060",
        "\ufe0f",
    ),
    *(
        "\ud800",
        "\udfff",
        "\ud83d",
        "\U0001f600",
        "\U000e0041",
        "\ufffe",
        "\ufeff",
        "\u3164",
        "\xa0",
        "\u3000",
        "e\u0301",
        "\u0335" * 9,
        "注文",
    ),
    *(
        "[redacted:aws-key-1]",
        "AKIAIOSFODNN7EXAMPQ2",
        "…",
        "a" * 90,
        "word " * 60,
        "line\n" * 40,
        "[" * 50,
        "> " * 50,
        "\\" * 33,
        "*a " * 40,
    ),
)


@cache
def pieces() -> tuple[str, ...]:
    """The plainest first: what fails is shrunk towards it."""
    known = [attack.text for attack in attacks.attacks() if 0 < len(attack.text) <= 300]
    samples: dict[str, str] = {}
    for code in range(sys.maxunicode + 1):  # the first of each of Unicode's categories
        samples.setdefault(unicodedata.category(chr(code)), chr(code))
    ascii = [chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum()]
    return tuple(dict.fromkeys((*_SHORTEST, *ascii, *samples.values(), *known)))


def _joined(drawn: bytes) -> str:
    """Two bytes are a piece; one of 32 is repeated, to 500 characters or so."""
    known = pieces()
    text = []
    for high, low in zip(drawn[::2], drawn[1::2], strict=False):
        piece = known[(high << 8 | low) % len(known)]
        text.append(piece * (1 + 500 // len(piece)) if high >> 3 == 31 else piece)
    return "".join(text)


TEXTS = st.binary(max_size=24).map(_joined)
"""A dozen pieces."""
WORDS = st.lists(TEXTS, min_size=1, max_size=3)
"""What takes turns in the places of an event."""
