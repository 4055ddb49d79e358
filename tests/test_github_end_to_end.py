"""From a delivery to an issue on GitHub: the daemon as a child process, the models of GitHub and CloudWatch over real sockets."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from models.cloudwatch import CloudWatch
from models.cloudwatch import served as logs_served
from models.github import GitHub, GitRepo, Lag, Person, faults, served
from running import running, until
from serving import serving
from triaged import demo

SHOP = Person("shop", "shop@example.com")


def now():
    return datetime.now(UTC)


class World:
    def __init__(self, folder):
        self.folder = folder
        self.github = GitHub()
        self.github.lag = Lag.none()
        self.github.user("triage-bot")
        self.github.user("ann")
        self.github.organization("acme", "triage-bot")
        self.git = GitRepo.create(folder / "shop.git")
        self.sha = self.git.write("main", dict(demo.FILES), "A small shop", author=SHOP, at=now())
        self.git.set_ref("refs/tags/v1.0", self.sha)
        later = {**demo.FILES, "shop/prices.py": "# another first line\n" + demo.FILES["shop/prices.py"]}
        self.git.write("main", later, "later", author=SHOP, at=now())
        self.shop = self.github.repository("acme/shop", self.git, roles={"triage-bot": "write"})
        self.token = self.github.classic_token("triage-bot", "repo").value
        checkout = folder / "shop"
        demo.make(checkout)
        self.crash = demo.crash(checkout, "unknown item")
        self.other = demo.crash(checkout, "empty cart")

    @contextmanager
    def daemon(self, url, **settings):
        given = {
            "TRIAGED_GITHUB_API_URL": url,
            "TRIAGED_GITHUB_TOKEN": self.token,
            "TRIAGED_GITHUB_REPOSITORY": "acme/shop",
            "TRIAGED_QUIET_SECONDS": "1",
            **settings,
        }
        with running(self.folder, **given) as daemon:
            yield daemon

    def issues(self, number=1, holding=""):
        def look():
            self.github.settle()
            found = self.shop.filed()
            return found if len(found) >= number and any(holding in (issue.body or "") for issue in found) else None

        return until(look)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def permalink(world, issue):
    start = issue.body.index(f"{world.github.web}/acme/shop/blob/")
    return issue.body[start:].partition(")")[0]


def test_one_error_from_three_sources_becomes_one_issue_whose_permalink_shows_the_line_that_ran(world):
    log = world.folder / "shop.log"
    log.touch()
    with serving(served(world.github)) as url, world.daemon(url, TRIAGED_LOG_FILES=str(log)) as daemon:
        assert daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now())) == 202
        assert daemon.tell("slack", demo.slack_alert(f"```{world.crash.text}```", now())) == 202
        with log.open("a") as lines:
            lines.write(f"12:00:01 INFO order 4711\n{world.crash.text}\n12:00:02 INFO order 4712\n")
        (issue,) = world.issues(1, "Occurrences: 3\n")
        assert issue.title == "[Auto] Error: KeyError: 'scone'"
        assert issue.author == "triage-bot"
        assert issue.labels == ("triaged",)
        link = permalink(world, issue)
        assert f"/blob/{world.sha}/shop/prices.py#L7" in link
        assert world.github.line(link).strip() == "return PRICES[item]"
        assert daemon.stop() == 0
    assert world.github.violations == []


GROUP = "/ecs/shop"


@contextmanager
def watching(world, url, **settings):
    """A daemon that also follows a log group."""
    logs = CloudWatch(now)
    logs.group(GROUP)
    aws = {"AWS_REGION": logs.region, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with (
        serving(logs_served(logs)) as endpoint,
        world.daemon(
            url, TRIAGED_LOG_GROUPS=GROUP, TRIAGED_SCAN_INTERVAL_SECONDS="0.5", AWS_ENDPOINT_URL=endpoint, **aws, **settings
        ) as daemon,
    ):
        yield daemon, logs


def test_an_error_in_a_log_group_becomes_one_issue_and_ordinary_lines_become_none(world):
    with serving(served(world.github)) as url, watching(world, url) as (daemon, logs):
        for number in range(3):
            logs.say(GROUP, "web/1", f"INFO order {number} is paid", world.crash.text, f"INFO order {number + 10} is paid")
        (issue,) = world.issues(1, "Occurrences: 3\n")
        assert issue.title == "[Auto] Error: KeyError: 'scone'"
        link = permalink(world, issue)
        assert link.endswith("/shop/prices.py#L8")  # no release: the newest of the default branch, where the line has moved down by one
        assert world.github.line(link).strip() == "return PRICES[item]"
        assert daemon.stop() == 0
    assert world.github.violations == []


def test_one_error_told_by_sentry_slack_and_cloudwatch_is_one_issue_that_counts_three(world):
    with serving(served(world.github)) as url, watching(world, url) as (daemon, logs):
        logs.say(GROUP, "web/1", "INFO order 4711", world.crash.text)
        assert daemon.tell("slack", demo.slack_alert(f"```{world.crash.text}```", now())) == 202
        assert daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now())) == 202
        (issue,) = world.issues(1, "Occurrences: 3\n")
        assert "cloudwatch" in issue.body
        until(lambda: "triaged_journal_pending 0.0" in metrics(daemon))
        assert daemon.stop() == 0
        assert len(world.shop.filed()) == 1
    assert world.github.violations == []


def test_a_new_error_costs_few_requests_and_a_known_one_none(world):
    with serving(served(world.github)) as url, world.daemon(url, TRIAGED_UPDATE_INTERVAL_SECONDS="300") as daemon:
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        until(lambda: [line for line in daemon.log() if line.get("state") == "done"], daemon.child)
        before = len(world.github.log)
        for number in range(20):
            daemon.tell("slack", demo.slack_alert(f"{number}```{world.other.text}```", now()))
        world.issues(2)
        until(lambda: "triaged_journal_pending 0.0" in metrics(daemon))
        asked = [entry for entry in world.github.log[before:] if entry.status != 304]
        assert sum(entry.method == "POST" for entry in asked) == 1
        assert len(asked) <= 6  # the listing before the creation, the release's commit, a blob, the issue


def metrics(daemon):
    import urllib.request

    with urllib.request.urlopen(daemon.address + "/metrics", timeout=5) as answer:
        return answer.read().decode()


LOST = {"lost": faults.lost(), "502": faults.error(502, applied=True), "truncated": faults.truncated(), "html": faults.html(200)}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
def test_an_answer_that_is_lost_makes_no_second_issue(world, fault):
    world.github.faults.on("issues/create", fault)
    with serving(served(world.github)) as url, world.daemon(url) as daemon:
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        daemon.tell("sentry", demo.sentry_event(world.other, "1.0", now()))
        until(lambda: [line for line in daemon.log() if line.get("state") == "done"][1:], daemon.child)
        assert len(world.issues(2)) == 2


def test_a_request_that_never_arrived_is_sent_again_once_two_listings_lack_it(world):
    world.github.faults.on("issues/create", faults.dropped())
    with serving(served(world.github)) as url, world.daemon(url, TRIAGED_QUIET_SECONDS="0") as daemon:
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        until(lambda: [line for line in daemon.log() if line.get("state") == "unknown"], daemon.child)
        assert world.shop.filed() == []


def test_a_limit_is_obeyed_to_the_second(world):
    world.github.faults.on("issues/create", faults.secondary(403, retry_after=2))
    with serving(served(world.github)) as url, world.daemon(url) as daemon:
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        assert len(world.issues(1)) == 1
    assert world.github.violations == []


def test_what_github_refuses_is_left_out_and_said(world):
    rules = world.folder / "rules"
    rules.mkdir()
    (rules / "routing.yaml").write_text(f"routes:\n  - {{name: all, labels: [{'x' * 60}]}}\n")
    with serving(served(world.github)) as url, world.daemon(url, TRIAGED_RULES_DIR=str(rules)) as daemon:
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        (issue,) = world.issues(1)
        assert issue.labels == ("triaged",)
        assert "Left out, for GitHub did not take it: labels: " in issue.body


def test_what_another_instance_filed_is_adopted_and_not_filed_again(world):
    with serving(served(world.github)) as url:
        with world.daemon(url) as daemon:
            daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
            world.issues(1)
        with world.daemon(url, TRIAGED_DATA_DIR=str(world.folder / "elsewhere")) as daemon:
            daemon.tell("slack", demo.slack_alert(f"```{world.crash.text}```", now()))
            until(lambda: [line for line in daemon.log() if line.get("state") == "done"], daemon.child)
            assert len(world.shop.filed()) == 1


def test_an_instance_that_has_seen_less_does_not_lower_the_numbers(world):
    with serving(served(world.github)) as url:
        with world.daemon(url) as daemon:
            for number in range(5):
                daemon.tell("slack", demo.slack_alert(f"{number}```{world.crash.text}```", now()))
            world.issues(1, "Occurrences: 5\n")
        with world.daemon(url, TRIAGED_DATA_DIR=str(world.folder / "elsewhere")) as daemon:
            daemon.tell("slack", demo.slack_alert(f"```{world.crash.text}```", now()))
            until(lambda: any(entry.method == "GET" and entry.route.endswith("{issue_number}") for entry in world.github.log[-3:]))
            assert "Occurrences: 5\n" in world.shop.filed()[0].body


def test_what_a_person_wrote_into_the_issue_stays(world):
    with serving(served(world.github)) as url, world.daemon(url) as daemon:
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        (issue,) = world.issues(1, "Occurrences: 1\n")
        world.github.change_issue(world.shop, issue.number, by="ann", body="It is the new menu.\n\n" + issue.body + "\n\nann looks at it")
        daemon.tell("slack", demo.slack_alert(f"```{world.crash.text}```", now()))
        (issue,) = world.issues(1, "Occurrences: 2\n")
        assert issue.body.startswith("It is the new menu.\n\n<!-- triaged:v1 ")
        assert issue.body.endswith("<!-- /triaged -->\n\nann looks at it")


def test_an_app_files_issues_as_its_bot(world):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    app = world.github.app("triaged", "acme", public)
    world.github.install(app, "acme")
    settings = {"TRIAGED_GITHUB_TOKEN": "", "TRIAGED_GITHUB_APP_ID": str(app.id), "TRIAGED_GITHUB_APP_PRIVATE_KEY": private}
    with serving(served(world.github)) as url, world.daemon(url, **settings) as daemon:
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        (issue,) = world.issues(1)
        assert issue.author == "triaged[bot]"


def test_the_token_of_github_actions_will_do(world):
    world.token = world.github.actions_token(world.shop).value
    with serving(served(world.github)) as url, world.daemon(url) as daemon:
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        (issue,) = world.issues(1)
        assert issue.author == "github-actions[bot]"


def test_what_we_say_ourselves_comes_back_to_us_and_is_no_error(world):
    """P18: our issue and our comment as GitHub's Slack app posts them, and everything that we log, in a file and in a log group that we follow."""
    log = world.folder / "shop.log"
    log.touch()
    with serving(served(world.github)) as url, watching(world, url, TRIAGED_LOG_FILES=str(log)) as (daemon, logs):
        world.github.faults.on("issues/create", faults.lost())  # so that there are warnings, too
        daemon.tell("sentry", demo.sentry_event(world.crash, "1.0", now()))
        (issue,) = world.issues(1)
        world.github.change_issue(world.shop, issue.number, by="ann", state="closed", state_reason="completed")
        until(lambda: daemon.tell("slack", demo.slack_alert(f"```{world.crash.text}```", now())) and world.shop.comments)
        (comment,) = (one.now.body for one in world.shop.comments.values())
        for text in (f"[Auto] Error: KeyError: 'scone'\n{issue.body}", f"Comment on *#{issue.number} {issue.title}*\n{comment}"):
            assert daemon.tell("slack", demo.slack_alert(text, now())) == 202
        said = log.parent.joinpath(daemon._log.name).read_text()
        assert "Error" in said
        with log.open("a") as lines:
            lines.write(f"{said}\n{world.other.text}\nINFO order 4711\n")
        logs.say(GROUP, "triaged/1", *said.splitlines(), world.other.text)
        world.issues(2, "Occurrences: 2\n")  # what stands behind our own lines has been read, and so they were
        told = [line for line in events(daemon) if 'source="sentry"' not in line and 'source="slack"' not in line]
        assert sorted(told) == [f'triaged_events_total{{category="type",source="{source}"}} 1.0' for source in ("cloudwatch", "file")]
        assert len(world.shop.filed()) == 2


