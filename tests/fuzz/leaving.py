"""Everything that leaves because of one event, with a stranger's words in every place of it where a stranger's words can stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from triaged import rulebook, settings
from triaged.core import inert, redact, view
from triaged.core.decide import Rate
from triaged.core.model import Commit, Event, Fingerprint, Frame, Group, Place, Point, Report, Score, StackTrace, Suggestion, Tally
from triaged.pipeline.render import Back, Renderer

REDACTOR = redact.compile(rulebook.load([settings.data("rules")]).redaction)
RENDERER = Renderer([settings.data("templates")], REDACTOR, link_hosts=["sentry.io"])
AT = datetime(2026, 1, 1, tzinfo=UTC)
REPOSITORY = "acme/shop"
FINGERPRINT = Fingerprint("v1:" + "0f" * 16, "", "")
OUR_ID = f"`triaged-{FINGERPRINT.short}`"
SHA = "a" * 40

Word = Callable[[], str]


@dataclass(frozen=True)
class Leaving:
    issue: Report
    bare: Report
    """Of an event of which nothing is known but its message."""
    comment: Report
    umbrella: Report
    commit: str
    chat: str

    @property
    def reports(self) -> tuple[Report, ...]:
        return (self.issue, self.bare, self.comment, self.umbrella)

    @property
    def texts(self) -> tuple[str, ...]:
        return (*(text for report in self.reports for text in (report.title, report.body)), self.commit, self.chat)


def leaving(words: Sequence[str], renderer: Renderer = RENDERER) -> Leaving:
    """``words`` take turns in the places of an event."""
    word = cycle(words).__next__
    rich, bare = renderer.redacted(_rich(word)), renderer.redacted(_bare(word))
    tally = Tally(17, AT, AT, {word(): 17}, (word(), word()), (word(), word()), (word(), word()))
    group = Group(FINGERPRINT.value, tally)
    return Leaving(
        issue=renderer.report(rich, tally, repository=REPOSITORY, note=_said(word)),
        bare=renderer.report(bare, tally, repository=REPOSITORY),
        comment=renderer.comment(rich, tally, Back(AT, 2, True, 1, _said(word)), repository=REPOSITORY),
        umbrella=renderer.umbrella(
            FINGERPRINT.value, [(group, rich), (group, bare)], repository=REPOSITORY, waiting=3, limit=Rate(20, 600)
        ),
        commit=inert.title(word()) + "\n\n" + inert.commit_text(word()),
        chat=inert.plain_text(word(), 3_000),
    )


def _rich(word: Word) -> dict[str, Any]:
    cause = StackTrace("", kind=word(), message=word(), frames=(_frame(word),))
    trace = StackTrace("", kind=word(), message=word(), frames=(_frame(word), _frame(word, in_app=False)), causes=(cause,))
    event = _event(word, kind=word(), language=word(), category=_said(word), trace=trace, text=word(), logs=(word(), word()))
    commit = Commit(REPOSITORY, SHA, reason=_said(word), certain=True)
    url = f"https://github.com/{REPOSITORY}/blob/{SHA}/shop/cart.py#L42"
    place = Place(word(), 42, word(), commit, "confirmed", reason=_said(word), quote=((41, word()), (42, word())), url=url)
    return view.view(
        event,
        Fingerprint(FINGERPRINT.value, evidence=word(), reason=_said(word)),
        culprit=_frame(word),
        why_culprit=_said(word),
        place=place,
        suggestion=Suggestion(f"The key `{word()}` is missing in {word()}", rule=_said(word), diff=f"-{word()}\n+{word()}\n"),
        **_decided(word),
    )


def _bare(word: Word) -> dict[str, Any]:
    event = _event(word, kind="", language="", category="other", trace=None)
    return view.view(event, FINGERPRINT, culprit=None, why_culprit=_said(word), place=None, suggestion=None, **_decided(word))


def _event(word: Word, **given: Any) -> Event:
    links = {word(): "https://sentry.io/organizations/acme/issues/1/", "Slack": f"https://sentry.io.{word()}", "AWS": word()}
    return Event(source=word(), at=AT, message=word(), level="error", labels={"service": word(), word(): "x"}, links=links, **given)


def _frame(word: Word, in_app: bool = True) -> Frame:
    return Frame(word(), word(), 42, in_app=in_app, module=word(), context=word())


def _said(word: Word) -> str:
    """A sentence of ours, which may quote a stranger."""
    return word()[:500]


def _decided(word: Word) -> dict[str, Any]:
    return {
        "why_place": _said(word),
        "candidates": (word(), word()),
        "score": Score(0.8, (Point(_said(word), 0.8, "set"), Point(_said(word), 0.0, "add"))),
        "labels": ("triaged",),
        "assignees": (),
        "action": "issue",
        "why_action": _said(word),
    }
