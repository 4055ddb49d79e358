"""Whether an error is known, by whatever name: its fingerprint, one of a former version, or what it says without its frames.

An alert often tells an error without its stack trace, a bundler makes its frames unreadable. Such a telling joins the one group that says
the same; where two groups do, it joins neither, and a second error that says the same is a group of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from triaged.core import fingerprint, former
from triaged.core.model import Event, Fingerprint, Group


@dataclass(frozen=True, slots=True)
class Found:
    """Where an event belongs."""

    fingerprint: str
    """The group's: its own, or that of the group it joins."""
    group: Group | None
    """None: it is new."""
    reason: str
    """Why it joins a group of another fingerprint; empty where it does not."""
    names: tuple[str, ...] = ()
    """By what else the group is found from now on."""


def find(made: Fingerprint, event: Event, known: Callable[[str], Group | None], told: Event | None = None) -> Found:
    """``known`` gives the group of a fingerprint, or of another of its names; ``told`` is the event without what rules mask, if they do."""
    group = known(made.value)
    if group is not None and (group.fingerprint == made.value or made.made_of != "words"):
        return Found(group.fingerprint, group, _joined(group, made.value, "the same error told with other evidence"))
    if group is not None and known(several(made.value)) is None:
        return Found(group.fingerprint, group, "the only error that says this; its frames are known from another telling")
    for template in made.templates:
        group = known(template)
        if group is not None:
            return Found(group.fingerprint, group, "its message has the template of one that is known")
    without_frames = fingerprint.weaker(told or event) if made.made_of == "frames" else ()
    group = known(former.first(event)) if made.made_of != "rule" else None
    if group is not None:
        others = (weaker for weaker in without_frames if known(weaker) is None)
        return Found(group.fingerprint, group, "filed under a former version of its fingerprint", (made.value, *others))
    names = list(made.templates)
    for weaker in without_frames:
        group = known(weaker)
        if group is not None and group.fingerprint == weaker and known(several(weaker)) is None:
            return Found(group.fingerprint, group, "known from a telling without its frames", (made.value, several(weaker)))
        names.append(weaker if group is None else several(weaker))
    return Found(made.value, None, "", tuple(names))


def several(weaker: str) -> str:
    """The name that says that frames of an error that says this are known, so that no other may join."""
    return f"{weaker}~"


def _joined(group: Group, value: str, reason: str) -> str:
    return "" if group.fingerprint == value else reason
