"""What could not be processed or filed, with its reason: deliveries (d12) and tickets that a sink refused for good (i7).

  triaged dead                 lists them, the oldest first
  triaged dead show d12        the whole of one; its body is redacted
  triaged dead retry d12 i7    tries them again, once what was wrong is mended
  triaged dead drop d12        forgets it

To see each step of a dead delivery, with nothing sent: triaged dead show d12 --json | triaged explain -

It works on the data folder of TRIAGED_DATA_DIR, whether the daemon runs or not. A running one takes up what is tried again within
seconds; else `triaged run` does. What fails once more is listed again under its old id. Exit 0, or 1 where an id is not there.
"""

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triaged import settings
from triaged.channels import journal
from triaged.channels.journal import DeadLetter
from triaged.clients import sqlite
from triaged.core import inert
from triaged.core.settle import Intent
from triaged.errors import TriagedError, WrongUse
from triaged.stores import sqlite as store

ACTIONS = ("list", "show", "retry", "drop")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list", help="what to do (default: list)")
    parser.add_argument("ids", nargs="*", metavar="ID", help="as the list has them: d12, i7")
    parser.add_argument("--all", action="store_true", help="retry or drop all of them")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each")


def run(arguments: argparse.Namespace) -> int:
    _check(arguments)
    path = settings.load().settings.data_dir / "triaged.db"
    if not path.exists():
        return _done([], arguments)
    try:
        with closing(_opened(path)) as connection:
            connection.execute("BEGIN IMMEDIATE" if arguments.action in _CHANGES else "BEGIN")
            found = [one for one in _all(connection) if arguments.action == "list" or arguments.all or one.id in arguments.ids]
            for one in found if arguments.action in _CHANGES else ():
                _CHANGES[arguments.action](connection, one)
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise TriagedError(f"{path}: {error}; nothing was changed") from error
    return _done(found, arguments)


@dataclass(frozen=True, slots=True)
class _Dead:
    id: str
    what: DeadLetter | Intent

    def told(self) -> dict[str, Any]:
        """For programs. Of a delivery it is a recorded one, which ``explain`` and ``replay`` read."""
        match self.what:
            case DeadLetter(delivery, died_at, reason):
                when = {"at": delivery.at.isoformat(), "died_at": died_at.isoformat()}
                return {
                    "id": self.id,
                    "source": delivery.source,
                    **when,
                    "attempts": delivery.attempts,
                    "records": delivery.only,
                    "reason": reason,
                }
            case Intent(report=report) as intent:
                at = intent.accepted_at.isoformat() if intent.accepted_at else ""
                where = {"sink": intent.sink, "repository": report.repository}
                return {
                    "id": self.id,
                    **where,
                    "at": at,
                    "fingerprint": report.marker.fingerprint,
                    "title": report.title,
                    "reason": intent.reason,
                }

    def whole(self) -> dict[str, Any]:
        if isinstance(self.what, Intent):
            return {**self.told(), "body": self.what.report.body}
        delivery = self.what.delivery
        return {**self.told(), "headers": dict(delivery.headers), "body": delivery.body.decode("utf-8", "replace")}


def _all(connection: sqlite3.Connection) -> Iterator[_Dead]:
    for letter in journal.dead_letters(connection):
        yield _Dead(f"d{letter.delivery.sequence}", letter)
    for intent in store.parked(connection):
        yield _Dead(f"i{intent.id}", intent)


def _retry(connection: sqlite3.Connection, one: _Dead) -> None:
    now = datetime.now(UTC)
    if isinstance(one.what, Intent):
        store.retry_parked(connection, one.what, now)
    else:
        journal.revive(connection, one.what, now)


def _drop(connection: sqlite3.Connection, one: _Dead) -> None:
    if isinstance(one.what, Intent):
        store.drop_parked(connection, one.what)
    else:
        journal.drop(connection, one.what)


_CHANGES: dict[str, Callable[[sqlite3.Connection, _Dead], None]] = {"retry": _retry, "drop": _drop}


def _print(one: _Dead, action: str) -> None:
    if action == "list":
        told = one.told()
        what = told["source"] if "source" in told else f"{told['sink']} {told['repository']}: {told['title']}"
        at = (told.get("died_at") or told["at"])[:16].replace("T", " ")
        print(inert.visible(f"{one.id}\t{at}\t{what}\t{told['reason']}".replace("\n", " ")))
    elif action == "show":
        whole = one.whole()
        body = whole.pop("body")
        for name, value in whole.items():
            if value not in (None, "", {}, ()):
                print(inert.visible(f"{name:<12} {value}"))
        print(f"\n{inert.visible(body)}\n")
    else:
        print(f"{one.id} is {'tried again' if action == 'retry' else 'dropped'}")


def _check(arguments: argparse.Namespace) -> None:
    """Raises WrongUse."""
    action, ids = arguments.action, arguments.ids
    for one in ids:
        if not (one[:1] in ("d", "i") and one[1:].isascii() and one[1:].isdigit()):
            raise WrongUse(f"{one!r} is no id: `triaged dead` lists them, such as d12 or i7")
    if action == "list" and (ids or arguments.all):
        raise WrongUse("list takes no ids: it lists all; `triaged dead show ID` shows one")
    if action == "show" and (not ids or arguments.all):
        raise WrongUse("show: which one? `triaged dead` lists the ids")
    if action in ("retry", "drop") and bool(ids) == arguments.all:
        raise WrongUse(f"{action}: name the ids that `triaged dead` lists, or give --all")


def _opened(path: Path) -> sqlite3.Connection:
    """As it is: a running daemon's database is not migrated. Raises WrongUse."""
    connection = sqlite.connect(path)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != len(sqlite.MIGRATIONS):
        connection.close()
        raise WrongUse(
            f"{path}: is of another version of triaged (schema {version}, not {len(sqlite.MIGRATIONS)}); start that daemon's, or this one's"
        )
    return connection


def _done(found: Sequence[_Dead], arguments: argparse.Namespace) -> int:
    for one in found:
        if arguments.json:
            print(json.dumps(one.whole() if arguments.action == "show" else one.told()))
        else:
            _print(one, arguments.action)
    if not found and not arguments.ids and not arguments.json:
        print("nothing is dead")
    unknown = [one for one in arguments.ids if one not in {dead.id for dead in found}]
    for one in unknown:
        print(f"triaged: {one}: nothing dead has that id; `triaged dead` lists them", file=sys.stderr)
    return 1 if unknown else 0
