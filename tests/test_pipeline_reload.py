"""Rules and templates that are edited while the daemon runs."""

import json
import os
import signal
import time
import urllib.request
from datetime import UTC, datetime

import pytest

from running import running, until
from triaged import demo
from triaged.pipeline.reload import signature

RULES = "confidence:\n  - {{name: {name}, set: {points}}}\n"
ERROR = 'Traceback (most recent call last):\n  File "/srv/shop/cart.py", line 7, in {0}\n    x()\n{0}Error: no stock'


def asked(daemon, path):
    with urllib.request.urlopen(daemon.address + path, timeout=5) as answer:
        return answer.read().decode()


def rules_of(daemon):
    return json.loads(asked(daemon, "/health"))["rules"]


def tell(daemon, name):
    daemon.tell("slack", demo.slack_alert(f"```{ERROR.format(name)}```", datetime.now(UTC)))


def replaced(path, text):
    """As editors and configuration management do it."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


@pytest.fixture
def rules(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "confidence.yaml").write_text(RULES.format(name="first", points=0.1))
    return folder


def taken(daemon, number):
    until(lambda: f'triaged_rules_reloads_total{{result="taken"}} {number}.0' in asked(daemon, "/metrics"), daemon.child)


def test_new_rules_hold_from_the_next_error_on_and_wrong_ones_are_refused_as_a_whole(tmp_path, rules):
    with running(tmp_path, TRIAGED_RULES_DIR=str(rules)) as daemon:
        tell(daemon, "Apple")
        daemon.tickets(1, "0.10 first")
        replaced(rules / "confidence.yaml", RULES.format(name="second", points=0.2))
        taken(daemon, 1)
        tell(daemon, "Banana")
        daemon.tickets(2, "0.20 second")
        (rules / "routing.yaml").write_text("routes:\n  - {name: all, labels: [x]}\n")
        replaced(rules / "confidence.yaml", "confidence:\n  - {name: third, sat: 0.3}\n")
        until(lambda: "triaged_rules_refused 1.0" in asked(daemon, "/metrics"), daemon.child)
        assert "confidence.yaml:2:19: no key is called `sat` here; did you mean `set`?" in rules_of(daemon)["reason"]
        assert json.loads(asked(daemon, "/health"))["status"] == "degraded"
        tell(daemon, "Cherry")
        daemon.tickets(3)
        assert "0.20 second" in next(text for text in daemon.tickets(3) if "CherryError" in text)
        replaced(rules / "confidence.yaml", RULES.format(name="fourth", points=0.4))
        taken(daemon, 2)
        assert rules_of(daemon) == {"degraded": False, "reason": ""}
        assert "triaged_rules_refused 0.0" in asked(daemon, "/metrics")


def test_a_set_whose_cases_do_not_come_out_is_refused(tmp_path, rules):
    with running(tmp_path, TRIAGED_RULES_DIR=str(rules)) as daemon:
        assert rules_of(daemon) == {"degraded": False, "reason": ""}
        replaced(rules / "confidence.yaml", RULES.format(name="second", points=0.2) + "cases:\n  - {facts: {}, confidence: 0.9}\n")
        until(lambda: rules_of(daemon)["degraded"], daemon.child)
        assert "the score of this case is 0.2" in rules_of(daemon)["reason"]


def test_a_folder_that_is_swapped_behind_a_symlink_is_seen_as_kubernetes_does_it(tmp_path):
    for number in (1, 2):
        (tmp_path / f"..{number}").mkdir()
        (tmp_path / f"..{number}" / "confidence.yaml").write_text(RULES.format(name=f"of {number}", points=number / 10))
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "..data").symlink_to(tmp_path / "..1")
    (mounted / "confidence.yaml").symlink_to("..data/confidence.yaml")
    with running(tmp_path, TRIAGED_RULES_DIR=str(mounted)) as daemon:
        tell(daemon, "Apple")
        daemon.tickets(1, "0.10 of 1")
        (mounted / "..next").symlink_to(tmp_path / "..2")
        (mounted / "..next").replace(mounted / "..data")
        taken(daemon, 1)
        tell(daemon, "Banana")
        daemon.tickets(2, "0.20 of 2")


def test_a_template_is_taken_with_the_rules_and_a_broken_one_is_not(tmp_path):
    templates = tmp_path / "templates"
    templates.mkdir()
    with running(tmp_path, TRIAGED_TEMPLATES_DIR=str(templates)) as daemon:
        assert rules_of(daemon)["reason"] == ""
        (templates / "issue.md.j2").write_text("Ours: {{ evnt.kind }}")
        until(lambda: rules_of(daemon)["degraded"], daemon.child)
        assert "issue.md.j2:1:1: 'evnt' is undefined" in rules_of(daemon)["reason"]
        tell(daemon, "Apple")
        daemon.tickets(1, "### Stack trace")
        replaced(templates / "issue.md.j2", "Ours: {{ event.kind }}\n\nOccurrences: {{ tally.count | count }}\n")
        taken(daemon, 1)
        tell(daemon, "Banana")
        daemon.tickets(2, "Ours: BananaError")


def test_sighup_reads_them_anew(tmp_path, rules):
    with running(tmp_path, TRIAGED_RULES_DIR=str(rules)) as daemon:
        assert rules_of(daemon)["reason"] == ""
        daemon.child.send_signal(signal.SIGHUP)
        taken(daemon, 1)


def test_a_receiver_that_is_written_down_while_it_runs_gets_reports(tmp_path, rules):
    with running(tmp_path, TRIAGED_RULES_DIR=str(rules)) as daemon:
        assert rules_of(daemon)["reason"] == ""
        (rules / "receivers.yaml").write_text(f"receivers:\n  - {{name: mirror, type: local, folder: {tmp_path}/mirror}}\n")
        (rules / "routing.yaml").write_text("routes:\n  - {name: all, receivers: [mirror]}\n")
        taken(daemon, 1)
        tell(daemon, "Apple")
        until(lambda: list((tmp_path / "mirror").glob("0*.md")), daemon.child)


def test_what_lies_in_a_folder_changes_with_a_file_and_with_what_a_link_leads_to(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.yaml").write_text("1")
    empty, before = signature([]), signature([tmp_path / "a"])
    assert empty == frozenset()
    time.sleep(0.01)
    (tmp_path / "a" / "x.yaml").write_text("2")
    assert signature([tmp_path / "a"]) != before
    (tmp_path / "far").mkdir()
    os.symlink(tmp_path / "far", tmp_path / "a" / "fixes")
    before = signature([tmp_path / "a"])
    (tmp_path / "far" / "y.yaml").write_text("1")
    assert signature([tmp_path / "a"]) != before
    assert signature([tmp_path / "nowhere"]) == frozenset()
