"""From a webhook, an alert and a log line to a ticket, over real sockets, by a real child process."""

import http.client
import json
import signal
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from running import running, until
from triaged import demo


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    demo.make(folder)
    return folder


def now():
    return datetime.now(UTC)


def request(address, path, method="GET", body=None, **headers):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_one_error_told_by_sentry_slack_and_a_log_becomes_one_ticket_with_its_line_at_its_commit(tmp_path, shop):
    sha = demo.git(shop, "rev-parse", "HEAD")
    (shop / "shop" / "prices.py").write_text("# a new first line, not deployed\n" + demo.FILES["shop/prices.py"])
    demo.git(shop, "add", "--all")
    demo.git(shop, "-c", "user.name=s", "-c", "user.email=s@example.com", "commit", "--quiet", "--message", "later")
    demo.git(shop, "checkout", "--quiet", sha)  # the crash is of the code that was deployed
    crash = demo.crash(shop, "unknown item")
    demo.git(shop, "checkout", "--quiet", "main")
    log = tmp_path / "shop.log"
    log.touch()
    with running(tmp_path, TRIAGED_CHECKOUT=str(shop), TRIAGED_LOG_FILES=str(log)) as daemon:
        assert daemon.tell("sentry", demo.sentry_event(crash, sha, now())) == 202
        assert daemon.tell("slack", demo.slack_alert(f"Checkout is failing\n```{crash.text}```", now())) == 202
        with log.open("a") as lines:
            lines.write(f"12:00:00 INFO order 4711\n12:00:01 ERROR checkout failed\n{crash.text}\n12:00:02 INFO order 4712\n")
        (ticket,) = daemon.tickets(1, "Occurrences: 3\n")
        assert "[Auto] Error: KeyError: 'scone'" in ticket.replace("\\", "")
        assert "`shop/prices.py:7`" in ticket
        assert f"at commit `{sha[:12]}`" in ticket
        assert "> 7      return PRICES[item]" in ticket
        assert "sentry 1" in ticket
        assert "slack 1" in ticket
        assert "file 1" in ticket
        assert "Confidence 0.9" in ticket  # code and stack trace, line confirmed, related logs
        assert daemon.stop() == 0


def test_different_errors_become_different_tickets(tmp_path, shop):
    with running(tmp_path, TRIAGED_CHECKOUT=str(shop)) as daemon:
        for name in demo.CALLS:
            assert daemon.tell("sentry", demo.sentry_event(demo.crash(shop, name), "", now())) == 202
        daemon.tell("slack", demo.slack_alert(f"```{demo.BROWSER}```", now()))
        tickets = daemon.tickets(3)
        assert sum("ZeroDivisionError" in ticket for ticket in tickets) == 1
        assert sum("web/src/basket.js:2" in ticket for ticket in tickets) == 1
        index = tmp_path / "data" / "tickets" / "index.md"
        until(lambda: index.read_text().count("](") == 3, daemon.child)
        assert "[\\[Auto\\] Error: " in index.read_text()


def test_a_delivery_that_is_sent_again_and_again_counts_once(tmp_path, shop):
    event = demo.sentry_event(demo.crash(shop, "unknown item"), "", now())
    other = demo.sentry_event(demo.crash(shop, "empty cart"), "", now())
    with running(tmp_path) as daemon:
        assert [daemon.tell("sentry", event) for _ in range(5)] == [202] * 5
        assert daemon.tell("sentry", other) == 202
        first, second = daemon.tickets(2)
        assert "Occurrences: 1\n" in first
        assert "Occurrences: 1\n" in second


def test_what_was_accepted_survives_a_kill_and_becomes_one_ticket(tmp_path, shop):
    crash = demo.crash(shop, "unknown item")
    with running(tmp_path, TRIAGED_CHECKOUT=str(shop)) as daemon:
        for number in range(20):
            alert = demo.slack_alert(f"alert {number}\n```{crash.text}```", now())
            assert daemon.tell("slack", alert) == 202
        daemon.stop(signal.SIGKILL)
    with running(tmp_path, TRIAGED_CHECKOUT=str(shop), TRIAGED_QUIET_SECONDS="0") as daemon:
        daemon.tickets(1, "Occurrences: 20\n")
        assert daemon.stop() == 0


def test_a_message_that_was_told_of_many_before_a_restart_is_known_after_it(tmp_path):
    def say(daemon, name):
        said = f"```2026-03-04 12:00:01 ERROR login of {name} was refused by the directory```"
        assert daemon.tell("slack", demo.slack_alert(said, now())) == 202

    with running(tmp_path) as daemon:
        for number, name in enumerate(("ann", "bob", "cleo", "dan", "eve"), 1):  # five different words may be of the code
            say(daemon, name)
            daemon.tickets(number)
        assert daemon.stop() == 0
    with running(tmp_path) as daemon:
        for number, name in enumerate(("fay", "gus"), 2):  # six are data
            say(daemon, name)
            daemon.tickets(5, f"Occurrences: {number}\n")
        assert len(daemon.tickets(5)) == 5


