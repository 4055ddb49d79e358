"""Views to try templates on: a rich one, one that knows almost nothing, and one of hostile text."""

from datetime import UTC, datetime
from typing import Any

from triaged.core.decide import Rate
from triaged.core.model import Group, Tally
from triaged.errors import WrongConfig
from triaged.pipeline.render import Back, Renderer

_SCORE = {
    "value": 0.85,
    "points": [{"rule": "code and stack trace", "value": 0.8, "how": "set"}, {"rule": "line confirmed", "value": 0.05, "how": "add"}],
}
_FRAME = {
    "function": "total",
    "path": "/srv/shop/cart.py",
    "line": 42,
    "in_app": True,
    "context": "return price * self.count",
    "module": "shop.cart",
}
_GROUP = {"fingerprint": "v1:" + "0f" * 16, "short": "0f0f0f0f", "reason": "exception type and in-app frames"}


def _event(**given: Any) -> dict[str, Any]:
    return {
        "kind": "",
        "message": "",
        "level": "error",
        "language": "",
        "category": "other",
        "source": "sentry",
        "at": "2026-01-01T00:00:00+00:00",
        "labels": {},
        "text": "",
        **given,
    }


def _view(**given: Any) -> dict[str, Any]:
    return {
        "event": _event(message="something failed"),
        "stack": None,
        "culprit": None,
        "place": None,
        "why_place": "the error names no place in the code",
        "candidates": [],
        "logs": [],
        "links": {},
        "suggestion": None,
        "score": {"value": 0.3, "points": [{"rule": "nothing found", "value": 0.3, "how": "set"}]},
        "weight": 0.3,
        "group": _GROUP,
        "labels": ["triaged"],
        "assignees": [],
        "action": "issue",
        "why_action": "there is no fix to propose",
        **given,
    }


RICH = _view(
    event=_event(kind="TypeError", message="unsupported operand", language="python", category="type", labels={"service": "shop"}),
    stack={
        "kind": "TypeError",
        "message": "unsupported operand",
        "frames": [_FRAME],
        "left_out": 0,
        "causes": [{"kind": "KeyError", "message": "'price'", "frames": [_FRAME]}],
    },
    culprit={**_FRAME, "reason": "the innermost frame of our own code"},
    place={
        "path": "shop/cart.py",
        "line": 42,
        "function": "total",
        "state": "confirmed",
        "reason": "the line reads as the frame quotes it",
        "quote": [{"number": 41, "text": "def total(self):"}, {"number": 42, "text": "    return price * self.count"}],
        "url": "https://github.com/acme/shop/blob/" + "a" * 40 + "/shop/cart.py#L42",
        "commit": {"sha": "a" * 40, "reason": "release 1.2 of the event", "certain": True},
    },
    candidates=["shop/cart.py"],
    logs=["12:00:00 INFO checkout started"],
    links={"Sentry": "https://sentry.io/organizations/acme/issues/1/"},
    suggestion={"hint": "One of the two is None.", "rule": "py-none", "diff": "-a\n+b\n"},
    score=_SCORE,
)
POOR = _view()
HOSTILE = _view(
    event=_event(kind="<img src=x>", message="@everyone fixes #1 ```` <script>alert(1)</script> {{ 7 * 7 }}\n\x1b[31m\u202e"),
    links={"Sentry": "javascript:alert(1)"},
    suggestion={"hint": "see [this](https://evil.example)", "rule": "x", "diff": "````\n"},
    logs=["</details>", "<!-- triaged:v1 -->"],
)

VIEWS = (RICH, POOR, HOSTILE)


_AT = datetime(2026, 1, 1, tzinfo=UTC)
TALLY = Tally(3, _AT, _AT, sources={"sentry": 3}, releases=("1.2",), environments=("production",), services=("shop",))

NOTE = "closed as not planned: it stays closed until the error has come 100 times"
BACK = Back(_AT, 2, True, 1, "closed as completed, and the error has come back")
STORM = "v1:" + "0" * 32


def mistakes(renderer: Renderer) -> list[WrongConfig]:
    """What the templates do wrong with these views; each mistake once."""
    found: dict[str, WrongConfig] = {}
    for sample in VIEWS:
        try:
            view = renderer.redacted(sample)
            renderer.report(view, TALLY, repository="acme/shop", note=NOTE)
            renderer.comment(view, TALLY, BACK, repository="acme/shop")
            renderer.umbrella(STORM, [(Group(STORM, TALLY), view)], repository="acme/shop", waiting=2, limit=Rate(20, 600))
        except WrongConfig as error:
            found.setdefault(str(error), error)
    return list(found.values())
