"""On an idle system: how soon after a delivery its issue's creation is asked for, and how many requests an error costs."""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from chaos import load
from chaos.world import World, calm
from models.github import Entry, served
from running import SECRETS, running, until
from serving import serving

_PACE = 1.2
"""Seconds between two new errors: GitHub is written to once a second at most."""


@dataclass
class Speed:
    """Seconds from the sending of a delivery to the creation's arrival, sorted; and requests of each kind, 304 aside."""

    known: list[float] = field(default_factory=list)
    """The release's commit, tree and file had been read before."""
    unknown: list[float] = field(default_factory=list)
    """A release that was never heard of."""
    asked_known: Counter[str] = field(default_factory=Counter)
    asked_unknown: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    asked_for_repeats: Counter[str] = field(default_factory=Counter)


def measured(folder: Path, errors: int, repeats: int = 200) -> Speed:
    """So many new errors of each kind, one after the other; and then repeats of one."""
    world, speed = World(folder), Speed()
    for number in range(errors):
        world.release(f"2.{number}")
    settings = {"TRIAGED_UPDATE_INTERVAL_SECONDS": "3600", **calm(folder)}
    with serving(served(world.github)) as url, running(folder, **world.settings(url), **settings) as daemon:
        sender = load.Sender(daemon.address, SECRETS["TRIAGED_SENTRY_CLIENT_SECRET"], folder / "load.log")
        _one(world, sender, "warm", "Broken901", "1.0")
        for number in range(errors):
            for release, times, asked in (("1.0", speed.known, speed.asked_known), (f"2.{number}", speed.unknown, speed.asked_unknown)):
                time.sleep(_PACE)
                name = f"{release}-{number}"
                seconds, entries = _one(world, sender, name, f"Broken{2 * number + 101 + 200 * (release == '1.0')}", release)
                times.append(seconds)
                asked.update(f"{entry.method} {entry.operation}" for entry in entries if not entry.not_modified)
        before = len(world.github.log)
        for number in range(repeats):
            assert sender.tell(load.delivery(f"again-{number}", f"again-{number}", "Broken901")) == 202
        speed.repeats = repeats
        time.sleep(_PACE)
        speed.asked_for_repeats.update(f"{entry.method} {entry.operation}" for entry in world.github.log[before:])
        sender.close()
    speed.known.sort()
    speed.unknown.sort()
    return speed


def _one(world: World, sender: load.Sender, name: str, error: str, release: str) -> tuple[float, list[Entry]]:
    """Seconds until its creation arrived, and all that was asked for meanwhile."""
    before = len(world.github.log)
    sent = world.github.now()
    assert sender.tell(load.delivery(name, name, error, release)) == 202

    def created() -> Entry | None:
        return next((entry for entry in world.github.log[before:] if entry.operation == "issues/create"), None)

    entry = until(created)
    return (entry.at - sent).total_seconds(), world.github.log[before:]
