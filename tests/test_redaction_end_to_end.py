"""What leaves, and what is kept: every byte of it, for each secret of our settings and of what was told; and who may read which issue."""

import base64
import json
import random
import sqlite3
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import anyio
import pytest

from models.github import GitHub, GitRepo, Lag, Person, served
from redaction import truth
from running import SECRETS, running, until
from serving import serving
from triaged import demo
from triaged.channels.journal import Journal
from triaged.clients.clock import SystemClock
from triaged.clients.sqlite import Database
from triaged.core.model import Delivery
from triaged.errors import Unavailable
from triaged.pipeline.visibility import Visibility
from triaged.ports import Sink
from world import TurnedClock

TELLING = [each for each in truth.formats() if each.kind == "secret" and not each.named and "label" not in each.apart_from]
"""Formats that need no name beside them."""


class Overheard(GitHub):
    """Remembers what it was sent, but for the credential it was sent with."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def handle(self, request, *, in_flight=1):
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        self.heard.append(repr((request.method, request.target, headers)).encode() + request.body)
        return super().handle(request, in_flight=in_flight)


class World:
    def __init__(self, folder, *, private=True):
        self.folder = folder
        self.github = Overheard()
        self.github.lag = Lag.none()
        self.github.user("triage-bot")
        self.github.organization("acme", "triage-bot")
        git = GitRepo.create(folder / "shop.git")
        git.write("main", dict(demo.FILES), "A small shop", author=Person("shop", "shop@example.com"), at=datetime.now(UTC))
        self.shop = self.github.repository("acme/shop", git, roles={"triage-bot": "write"}, private=private)
        self.token = self.github.classic_token("triage-bot", "repo").value

    @contextmanager
    def daemon(self, **settings):
        with serving(served(self.github)) as url:
            given = {"TRIAGED_GITHUB_API_URL": url, "TRIAGED_GITHUB_TOKEN": self.token, "TRIAGED_GITHUB_REPOSITORY": "acme/shop"}
            with running(self.folder, **given, TRIAGED_QUIET_SECONDS="1", **settings) as daemon:
                yield daemon

    def filed(self, number):
        self.github.settle()
        found = self.shop.filed()
        return found if len(found) >= number else None

    def issues(self, number):
        return until(lambda: self.filed(number))


def asked(daemon, path, token=""):
    request = urllib.request.Request(daemon.address + path, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def health(daemon):
    return json.loads(asked(daemon, "/health"))


def told(kind, text, release="1.0"):
    """Of an error whose message holds the text."""
    frames = ({"filename": f"shop/{kind.lower()}.py", "function": "pay", "lineno": 3, "in_app": True},)
    return demo.sentry_event(demo.Crash(kind, text, f"{kind}: {text}", frames), release, datetime.now(UTC))


def kept(folder):
    """Every byte of the data folder, once the database has no log of changes any more."""
    connection = sqlite3.connect(folder / "data" / "triaged.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return b"\0".join(file.read_bytes() for file in sorted((folder / "data").rglob("*")) if file.is_file())


def said(folder):
    return b"\n".join(file.read_bytes() for file in folder.glob("log-*"))


def seen(secrets, data):
    """Those of which any twelve characters in a row stand in the bytes; twelve zeros stand in many a number, too."""
    runs = {secret: {secret[start : start + 12] for start in range(max(1, len(secret) - 11))} for secret in secrets}
    return sorted(secret for secret in secrets if any(run.encode() in data for run in runs[secret] if len(set(run)) > 2))


def test_no_byte_that_leaves_or_is_kept_holds_a_secret_of_our_settings_or_of_what_was_told(tmp_path):
    rng = random.Random(11)
    alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    named = ("TRIAGED_ADMIN_TOKEN", "TRIAGED_MARKER_KEY", "TRIAGED_SLACK_BOT_TOKEN", "TRIAGED_SENTRY_AUTH_TOKEN")
    ours = {name: "".join(rng.choices(alphabet, k=40)) for name in named}
    world = World(tmp_path)
    configured = {world.token, *ours.values(), *SECRETS.values()}
    values = [value for each in rng.sample(TELLING, 40) if max(map(len, (value := each.draw(rng)).secrets)) >= 12]
    theirs = {secret for value in values for secret in value.secrets if len(secret) >= 12}
    log = tmp_path / "shop.log"
    log.touch()
    with world.daemon(TRIAGED_LOG_FILES=str(log), **ours) as daemon:
        for number, value in enumerate(values[:20]):
            text = f"401 for {value.text} at {quote(value.text, safe='')}"
            assert daemon.tell("sentry", told(f"Refused{number}", text, release=value.text.splitlines()[0])) == 202
        for value in values[20:]:
            assert daemon.tell("slack", demo.slack_alert(f"*Refused*\n```password={value.text}```", datetime.now(UTC))) == 202
        for number, secret in enumerate(sorted(configured)):
            forms = f"{secret} {quote(secret, safe='')} {base64.b64encode(b'x' + secret.encode()).decode()}"
            assert daemon.tell("sentry", told(f"Ours{number}", f"sent {forms} to nowhere", release=secret)) == 202
        with log.open("a") as lines:
            lines.write("".join(f"Traceback (most recent call last):\nKeyError: 'api_key={value.text}'\n\n" for value in values))
        until(lambda: health(daemon)["pending"] == 0 and world.filed(6))
        shown = b"".join(asked(daemon, path, ours["TRIAGED_ADMIN_TOKEN"]) for path in ("/", "/health", "/metrics"))
        assert daemon.stop() == 0
    everything = {"sent": b"\n".join(world.github.heard), "kept": kept(tmp_path), "said": said(tmp_path), "shown": shown}
    assert b"[redacted:" in everything["sent"]
    assert b"[redacted:" in everything["kept"]
    assert {where: found for where, data in everything.items() if (found := seen(configured, data))} == {}
    assert {where: found for where, data in everything.items() if (found := seen(theirs, data))} == {}


def test_a_delivery_is_gone_from_the_database_once_it_is_settled(tmp_path):
    world = World(tmp_path)
    with world.daemon() as daemon:
        assert daemon.tell("sentry", told("Refused", "password=hunter2hunter2hunter2")) == 202
        world.issues(1)
        until(lambda: health(daemon)["pending"] == 0)
        files = [*(tmp_path / "data").glob("triaged.db*"), tmp_path / "data" / "lock"]
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}  # what waits in it is as it came
        assert daemon.stop() == 0
    assert b"hunter2hunter2" not in kept(tmp_path)


def test_a_dead_letter_is_redacted_before_it_is_kept(tmp_path):
    (tmp_path / "data").mkdir()

    async def accept():
        database = Database(tmp_path / "data" / "triaged.db")
        body = b'{"user": {"email": "ann.lee@shop.example"}, "password": "hunter2hunter2"}'
        await Journal(database, SystemClock()).put([Delivery("slack", "k", datetime.now(UTC), body)])
        database.close()

    anyio.run(accept)
    with running(tmp_path, TRIAGED_SLACK_SIGNING_SECRET="") as daemon:  # no source of that name: it dies
        until(lambda: health(daemon)["dead_letters"] == 1)
        assert daemon.stop() == 0
    data = kept(tmp_path)
    assert b'"password": "[redacted:password-1]"' in data
    assert [secret for secret in (b"hunter2hunter2", b"ann.lee") if secret in data + said(tmp_path)] == []


# ------------------------------------------------------------------ public repositories

CONTEXT = "GET http://10.20.30.40/v1/orders?customer=4711&page=2 failed, from 198.51.100.7"


def test_in_a_private_repository_an_issue_holds_what_the_error_happened_with(tmp_path):
    world = World(tmp_path)
    with world.daemon() as daemon:
        assert daemon.tell("sentry", told("Refused", CONTEXT)) == 202
        (issue,) = world.issues(1)
        assert "GET http://10.20.30.40/v1/orders?customer=4711&page=2 failed, from [redacted:ip-1]" in issue.body


def test_in_a_public_repository_it_holds_no_address_and_no_query_string(tmp_path):
    world = World(tmp_path, private=False)
    with world.daemon() as daemon:
        assert daemon.tell("sentry", told("Refused", CONTEXT)) == 202
        (issue,) = world.issues(1)
        # the address that was redacted before keeps its mark, and the new one has another
        assert "GET http://[redacted:ip-2]/v1/orders?[redacted:query-1] failed, from [redacted:ip-1]" in issue.body
        assert "10.20.30.40" not in issue.title + issue.body
        known = until(lambda: next((line for line in daemon.log() if line["message"].startswith("who can read")), None))
        assert (known["repository"], known["public"]) == ("acme/shop", True)


def test_what_was_planned_for_a_private_repository_that_turns_public_is_rendered_anew_before_it_is_sent(tmp_path):
    world = World(tmp_path)
    with world.daemon(TRIAGED_DRY_RUN="true") as daemon:
        assert daemon.tell("sentry", told("Refused", CONTEXT)) == 202
        until(lambda: health(daemon)["intents"].get("planned") == 1)
        assert daemon.stop() == 0
    assert b"10.20.30.40" in kept(tmp_path)
    world.shop.private = False
    with world.daemon() as daemon:
        (issue,) = world.issues(1)
        assert "10.20.30.40" not in issue.title + issue.body
        assert daemon.stop() == 0
    assert [heard for heard in world.github.heard if b"10.20.30.40" in heard] == []


class Shop(Sink):
    """A sink in which a repository may turn public, and which may not answer."""

    name = "shop"

    def __init__(self):
        self.is_public = False
        self.away = False
        self.looks = 0

    async def public(self, repository):
        self.looks += 1
        if self.away:
            raise Unavailable("it is away")
        return self.is_public


@pytest.mark.anyio
async def test_it_is_asked_once_a_day_who_can_read_a_repository():
    clock, shop = TurnedClock(), Shop()
    visibility = Visibility({"shop": shop}, clock)
    assert visibility.strict("acme/shop")  # it is not known yet
    assert [await visibility.known("acme/shop") for _ in range(3)] == [False] * 3
    shop.is_public = True
    clock.turn(timedelta(hours=23).total_seconds())
    assert (await visibility.known("acme/shop"), shop.looks) == (False, 1)
    clock.turn(timedelta(hours=1).total_seconds())
    assert (await visibility.known("Acme/Shop"), shop.looks) == (True, 2)


@pytest.mark.anyio
async def test_where_it_cannot_be_told_who_can_read_a_repository_it_counts_as_public():
    clock, shop = TurnedClock(), Shop()
    shop.away = True
    visibility = Visibility({"shop": shop}, clock)
    assert await visibility.known("acme/shop")
    shop.away = False
    assert await visibility.known("acme/shop")  # not asked at once again
    clock.turn(60)
    assert not await visibility.known("acme/shop")
    shop.away = True
    clock.turn(timedelta(days=1).total_seconds())
    assert not await visibility.known("acme/shop")  # what was known yesterday holds
