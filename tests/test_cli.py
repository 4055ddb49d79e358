"""The commands, as people type them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from running import running
from world import repository

TOP = Path(__file__).parent.parent
TRACE = """2026-03-04 12:00:01 ERROR checkout failed
Traceback (most recent call last):
  File "/srv/shop/cart.py", line 2, in total
    return PRICES[item]
KeyError: 'scone'
"""


def triaged(*words, cwd, given=None, **settings):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    environment = {**kept, "PYTHONPATH": str(TOP / "daemon"), **settings}
    return subprocess.run(
        [sys.executable, "-m", "triaged", *words], cwd=cwd, env=environment, input=given, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    repository(folder, {"cart.py": "def total(item):\n    return PRICES[item]\n"})
    return folder


def test_help_names_every_command_and_teaches_each(tmp_path):
    said = triaged("--help", cwd=tmp_path).stdout
    for command in ("run", "demo", "check", "explain", "replay", "dead", "send", "example", "health"):
        assert command in said
        assert len(triaged(command, "--help", cwd=tmp_path).stdout) > 200


@pytest.mark.parametrize(
    "words", [(), ("rum",), ("send",), ("run", "--port", "1"), ("example", "nothing"), ("send", "nothing"), ("explain", "/nowhere")]
)
def test_wrong_use_is_exit_code_2_and_says_what_would_be_right(tmp_path, words):
    done = triaged(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_explain_shows_each_step_with_its_reason_and_the_text_that_would_be_filed(tmp_path, shop):
    (tmp_path / "app.log").write_text(TRACE)
    said = triaged("explain", str(tmp_path / "app.log"), cwd=shop).stdout
    for step in ("normalize", "fingerprint", "group", "locate", "suggest", "score", "route", "decide"):
        assert f"\n{step} " in "\n" + said
    assert "cart.py:2 (confirmed)" in said
    assert "+0.80 code and stack trace" in said
    assert "[Auto] Error: KeyError: 'scone'" in said
    assert not (shop / ".triaged").exists()


def test_explain_as_json_is_one_object_for_programs(tmp_path, shop):
    answer = json.loads(triaged("explain", "-", "--json", cwd=shop, given=TRACE).stdout)
    (event,) = answer["events"]
    assert (event["type"], event["message"], event["language"], event["category"]) == ("KeyError", "'scone'", "python", "missing key")
    assert event["culprit"] == {"file": "/srv/shop/cart.py", "line": 2, "function": "total"}
    assert answer["action"] == "issue"
    assert answer["confidence"] >= 0.8
    assert answer["group"] == event["fingerprint"]


def test_replay_answers_line_by_line_and_groups_from_empty_memory(tmp_path):
    lines = [
        json.dumps({"id": f"c{number}", "source": "text", "stream": "s", "at": "2026-03-04T07:00:00Z", "text": TRACE})
        for number in range(3)
    ]
    lines.append(json.dumps({"id": "quiet", "source": "text", "stream": "s", "at": "2026-03-04T07:01:00Z", "text": "INFO all is well"}))
    done = triaged("replay", "-", "--json", cwd=tmp_path, given="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(answer["id"], answer["action"], len(answer["events"])) for answer in answers] == [
        ("c0", "issue", 1),
        ("c1", "count", 1),
        ("c2", "count", 1),
        ("quiet", "none", 0),
    ]
    assert len({answer["group"] for answer in answers[:3]}) == 1


def test_replay_goes_on_after_a_line_that_is_no_delivery_and_says_which(tmp_path):
    given = 'nonsense\n{"id": "a", "source": "text", "text": "INFO x"}\n{"id": "b", "source": "sentry", "body": "[]"}\n'
    done = triaged("replay", "-", "--json", cwd=tmp_path, given=given)
    assert done.returncode == 1
    assert "-:1: " in done.stderr
    assert [json.loads(line)["action"] for line in done.stdout.splitlines()] == ["none", "reject"]


def test_check_says_that_all_is_well_and_what_is_on(tmp_path):
    done = triaged("check", cwd=tmp_path, TRIAGED_SENTRY_CLIENT_SECRET="s3cret-value")
    assert done.returncode == 0, done.stdout
    assert "source sentry: on" in done.stdout
    assert "source slack: off, needs TRIAGED_SLACK_SIGNING_SECRET" in done.stdout


def test_check_finds_every_mistake_with_its_place(tmp_path):
    rules, templates = tmp_path / "rules", tmp_path / "templates"
    rules.mkdir()
    templates.mkdir()
    (rules / "routing.yaml").write_text(
        'routes:\n  - name: a\n    match: {servce: web}\n  - name: b\n    match: {message: {regex: "(?=x)"}}\n'
    )
    done = triaged("check", cwd=tmp_path, TRIAGED_RULES_DIR=str(rules))
    assert done.returncode == 1
    assert "routing.yaml:3:13" in done.stdout
    assert "`service`" in done.stdout
    assert "routing.yaml:5:" in done.stdout
    (rules / "routing.yaml").unlink()
    (templates / "issue.md.j2").write_text("\n{{ evnt.kind }}\n")
    done = triaged("check", cwd=tmp_path, TRIAGED_TEMPLATES_DIR=str(templates))
    assert done.returncode == 1
    assert "issue.md.j2:2" in done.stdout
    assert "evnt" in done.stdout


def test_check_annotates_a_pull_request_with_what_actions_reads_back(tmp_path):
    rules = tmp_path / "rules,all"
    rules.mkdir()
    (rules / "routing.yaml").write_text('routes:\n  - name: half\n    match: {message: {regex: "(50%"}}\n', encoding="utf-8")
    done = triaged("check", "--format", "github", cwd=tmp_path, TRIAGED_RULES_DIR=str(rules))
    annotation, count = done.stdout.splitlines()
    assert annotation.startswith("::error file=rules%2Call/routing.yaml,line=3,col=23,title=triaged check::not a pattern")
    assert "missing ): (50%25; close the parenthesis" in annotation
    assert (count, done.returncode) == ("1 mistake", 1)


def test_example_prints_blocks_to_start_from(tmp_path):
    names = triaged("example", cwd=tmp_path).stdout.split()
    assert {"sentry", "slack", "file", "local", "routing", "confidence"} <= set(names)
    assert "TRIAGED_SLACK_SIGNING_SECRET=" in triaged("example", "slack", cwd=tmp_path).stdout
    for name in names:
        assert triaged("example", name, cwd=tmp_path).stdout.strip(), name


def test_send_and_health_reach_the_running_daemon(tmp_path):
    with running(tmp_path) as daemon:
        port = {"TRIAGED_PORT": daemon.address.rpartition(":")[2]}
        done = triaged("health", cwd=tmp_path, **port)
        assert (done.returncode, done.stdout[:3]) == (0, "ok:")
        done = triaged("send", "sentry", cwd=tmp_path, TRIAGED_SENTRY_CLIENT_SECRET="sentry-client-secret", **port)
        assert (done.returncode, done.stdout) == (0, "202 accepted\n")
        done = triaged("send", "sentry", cwd=tmp_path, TRIAGED_SENTRY_CLIENT_SECRET="another", **port)
        assert done.returncode == 1
        assert done.stdout.startswith("401")
        assert "FireDrill" in daemon.tickets(1)[0]
    assert triaged("health", cwd=tmp_path, **port).returncode == 1


def test_the_demo_comes_true(tmp_path):
    done = triaged("demo", "--once", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Three errors, five deliveries, three tickets" in done.stdout
    assert "Occurrences: 3" in done.stdout
    assert "shop/prices.py:7" in done.stdout


def test_a_scan_files_what_the_logs_hold_and_exits_and_a_second_one_files_nothing_more(tmp_path, shop):
    log = tmp_path / "shop.log"
    log.write_text(TRACE + "2026-03-04 12:00:02 INFO next\n")
    settings = {"TRIAGED_LOG_FILES": str(log), "TRIAGED_DATA_DIR": str(tmp_path / "data")}
    for _ in range(2):
        done = triaged("scan", cwd=shop, **settings)
        assert done.returncode == 0, done.stderr
        (ticket,) = (tmp_path / "data" / "tickets").glob("0*.md")
        assert "cart.py:2" in ticket.read_text()
        assert "Occurrences: 1\n" in ticket.read_text()
    assert "file: 0 errors" in done.stderr
    assert triaged("scan", "--since", "soon", cwd=shop, **settings).returncode == 2