def test_a_storm_makes_a_handful_of_issues_and_one_umbrella_whose_text_names_the_rest(world):
    rules = world.folder / "rules"
    rules.mkdir()
    (rules / "routing.yaml").write_text("limits: {new_issues: 2 per 1h}\n")
    with serving(served(world.github)) as url, world.daemon(url, TRIAGED_RULES_DIR=str(rules)) as daemon:
        for name in ("Apple", "Banana", "Cherry", "Damson", "Elder"):
            text = f'Traceback (most recent call last):\n  File "/srv/shop/cart.py", line 7, in {name}\n    x()\n{name}Error: @everyone | no {name}'
            daemon.tell("slack", demo.slack_alert(f"```{text}```", now()))
        issues = world.issues(3)
        (umbrella,) = (issue for issue in world.issues(3, "DamsonError") if "storm" in issue.title)
        assert (len(issues), umbrella.title) == (3, "[Auto] Error storm: 3 new errors in acme/shop")
        assert "3 new errors in `acme/shop` wait for issues of their own: more than 2 within 60 minutes are not filed." in umbrella.body
        assert [line.split(" | ")[0] for line in umbrella.body.splitlines() if "Error: " in line] == ["| 1"] * 3
        assert "@everyone" not in umbrella.body
        assert '"withheld": 3' in health(daemon)


def health(daemon):
    import urllib.request

    with urllib.request.urlopen(daemon.address + "/health", timeout=5) as answer:
        return answer.read().decode().replace('":', '": ').replace("  ", " ")


def events(daemon):
    return [line for line in metrics(daemon).splitlines() if line.startswith("triaged_events_total")]
