"""Whether a known attack brought about what it must not: the harms of ``redaction/inert.py``, looked for one by one."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property

import scanner
from fuzz import judge
from fuzz.leaving import leaving


class Attempt:
    """What left of an event that says an attack everywhere, beside what leaves of a harmless one."""

    def __init__(self, text: str) -> None:
        self.words = [text]
        self.made = leaving(self.words)
        self.model = judge.harmless(self.words)

    def brought(self, harm: str) -> bool:
        what, _, which = harm.partition(":")
        return _HARMS[what](self, which)

    def readable(self, where: str) -> str:
        """What people read at a place, without joints."""
        texts = {"title": self.made.bare.title, "commit": self.made.commit}
        return texts.get(where, self.pages[0].text).replace("\u200b", "")

    @cached_property
    def pages(self) -> list[scanner.Page]:
        return [reader(report.body) for report in self.made.reports for reader in scanner.READERS]

    @cached_property
    def raw(self) -> str:
        return "\n".join(self.made.texts).lower()

    @cached_property
    def prose(self) -> str:
        """Where GitHub links and draws by itself."""
        return "\n".join(page.prose for page in self.pages)

    @cached_property
    def links(self) -> set[str]:
        return {link.lower() for page in self.pages for link in page.links}

    @cached_property
    def more(self) -> Counter[str]:
        """The tags of the pages beyond those of harmless ones."""
        model = [reader(report.body) for report in self.model.reports for reader in scanner.READERS]
        return sum((Counter(one.tags) - Counter(other.tags) for one, other in zip(self.pages, model, strict=True)), Counter())

    @cached_property
    def findings(self) -> set[str]:
        return {finding.what for finding in judge.of(self.made, self.model)}


def _refers(attempt: Attempt, which: str) -> bool:
    """By number or URL it counts in any text; the key of a tracker, where it would be linked."""
    if re.search(r"#[0-9]|^gh-|/", which, re.IGNORECASE):
        return which.lower() in attempt.raw
    linked = "\n".join([attempt.prose, attempt.made.commit.partition("\n\n")[2], attempt.made.chat])
    return which[0].isalpha() and which in linked


def _starts_a_line(text: str, start: str) -> bool:
    return any(line.lstrip().lower().startswith(start.lower()) for line in text.split("\n"))


_HARMS: dict[str, Callable[[Attempt, str], bool]] = {
    "mention": lambda attempt, who: f"@{who}".lower() in attempt.raw,
    "slack": lambda attempt, who: any(f"<{sign}{who}" in attempt.made.chat for sign in "!@#"),
    "jira": lambda attempt, who: any(f"[~{kind}{who}" in attempt.made.chat for kind in ("", "accountid:")),
    "ref": _refers,
    "close": _refers,
    "duplicate": _refers,
    "commit": lambda attempt, which: which in (attempt.raw if "@" in which else attempt.prose),
    "link": lambda attempt, url: url.lower() in attempt.links or attempt.more["a"] > 0,
    "email": lambda attempt, whom: f"mailto:{whom}" in attempt.links or whom in attempt.raw,
    "image": lambda attempt, url: url.lower() in attempt.links or attempt.more["img"] > 0,
    "html": lambda attempt, tag: attempt.more[{"comment": "!--"}.get(tag, tag)] > 0,
    "node": lambda attempt, which: "shape" in attempt.findings or bool(attempt.more),
    "macro": lambda attempt, which: bool(scanner.chat(attempt.made.chat)),
    "emoji": lambda attempt, name: f":{name}:" in attempt.prose + attempt.made.issue.title,
    "command": lambda attempt, name: _starts_a_line(attempt.raw, f"{name} "),
    "trailer": lambda attempt, name: _starts_a_line(attempt.made.commit.partition("\n\n")[2], f"{name}:"),
    "template": lambda attempt, result: result.isdigit() and result in attempt.raw,
    "escape": lambda attempt, _: "shape" in attempt.findings,
    "marker": lambda attempt, _: "marker" in attempt.findings,
    "raw": lambda attempt, code: any(chr(int(code[2:], 16)) in text for text in attempt.made.texts),
    "size": lambda attempt, _: "size" in attempt.findings,
    "crash": lambda attempt, _: "encoding" in attempt.findings,
}
