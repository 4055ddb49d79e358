"""Whether a group needs to be spoken of, and why."""

from dataclasses import dataclass

from triaged.core.model import Event, Group


@dataclass(frozen=True, slots=True)
class Notice:
    """Whether an event makes us decide about its group, and why (not)."""

    speak: bool
    reason: str


def notice(group: Group | None, event: Event, rules: str) -> Notice:
    """A known group costs a counter, unless something that decides has changed: a new source, a new release, other rules."""
    if group is None:
        return Notice(True, "a new error")
    if group.decided_by != rules:
        return Notice(True, "the rules have changed since it was decided")
    if event.source not in group.tally.sources:
        return Notice(True, f"first seen by {event.source}")
    release = event.labels.get("release", "")
    if release and release not in group.tally.releases:
        return Notice(True, "first seen in this release")
    return Notice(False, f"known: {group.tally.count} before this one")
