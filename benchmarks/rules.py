"""How fast one event is decided against many routes, and how long many routes take to be read.

The matchers are of all kinds: plain values, `in`, globs, patterns, labels, frames, `any` and `not`. No route matches, so each is asked.
"""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from triaged import rulebook
from triaged.core import facts, route

DEFAULTS = Path(__file__).parents[1] / "rules"
_MATCHES = (
    "{{service: shop-{i}}}",
    "{{service: {{glob: 'cart-{i}-*'}}}}",
    "{{labels: {{team: team-{i}}}}}",
    "{{level: fatal, group.count: {{ge: {i}}}}}",
    "{{type: {{in: [Error{i}, Warning{i}]}}}}",
    "{{message: {{regex: '^timeout of {i}'}}}}",
    "{{code.found: false, not: {{environment: staging}}}}",
    "{{any: [{{service: one-{i}}}, {{release: 'r{i}'}}]}}",
    "{{frames: {{path: {{glob: '*/part{i}/*'}}, in_app: true}}}}",
    "{{confidence: {{lt: 0.3}}, message: {{glob: '*refused {i}*'}}}}",
)
_KNOWN = facts.given(
    {
        "service": "checkout-eu",
        "level": "error",
        "type": "KeyError",
        "message": "'scone' while the cart of a customer was priced",
        "environment": "production",
        "labels": {"team": "bakery"},
        "frames": [{"path": f"/srv/shop/{name}.py", "in_app": True} for name in ("app", "cart", "price")],
        "code.found": True,
        "confidence": 0.8,
        "group.count": 3,
    },
    str,
)


def measured(folder: Path, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """Events a second, each against all of 50 and of 500 routes, on one core; and seconds to read 500 routes with all other rules."""
    for many, goal in ((50, 100_000), (500, 10_000)):
        rules = folder / f"rules{many}"
        rules.mkdir()
        (rules / "routing.yaml").write_text(_routes(many), encoding="utf-8")
        book = rulebook.load([rules, DEFAULTS])
        yield Figure(f"decided against {many} routes", [_rate(book.routes, seconds) for _ in range(rounds)], "events/s", at_least=goal)
    yield Figure("reading 500 routes", [_read([rules, DEFAULTS]) for _ in range(rounds)], "s", at_most=1)


def _routes(many: int) -> str:
    matches = itertools.islice(itertools.cycle(_MATCHES), many)
    return "routes:\n" + "".join(f"  - {{name: r{i}, match: {match.format(i=i + 10)}}}\n" for i, match in enumerate(matches))


def _rate(routes: tuple[route.Rule, ...], seconds: float) -> float:
    began, count = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds:
        routed = route.route(_KNOWN, routes, "acme/shop")
        count += 1
    assert routed.names == ("default",)
    return count / took


def _read(folders: list[Path]) -> float:
    began = time.perf_counter()
    assert rulebook.findings(folders) == []
    return time.perf_counter() - began
