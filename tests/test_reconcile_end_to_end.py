"""An outage, as an operator has it: the daemon is stopped, errors happen, it is started again. Models of Sentry and Slack over real sockets."""

import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest

from models import sentry as sentry_model
from models import slack as slack_model
from running import running, until
from serving import serving

TRACE = "```Error: boom\n    at total (/app/shop/cart.js:1:7)```"


def now():
    return datetime.now(UTC)


def metrics(daemon):
    with urllib.request.urlopen(daemon.address + "/metrics", timeout=5) as answer:
        return answer.read().decode()


def last_delivery(daemon, source):
    (line,) = [
        line
        for line in metrics(daemon).splitlines()
        if line.startswith(f'triaged_source_last_delivery_timestamp_seconds{{source="{source}"}}')
    ]
    return float(line.split()[1])


def test_what_happened_while_it_was_stopped_is_counted_exactly_once(tmp_path):
    sentry, slack = sentry_model.Sentry(), slack_model.Slack()
    with serving(sentry_model.served(sentry)) as sentry_url, serving(slack_model.served(slack)) as slack_url:
        settings = {
            "TRIAGED_SENTRY_API_URL": sentry_url,
            "TRIAGED_SENTRY_AUTH_TOKEN": sentry_model.TOKEN,
            "TRIAGED_SENTRY_ORGANIZATION": "acme",
            "TRIAGED_SLACK_API_URL": slack_url,
            "TRIAGED_SLACK_BOT_TOKEN": slack_model.TOKEN,
        }
        with running(tmp_path, **settings) as daemon:
            for _ in range(3):
                assert daemon.tell("sentry", sentry.webhook(sentry.happened("1", now()))) == 202
            assert daemon.tell("slack", slack.said("C0ALERTS", now(), TRACE)) == 202
            daemon.tickets(2, "Occurrences: 3\n")
            heard = last_delivery(daemon, "slack")
            address = daemon.address
            daemon.stop()
        for number in range(30):
            sentry.happened("1" if number % 2 else "2", now(), kind="KeyError" if number % 2 else "ValueError")
            slack.said("C0ALERTS", now(), TRACE)
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(address + "/webhook/slack", b"{}", timeout=5)  # what they push now is lost
        for missed in (30, 0):  # a second start finds nothing more
            with running(tmp_path, **settings) as daemon:
                assert closed(daemon) == {"sentry": missed, "slack": missed}
                until(lambda daemon=daemon: occurrences(daemon) == [15, 18, 31], daemon.child)
                assert last_delivery(daemon, "slack") == pytest.approx(heard, abs=1)  # nothing was pushed since
                assert f'triaged_source_missed_total{{source="sentry"}} {missed}.0' in metrics(daemon)
                daemon.stop()


def closed(daemon):
    """How many each source had missed, once both have said it."""
    found = until(lambda: [line for line in daemon.log() if line["message"] == "a gap is closed"][1:] and daemon.log(), daemon.child)
    return {line["source"]: line["missed"] for line in found if line["message"] == "a gap is closed"}


def occurrences(daemon):
    return sorted(int(ticket.partition("Occurrences: ")[2].partition("\n")[0]) for ticket in daemon.tickets(3))