def test_forged_stale_cut_and_hostile_deliveries_get_their_status_and_file_nothing(tmp_path, shop):
    good = demo.sentry_event(demo.crash(shop, "unknown item"), "", now())
    with running(tmp_path) as daemon:
        forged = {"Sentry-Hook-Signature": "0" * 64, "Sentry-Hook-Resource": "event_alert"}
        assert request(daemon.address, "/webhook/sentry", "POST", good, **forged)[0] == 401
        assert request(daemon.address, "/webhook/sentry", "POST", good)[0] == 401
        assert request(daemon.address, "/webhook/sentry", "POST", good, **{**forged, "Sentry-Hook-Signature": "é" * 64})[0] == 401
        assert daemon.tell("sentry", good[: len(good) // 2]) == 422
        assert daemon.tell("sentry", b"\xff\xfe" * 50) == 422
        assert daemon.tell("sentry", b'{"action": "triggered", "data": {"event": ' + b"[" * 200_000 + b"]" * 200_000 + b"}}") == 422
        assert daemon.tell("sentry", b" " * 4_000_001) == 413
        assert daemon.tell("slack", b"[]") == 422
        alert = demo.slack_alert(f"```{demo.BROWSER}```", now())
        for off in (timedelta(minutes=-6), timedelta(minutes=6)):
            assert daemon.tell("slack", alert, at=now() + off) == 401
        old = demo.sentry_event(demo.crash(shop, "empty cart"), "", now() - timedelta(days=8))
        assert daemon.tell("sentry", old) == 401
        assert request(daemon.address, "/webhook/github", "POST", good)[0] == 404
        status, health = request(daemon.address, "/health")
        assert (status, json.loads(health)["status"]) == (200, "ok")
        assert daemon.tell("sentry", good) == 202
        assert len(daemon.tickets(1)) == 1
        assert daemon.stop() == 0


def test_a_message_that_is_cut_in_the_middle_of_an_emoji_still_becomes_a_ticket(tmp_path):
    event = b'{"action":"triggered","data":{"event":{"event_id":"1","level":"error","exception":{"values":[{"type":"E","value":"cut \\ud83d"}]}}}}'
    with running(tmp_path) as daemon:
        assert daemon.tell("sentry", event) == 202
        (ticket,) = daemon.tickets(1)
        assert "cut" in ticket


def test_slack_hears_its_challenge_and_sentry_its_installation(tmp_path):
    with running(tmp_path) as daemon:
        assert (
            daemon.tell("slack", b'{"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}')
            == 200
        )
        assert (
            daemon.tell(
                "sentry", b'{"action": "created", "data": {"installation": {"uuid": "a8e5d37a"}}, "installation": {"uuid": "a8e5d37a"}}'
            )
            == 202
        )
        assert not (tmp_path / "data" / "tickets").exists()


def test_health_readiness_and_metrics_are_there_to_scrape(tmp_path, shop):
    with running(tmp_path) as daemon:
        daemon.tell("sentry", demo.sentry_event(demo.crash(shop, "unknown item"), "", now()))
        daemon.tickets(1)
        assert request(daemon.address, "/ready")[0] == 200
        health = json.loads(request(daemon.address, "/health")[1])
        assert "synchronous=FULL" in health["durability"]
        assert set(health["sources"]) >= {"sentry", "slack"}
        metrics = until(lambda: text if "triaged_issues_created_total{" in (text := request(daemon.address, "/metrics")[1]) else "")
        assert 'triaged_deliveries_total{result="accepted",source="sentry"} 1.0' in metrics
        assert 'triaged_events_total{category="missing key",source="sentry"} 1.0' in metrics
        assert "triaged_processing_seconds_count 1.0" in metrics
        assert "scone" not in metrics


def test_metrics_and_page_can_have_a_listener_of_their_own(tmp_path):
    with running(tmp_path, TRIAGED_MONITOR_PORT="0") as daemon:
        listens = until(lambda: [line for line in daemon.log() if line["message"] == "triaged listens"], daemon.child)[0]
        assert listens["address"] != listens["monitor"]
        for path in ("/health", "/metrics", "/"):
            assert request(listens["address"], path)[0] == 404
            assert request(listens["monitor"], path)[0] == 200
        assert daemon.tell("slack", b'{"type": "url_verification", "challenge": "c"}') == 200


def test_the_page_is_for_this_machine_or_for_who_has_the_token(tmp_path):
    with running(tmp_path) as daemon:
        assert request(daemon.address, "/")[0] == 200
        assert request(daemon.address, "/", Host="evil.example")[0] == 403
    with running(tmp_path, TRIAGED_ADMIN_TOKEN="old-token new-token", TRIAGED_DATA_DIR=str(tmp_path / "other")) as daemon:
        assert request(daemon.address, "/")[0] == 401
        assert request(daemon.address, "/", Authorization="Bearer new-token")[0] == 200
        assert request(daemon.address, "/", Authorization="Basic eDpvbGQtdG9rZW4=")[0] == 200  # x:old-token
        assert request(daemon.address, "/", Authorization="Bearer other")[0] == 401
    with running(tmp_path, TRIAGED_HOST="0.0.0.0", TRIAGED_DATA_DIR=str(tmp_path / "third")) as daemon:
        port = urlsplit(daemon.address).port
        assert request(f"http://127.0.0.1:{port}", "/")[0] == 404
        assert request(f"http://127.0.0.1:{port}", "/health")[0] == 200


def test_it_prints_json_lines_and_nothing_else_and_no_secret(tmp_path, shop):
    crash = demo.crash(shop, "unknown item")
    with running(tmp_path, TRIAGED_CHECKOUT=str(shop)) as daemon:
        daemon.tell("sentry", demo.sentry_event(crash, "", now()))
        request(daemon.address, "/webhook/sentry", "POST", b"{}")
        daemon.tickets(1)
        assert daemon.stop() == 0
        lines = daemon.log()
        assert {line["log"] for line in lines} == {"triaged"}
        assert any(line["message"] == "intent" and line["state"] == "done" for line in lines)
        text = json.dumps(lines)
        assert "secret" not in text.replace("TRIAGED_SENTRY_CLIENT_SECRET", "").replace("TRIAGED_SLACK_SIGNING_SECRET", "")
        assert "scone" not in text


def test_sigterm_ends_it_within_seconds_while_deliveries_come_in(tmp_path, shop):
    crash = demo.crash(shop, "unknown item")
    with running(tmp_path, TRIAGED_CHECKOUT=str(shop)) as daemon:
        accepted = 0
        address = daemon.address
        for number in range(50):
            accepted += daemon.tell("slack", demo.slack_alert(f"{number}```{crash.text}```", now())) == 202
        began = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - began < 5
        assert address
    with running(tmp_path, TRIAGED_CHECKOUT=str(shop)) as daemon:
        daemon.tickets(1, f"Occurrences: {accepted}\n")


def test_a_second_daemon_on_the_same_folder_is_refused_with_exit_code_3(tmp_path):
    with running(tmp_path) as first:
        assert first.address
        with running(tmp_path) as second:
            assert second.child.wait(10) == 3
            assert "another triaged holds it" in json.dumps(second.log())


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"TRIAGED_PORT": "ninety"}, "TRIAGED_PORT"),
        ({"TRIAGED_PORT": "70000"}, "TRIAGED_PORT"),
        ({"TRIAGED_CHECKOUT": "/nowhere"}, "TRIAGED_CHECKOUT"),
        ({"TRIAGED_GITHUB_REPOSITORY": "shop"}, "TRIAGED_GITHUB_REPOSITORY"),
        ({"TRIAGED_CONFIG": "/nowhere.yaml"}, "TRIAGED_CONFIG"),
        (
            {"TRIAGED_GITHUB_REPOSITORY": "a/b", "TRIAGED_GITHUB_APP_ID": "1", "TRIAGED_GITHUB_APP_PRIVATE_KEY": "x"},
            "TRIAGED_GITHUB_APP_PRIVATE_KEY",
        ),
        ({"TRIAGED_DATA_DIR": "/proc/nowhere"}, "TRIAGED_DATA_DIR"),
    ],
)
def test_a_wrong_setting_ends_it_with_exit_code_2_and_one_line_that_names_it(tmp_path, settings, says):
    with running(tmp_path, **settings) as daemon:
        assert daemon.child.wait(10) == 2
        last = daemon.log()[-1]
        assert last["level"] == "error"
        assert says in json.dumps(last)


