"""`triaged dead`, as people type it: beside a running daemon and without one."""

import json
import os
import sqlite3
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from models.github import GitHub, GitRepo, Lag, Person, served
from running import running, until
from serving import serving
from triaged import demo
from triaged.channels.journal import Journal
from triaged.clients.clock import SystemClock
from triaged.clients.sqlite import Database
from triaged.core.model import Delivery

TOP = Path(__file__).parent.parent
TRACE = """Traceback (most recent call last):
  File "/srv/shop/cart.py", line 2, in total
    return PRICES[item]
KeyError: '{}'
"""


def dead(folder, *words, given=None, command="dead"):
    """Exit code, output and what it complains of."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    environment = {**kept, "PYTHONPATH": str(TOP / "daemon"), "TRIAGED_DATA_DIR": str(folder / "data")}
    line = [sys.executable, "-m", "triaged", command, *words]
    done = subprocess.run(line, cwd=folder, env=environment, input=given, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def accepted(folder, *bodies, dead=False):
    """What a daemon took, or could not process, before it was stopped."""
    (folder / "data").mkdir(exist_ok=True)

    async def put():
        database = Database(folder / "data" / "triaged.db")
        channel = Journal(database, SystemClock())
        await channel.put([Delivery("file", f"k{number}", datetime.now(UTC), body.encode()) for number, body in enumerate(bodies)])
        for delivery in await channel.take(64) if dead else ():
            await channel.bury(delivery, "it was too odd")
        database.close()

    anyio.run(put)


def died(folder, *bodies):
    """Of a daemon for which their source is off."""
    accepted(folder, *bodies)
    with running(folder) as daemon:
        until(lambda: health(daemon)["dead_letters"] == len(bodies), daemon.child)
        assert health(daemon)["status"] == "degraded"
        assert f"triaged_dead_letters {len(bodies)}.0" in asked(daemon, "/metrics")
        assert daemon.stop() == 0


def asked(daemon, path):
    with urllib.request.urlopen(daemon.address + path, timeout=5) as answer:
        return answer.read().decode()


def health(daemon):
    return json.loads(asked(daemon, "/health"))


def test_a_dead_letter_is_tried_again_by_the_daemon_that_runs(tmp_path):
    died(tmp_path, TRACE.format("scone"), TRACE.format("tea"))
    code, said, _ = dead(tmp_path)
    assert code == 0
    assert [line.split("\t")[0] for line in said.splitlines()] == ["d1", "d2"]
    assert "no source is called 'file' now" in said
    with running(tmp_path, TRIAGED_LOG_FILES=str(tmp_path / "app.log")) as daemon:
        assert daemon.address
        assert dead(tmp_path, "retry", "d1", "d2") == (0, "d1 is tried again\nd2 is tried again\n", "")
        assert "cart.py" in daemon.tickets(1, "Occurrences: 2\n")[0]
        assert (health(daemon)["dead_letters"], health(daemon)["pending"], health(daemon)["status"]) == (0, 0, "ok")
    assert dead(tmp_path) == (0, "nothing is dead\n", "")


def test_one_that_is_tried_again_while_no_daemon_runs_is_taken_up_by_the_next(tmp_path):
    accepted(tmp_path, TRACE.format("scone"), dead=True)
    assert dead(tmp_path, "retry", "--all")[0] == 0
    with running(tmp_path, TRIAGED_LOG_FILES=str(tmp_path / "app.log")) as daemon:
        assert "Occurrences: 1\n" in daemon.tickets(1)[0]


def test_what_fails_once_more_is_dead_again_under_its_old_id(tmp_path):
    accepted(tmp_path, TRACE.format("scone"), dead=True)
    with running(tmp_path) as daemon:
        assert daemon.address
        assert dead(tmp_path, "retry", "d1")[0] == 0
        until(lambda: health(daemon)["dead_letters"], daemon.child)
    (told,) = map(json.loads, dead(tmp_path, "--json")[1].splitlines())
    assert (told["id"], told["attempts"], told["source"]) == ("d1", 2, "file")


def test_show_gives_the_redacted_body_and_what_explain_reads(tmp_path):
    died(tmp_path, TRACE.format("scone") + "token ghp_A1b2C3d4E5A1b2C3d4E5A1b2C3d4E5F6g7H8\n\x1b]0;gotcha\x07")
    code, said, _ = dead(tmp_path, "show", "d1")
    assert code == 0
    assert "KeyError: 'scone'" in said
    assert "ghp_" not in said
    assert "\x1b" not in said
    recorded = dead(tmp_path, "show", "d1", "--json")[1]
    assert json.loads(recorded)["reason"] == "no source is called 'file' now"
    assert "cart.py:2 in total" in dead(tmp_path, "-", command="explain", given=recorded)[1]


def test_what_is_dropped_is_gone(tmp_path):
    accepted(tmp_path, "one", "two", dead=True)
    assert dead(tmp_path, "drop", "d1") == (0, "d1 is dropped\n", "")
    assert [json.loads(line)["id"] for line in dead(tmp_path, "list", "--json")[1].splitlines()] == ["d2"]
    assert dead(tmp_path, "drop", "--all")[0] == 0
    assert dead(tmp_path) == (0, "nothing is dead\n", "")


def test_an_id_that_is_not_there_is_exit_code_1_and_the_others_are_done(tmp_path):
    accepted(tmp_path, "one", dead=True)
    code, said, complaint = dead(tmp_path, "drop", "d1", "d7", "i1")
    assert (code, said) == (1, "d1 is dropped\n")
    assert "d7" in complaint
    assert "i1" in complaint


@pytest.mark.parametrize(
    "words", [("retry",), ("show",), ("drop", "7"), ("drop", "d1", "--all"), ("list", "d1"), ("bury", "d1"), ("show", "--all")]
)
def test_wrong_use_is_exit_code_2_and_says_what_would_be_right(tmp_path, words):
    code, _, complaint = dead(tmp_path, *words)
    assert code == 2
    assert complaint
    assert not (tmp_path / "data").exists()


def test_a_database_of_another_version_is_left_alone(tmp_path):
    accepted(tmp_path)
    with sqlite3.connect(tmp_path / "data" / "triaged.db") as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    code, _, complaint = dead(tmp_path)
    assert code == 2
    assert "schema 1" in complaint


def test_a_ticket_that_github_refused_is_filed_when_the_missing_permission_is_given(tmp_path):
    github = GitHub()
    github.lag = Lag.none()
    github.user("triage-bot")
    github.organization("acme", "triage-bot")
    git = GitRepo.create(tmp_path / "shop.git")
    git.write("main", dict(demo.FILES), "A small shop", author=Person("shop", "shop@example.com"), at=datetime.now(UTC))
    shop = github.repository("acme/shop", git, private=True)
    demo.make(tmp_path / "shop")
    event = demo.sentry_event(demo.crash(tmp_path / "shop", "unknown item"), "", datetime.now(UTC))
    token = github.classic_token("triage-bot", "repo").value
    with serving(served(github)) as url:
        settings = {"TRIAGED_GITHUB_API_URL": url, "TRIAGED_GITHUB_TOKEN": token, "TRIAGED_GITHUB_REPOSITORY": "acme/shop"}
        with running(tmp_path, **settings) as daemon:
            daemon.tell("sentry", event)
            until(lambda: health(daemon)["intents"].get("parked"), daemon.child)
            assert "triaged_dead_letters 1.0" in asked(daemon, "/metrics")
            (told,) = map(json.loads, dead(tmp_path, "--json")[1].splitlines())
            assert (told["id"], told["sink"], told["repository"]) == ("i1", "github", "acme/shop")
            assert "issues of acme/shop cannot be listed" in told["reason"]
            assert "KeyError" in dead(tmp_path, "show", "i1")[1]
            shop.roles["triage-bot"] = "write"
            assert dead(tmp_path, "retry", "i1") == (0, "i1 is tried again\n", "")

            def filed():
                github.settle()
                return shop.filed()

            (issue,) = until(filed, daemon.child)
            assert issue.title == "[Auto] Error: KeyError: 'scone'"
            until(lambda: health(daemon)["intents"] == {}, daemon.child)
            assert "triaged_dead_letters 0.0" in asked(daemon, "/metrics")
    assert len(shop.filed()) == 1


def test_a_ticket_that_is_dropped_is_not_filed(tmp_path):
    """A receiver that is not there any more parks what was meant for it."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "receivers.yaml").write_text("receivers:\n  - {name: mirror, type: local, folder: mirror}\n")
    (rules / "routing.yaml").write_text("routes:\n  - {name: all, receivers: [mirror]}\n")
    accepted(tmp_path, TRACE.format("scone"))
    with running(tmp_path, TRIAGED_LOG_FILES=str(tmp_path / "app.log"), TRIAGED_RULES_DIR=str(rules), TRIAGED_DRY_RUN="true") as daemon:
        until(lambda: health(daemon)["intents"] == {"planned": 2}, daemon.child)
        daemon.stop()
    with running(tmp_path) as daemon:
        until(lambda: health(daemon)["intents"] == {"parked": 1}, daemon.child)
        assert "no sink is called 'mirror' now" in dead(tmp_path)[1]
        assert dead(tmp_path, "drop", "--all")[0] == 0
        assert health(daemon)["intents"] == {}
