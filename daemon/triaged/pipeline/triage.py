"""From a delivery to what is to be done: one function, a line a step, and each step says why.

Nothing is sent and nothing is stored here: what comes out is stored in one transaction (``workers``), and done afterwards
(``publish``). So ``explain`` and ``replay`` are this function and nothing else.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from triaged.core import decide, dedup, facts, fingerprint, grouping, kin, normalize, route, score, suggest, view
from triaged.core.journey import Journey
from triaged.core.model import Delivery, Event, Fingerprint, Frame, Group, Record, Score, StackTrace
from triaged.core.rulebook import Rulebook
from triaged.core.settle import Intent
from triaged.core.templates import Templates
from triaged.errors import Rejected
from triaged.pipeline.code import Code, Located
from triaged.pipeline.render import Renderer
from triaged.ports import Counted, Decision, Settled


class Reads(Protocol):
    """The part of a source that triage needs."""

    def read(self, delivery: Delivery) -> tuple[Record, ...]: ...

    async def complete(self, record: Record) -> Record: ...


@dataclass(frozen=True, slots=True)
class World:
    """What triage asks. All of it only reads."""

    sources: Mapping[str, Reads]
    rulebook: Rulebook
    parse: Callable[[str], tuple[StackTrace, ...]]
    group: Callable[[str], Group | None]
    code: Code | None
    renderer: Renderer
    sink: str
    """Where tickets are filed that no receiver takes."""
    repository: str
    """Where an event goes that no route sends elsewhere."""
    strict: Callable[[str], Awaitable[bool]]
    """Whether a report for that repository is redacted as strangers may see it."""
    templates: Templates = field(default_factory=Templates)
    """What messages have had in common so far; learns as it is asked."""


@dataclass(frozen=True, slots=True)
class Triaged:
    """One event, what was decided about it and why."""

    event: Event
    fingerprint: Fingerprint
    culprit: Frame | None
    group: Group | None
    """As it was before this event."""
    action: str
    """``issue``, ``pull_request``, ``drop``, or ``count`` for an error that is known."""
    journey: Journey
    counted: Counted
    score: Score | None = None


async def triage(delivery: Delivery, world: World) -> tuple[Settled, tuple[Triaged, ...]]:
    """The whole of a delivery. Raises Rejected where it is not its source's, Unavailable where something has to be asked again later."""
    found: list[Triaged] = []
    for record in records(delivery, world):
        found += await errors(await completed(record, delivery, world), delivery, world)
    return Settled(delivery, tuple(one.counted for one in found)), tuple(found)


def records(delivery: Delivery, world: World) -> tuple[Record, ...]:
    """Raises Rejected where the delivery is not its source's."""
    if delivery.source not in world.sources:
        raise Rejected(f"no source is called {delivery.source!r} now")
    return delivery.records if delivery.records is not None else world.sources[delivery.source].read(delivery)


async def completed(record: Record, delivery: Delivery, world: World) -> Record:
    """With what the delivery lacks. Raises Unavailable."""
    return await world.sources[delivery.source].complete(record) if record.missing else record


async def errors(record: Record, delivery: Delivery, world: World) -> tuple[Triaged, ...]:
    """The errors in one record, and what is to be done about each."""
    return tuple([await _event(event, world, delivery) for event in normalize.normalize(record, world.parse)])


async def _event(event: Event, world: World, delivery: Delivery) -> Triaged:
    rules, journey = world.rulebook.grouping, Journey()
    event = grouping.seen(event, rules)
    journey.went("normalize", event.kind or "message", f"category {event.category}, from {event.source}")
    culprit, why_culprit = normalize.blame(event.trace)
    journey.went("culprit", f"{culprit.path}:{culprit.line}" if culprit else "none", why_culprit)
    template = world.templates.learn(event.message)
    told = grouping.masked(event, rules)
    made = grouping.fingerprint(event, told, rules)
    if made.made_of == "words" and not event.kind:
        made = replace(made, templates=tuple(fingerprint.value(f"template {number:x}") for number in template))
    journey.went("fingerprint", made.value, _why(made), evidence=made.evidence)
    found = kin.find(made, event, world.group, told)
    notice = dedup.notice(found.group, event, world.rulebook.digest)
    why = f"{notice.reason}; counted as {found.fingerprint}: {found.reason}" if found.reason else notice.reason
    journey.went("group", "new" if found.group is None else "known", why)
    made = replace(made, value=found.fingerprint)
    telling = fingerprint.value(f"{template[0]} {fingerprint.stack(event)}")[-8:]
    counted = replace(_counted(event, made, world.renderer.label), names=found.names, telling=telling)
    result = Triaged(event, made, culprit, found.group, "count", journey, counted)
    if not notice.speak:
        return result
    return await _decided(result, why_culprit, world, delivery)