def test_a_scan_is_started_by_who_has_the_admin_token(tmp_path, shop):
    log = tmp_path / "shop.log"
    log.touch()
    settings = {"TRIAGED_LOG_FILES": str(log), "TRIAGED_SCAN_INTERVAL_SECONDS": "600", "TRIAGED_ADMIN_TOKEN": "opens-it"}
    with running(tmp_path, **settings) as daemon:
        assert daemon.address  # it runs, and would look again in ten minutes
        log.write_text(demo.crash(shop, "unknown item").text + "\nINFO next\n")
        assert request(daemon.address, "/trigger-scan", "POST", b"{}")[0] == 401
        assert request(daemon.address, "/trigger-scan", "POST", b"{}", Authorization="Bearer other")[0] == 401
        assert request(daemon.address, "/trigger-scan", "POST", b'{"since": "soon"}', Authorization="Bearer opens-it")[0] == 422
        status, answer = request(daemon.address, "/trigger-scan", "POST", b'{"since": "1h"}', Authorization="Bearer opens-it")
        assert (status, list(json.loads(answer))) == (202, ["id"])
        assert len(daemon.tickets(1)) == 1
    with running(tmp_path, TRIAGED_DATA_DIR=str(tmp_path / "other")) as daemon:
        assert request(daemon.address, "/trigger-scan", "POST", b"{}")[0] == 404
