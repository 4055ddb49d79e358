"""What ``rules/grouping.yaml`` says of what is the same error: explicit fingerprints, masks, and whose code is our own."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from msgspec import structs

from triaged.core import facts
from triaged.core import fingerprint as made_of
from triaged.core.model import Event, Fingerprint, Frame, StackTrace
from triaged.core.rules import Matcher, Pattern

# order {service}: facts in an explicit fingerprint
FACT = re.compile(r"\{([\w.]+)\}")


@dataclass(frozen=True, slots=True)
class Explicit:
    """Events for which ``when`` holds are one error, whatever else they say."""

    name: str
    when: Matcher
    text: str
    """With ``{fact}`` for what tells them apart all the same."""


@dataclass(frozen=True, slots=True)
class Mask:
    """What is data in messages."""

    name: str
    pattern: Pattern
    kinds: tuple[str, ...]
    """Only in messages of these types, without their module; empty: of all."""


@dataclass(frozen=True, slots=True)
class Ours:
    """Frames for which ``when`` holds are our own code, or are not."""

    when: Matcher
    in_app: bool


@dataclass(frozen=True, slots=True)
class Grouping:
    """The file as a whole; the first of its rules that holds counts."""

    fingerprints: tuple[Explicit, ...] = ()
    masks: tuple[Mask, ...] = ()
    in_app: tuple[Ours, ...] = ()


def seen(event: Event, rules: Grouping) -> Event:
    """The event, with our own code told from that of others as the rules say."""
    if event.trace is None or not rules.in_app:
        return event

    def judged(trace: StackTrace) -> StackTrace:
        return replace(trace, frames=tuple(_judged(frame, rules) for frame in trace.frames))

    return replace(event, trace=replace(judged(event.trace), causes=tuple(map(judged, event.trace.causes))))


def _judged(frame: Frame, rules: Grouping) -> Frame:
    known = facts.of_frame(frame)
    rule = next((rule for rule in rules.in_app if rule.when(known)), None)
    return frame if rule is None else structs.replace(frame, in_app=rule.in_app)


def fingerprint(event: Event, told: Event, rules: Grouping) -> Fingerprint:
    """By the first rule that holds; else by what the event says. ``told`` is the event ``masked``."""
    known = facts.facts(event) if rules.fingerprints else {}
    for rule in rules.fingerprints:
        if rule.when(known):
            text = FACT.sub(lambda m: str(facts.looked_up(known, m[1])), rule.text)
            return made_of.explicit(text, f"the rule `{rule.name}`: {rule.when.why(known)}")
    return made_of.fingerprint(told)


def masked(event: Event, rules: Grouping) -> Event:
    """The event without what the rules say is data in its messages."""
    if not rules.masks:
        return event

    def without(kind: str) -> Callable[[str], str]:
        masks = [mask for mask in rules.masks if not mask.kinds or made_of.last_name(kind) in mask.kinds]

        def replaced(message: str) -> str:
            for mask in masks:
                message = mask.pattern.replaced(message, f"<{mask.name}>")
            return message

        return replaced

    def of(trace: StackTrace) -> StackTrace:
        return replace(trace, message=without(trace.kind)(trace.message))

    trace = replace(of(event.trace), causes=tuple(map(of, event.trace.causes))) if event.trace else None
    return replace(event, message=without(event.kind)(event.message), trace=trace)
