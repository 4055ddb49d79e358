"""The daemon killed, stopped and starved under load, a little; ``make chaos`` does it for twenty minutes. And whether its checker sees anything."""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from chaos import checker, disk, load, start, storm
from chaos.steps import issues
from models.github import faults
from running import SECRETS, running, until

SENT = [
    "sent a a Broken001",
    "acked a a Broken001",
    "sent b b Broken001",
    "acked b b Broken001",
    "sent c c Broken002",
    "acked c c Broken002",
]


def issue(number, error, count, state="open"):
    return SimpleNamespace(number=number, title=f"[Auto] Error: {error}: order", body=f"Occurrences: {count}\n", state=state)


def test_the_checker_finds_nothing_where_each_error_has_one_issue_with_its_number():
    verdict = checker.check([*SENT, "sent b b Broken001", "acked b b Broken001"], [issue(1, "Broken001", 2), issue(2, "Broken002", 1)])
    assert verdict.wrong == []
    assert (verdict.acked, verdict.events, verdict.errors, verdict.judged) == (3, 3, 2, 2)


def test_the_checker_sees_what_is_lost_what_is_there_twice_and_a_wrong_number():
    lost = checker.check(SENT, [issue(1, "Broken001", 2)])
    assert (lost.lost, lost.wrong) == (1, ["Broken002 was acknowledged 1 times and has no open issue"])
    closed = checker.check(SENT, [issue(1, "Broken001", 2), issue(2, "Broken002", 1, "closed")])
    assert closed.lost == 1
    short = checker.check(SENT, [issue(1, "Broken001", 1), issue(2, "Broken002", 1)])
    assert (short.lost, len(short.wrong)) == (1, 1)
    more = checker.check(SENT, [issue(1, "Broken001", 3), issue(2, "Broken002", 1)])
    assert (more.lost, len(more.wrong)) == (0, 1)
    twice = checker.check(SENT, [issue(1, "Broken001", 2), issue(2, "Broken002", 1), issue(3, "Broken002", 1)])
    assert (twice.duplicates, len(twice.wrong)) == (1, 1)
    foreign = checker.check(SENT, [issue(1, "Broken001", 2), issue(2, "Broken002", 1), issue(3, "Broken009", 1)])
    assert len(foreign.wrong) == 1


def test_killed_under_load_and_while_github_answers_it_loses_nothing_and_files_nothing_twice(tmp_path):
    def harm(github, kill):
        github.on("issues/create", storm.dies(kill, faults.lost()), times=1)

    told = storm.Storm(tmp_path, seed=3, lives=3, errors=1, rate=100, between=(1.0, 1.5), quiet=1, harm=harm, say=lambda text: None)
    outcome = told.run()
    assert (outcome.wrong, outcome.verdict.wrong) == ([], [])
    assert outcome.ended["kill"] + outcome.ended["killed by a fault"] >= 2
    assert outcome.verdict.lost == 0 < outcome.verdict.judged


@contextmanager
def told(folder, port):
    """Sentry, telling of four errors as fast as it can."""
    where = {"url": f"http://127.0.0.1:{port}", "secret": SECRETS["TRIAGED_SENTRY_CLIENT_SECRET"], "log": str(folder / "load.log")}
    command = [sys.executable, "-m", "chaos.load", json.dumps({**where, "seed": 1, "errors": 4, "each": 30, "rate": 1000})]
    child = subprocess.Popen(command, cwd=Path(__file__).parent)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def acked(folder):
    log = folder / "load.log"
    return [line for line in log.read_text().splitlines() if line.startswith("acked")] if log.exists() else []


def test_sigterm_under_load_ends_it_with_0_in_time_and_what_it_accepted_is_counted_after_the_next_start(tmp_path):
    port = storm.free_port()
    with told(tmp_path, port) as child:
        for _ in range(2):
            before = len(acked(tmp_path))
            with running(tmp_path, TRIAGED_PORT=str(port)) as daemon:
                until(lambda before=before: len(acked(tmp_path)) > before + 50, daemon.child)
                began = time.monotonic()
                assert daemon.stop() == 0
                assert time.monotonic() - began < 10
        with running(tmp_path, TRIAGED_PORT=str(port)) as daemon:
            child.terminate()
            assert child.wait(20) == 0
            until(lambda: not checker.check(acked(tmp_path), issues(tmp_path / "data")).wrong, daemon.child)


def test_sigterm_while_it_starts_ends_it_with_0(tmp_path):
    with running(tmp_path) as daemon:
        until(lambda: b"run" in Path(f"/proc/{daemon.child.pid}/cmdline").read_bytes() and caught(daemon.child.pid, signal.SIGTERM))
        assert daemon.stop() == 0
        assert all(line["level"] == "info" for line in daemon.log())


def caught(process, which):
    """Whether a process handles that signal itself. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html"""
    (mask,) = (line.split()[1] for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("SigCgt"))
    return int(mask, 16) >> (which - 1) & 1


def test_a_disk_without_room_costs_503s_and_nothing_that_was_accepted(tmp_path):
    found = disk.full(tmp_path, disk.limited(tmp_path), rounds=2)
    assert found.refused >= 8
    assert found.verdict.wrong == []


def test_it_is_not_ready_while_the_disk_has_no_room(tmp_path):
    limit = disk.limited(tmp_path)
    with running(tmp_path) as daemon:
        sender = load.Sender(daemon.address, SECRETS["TRIAGED_SENTRY_CLIENT_SECRET"], tmp_path / "load.log")
        assert sender.tell(disk.large(1)) == 202
        assert disk.get(daemon, "/ready") == (200, "")
        limit.fill(daemon)
        assert disk.get(daemon, "/ready") == (503, "10")
        assert disk.get(daemon, "/health") == (200, "")
        limit.free(daemon)
        assert disk.get(daemon, "/ready") == (200, "")
        sender.close()


def test_a_daemon_whose_database_is_deleted_ends_and_says_so(tmp_path):
    with running(tmp_path) as daemon:
        assert disk.get(daemon, "/ready") == (200, "")
        (tmp_path / "data" / "triaged.db").unlink()
        assert disk.get(daemon, "/ready") == (503, "10")
        assert daemon.child.wait(5) == 1
        assert "was deleted or replaced" in daemon.log()[-1]["reason"]


def test_it_is_ready_again_with_a_journal_full_of_what_waits_and_works_it_off(tmp_path):
    found = start.again(tmp_path, rows=2_000, seconds=0.2)
    assert max(found.ready, found.killed_ready) < 10  # on a machine as busy as it may be; `make chaos` measures a million rows
    assert found.drained > 0