def _why(made: Fingerprint) -> str:
    """Why it was made of that, of what, and what would have told it apart."""
    return f"{made.reason}: {' | '.join(made.evidence.split(chr(10)))}; another group with {made.apart}"


async def _decided(result: Triaged, why_culprit: str, world: World, delivery: Delivery) -> Triaged:
    event, journey, group = result.event, result.journey, result.group
    located = Located(None, "no code to read is configured")
    if world.code is not None:
        asked_for = replace(event, labels={name: world.renderer.label(value) for name, value in event.labels.items()})
        located = await world.code.find(asked_for, result.culprit, world.repository, group.tally.releases if group else ())
    place = located.place
    journey.went(
        "locate", f"{place.path}:{place.line} ({place.state})" if place else "not found", place.reason if place else located.reason
    )
    suggestion = suggest.suggest(event, world.rulebook.fixes)
    journey.went(
        "suggest", suggestion.hint if suggestion else "none", f"rule {suggestion.rule}" if suggestion else "no rule knows this error"
    )
    repository = place.commit.repository if place else ""
    asked: dict[str, Any] = {"place": place, "suggestion": suggestion, "group": group, "repository": repository, "related": len(event.logs)}
    scored = score.score(facts.facts(event, score=None, **asked), world.rulebook.confidence)
    journey.went("score", f"{scored.value:.2f}", ", ".join(f"{point.value:+.2f} {point.rule}" for point in scored.points))
    known = facts.facts(event, score=scored, **asked)
    routed = route.route(known, world.rulebook.routes, world.repository)
    journey.went("route", routed.repository or "nowhere", "; ".join(routed.reasons))
    decision = decide.decide(known, routed)
    journey.went("decide", decision.action, decision.reason)
    seen = view.view(
        event,
        result.fingerprint,
        culprit=result.culprit,
        why_culprit=why_culprit,
        place=place,
        why_place=located.reason,
        candidates=located.candidates,
        score=scored,
        suggestion=suggestion,
        labels=("triaged", *(label for label in routed.labels if label != "triaged")),
        assignees=routed.assignees,
        action=decision.action,
        why_action=decision.reason,
    )
    redacted = world.renderer.redacted(seen)
    filed = routed.repository if decision.action != "drop" else ""
    strict = await world.strict(filed) if filed else False
    intents = _intents(redacted, result, filed, (world.sink, *routed.receivers), world, delivery, strict=strict) if filed else ()
    made = Decision(decided_by=world.rulebook.digest, view=redacted, repository=filed, intents=intents)
    counted = replace(result.counted, decision=made)
    return replace(result, action=decision.action, counted=counted, score=scored)


def _intents(
    seen: Mapping[str, Any], result: Triaged, repository: str, sinks: tuple[str, ...], world: World, delivery: Delivery, *, strict: bool
) -> tuple[Intent, ...]:
    """One for each sink; the store keeps those that are not planned yet."""
    group = result.counted.onto(result.group)
    report = world.renderer.report(seen, group.tally, repository=repository, generation=max(group.generation, 1), strict=strict)
    return tuple(
        Intent(id=0, kind="issue", sink=sink, report=report, leads=sink == world.sink, accepted_at=delivery.at)
        for sink in dict.fromkeys(sinks)
    )


def _counted(event: Event, made: Fingerprint, redacted: Callable[[str], str]) -> Counted:
    labels = {name: redacted(event.labels[name]) for name in ("release", "environment", "service") if event.labels.get(name)}
    return Counted(
        fingerprint=made.value,
        source=event.source,
        at=event.at,
        key=event.key,
        release=labels.get("release", ""),
        environment=labels.get("environment", ""),
        service=labels.get("service", ""),
    )
