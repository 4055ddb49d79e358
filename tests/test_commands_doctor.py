"""`triaged doctor`, against a running daemon and what stands around it."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anyio
import pytest

from models import cloudwatch
from models.github import GitHub, GitRepo, Lag, Person, served
from running import SECRETS, running, until
from serving import serving
from triaged.commands import doctor as doctor_command
from triaged.settings import Loaded, Settings

TOP = Path(__file__).parent.parent
AWS = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret"}


def doctor(folder, *words, **settings):
    """Exit code and output, with the settings of the daemon that `running` starts."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    given = {"TRIAGED_DATA_DIR": str(folder / "data"), "TRIAGED_PORT": "0", "PYTHONPATH": str(TOP / "daemon")}
    command = [sys.executable, "-m", "triaged", "doctor", *words]
    done = subprocess.run(command, cwd=folder, env={**kept, **given, **settings}, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    assert not [value for name, value in settings.items() if "TOKEN" in name or "SECRET" in name if value in done.stdout + done.stderr]
    return done.returncode, done.stdout


def looked(folder, **given):
    """The lines of the same command, without the second that a process takes."""
    values = {name.removeprefix("TRIAGED_").lower(): value for name, value in {"TRIAGED_PORT": "0", **given}.items()}
    own = {name: value for name, value in values.items() if name in Settings.model_fields}
    own = {"data_dir": folder / "data", **own, "TRIAGED_GITHUB_REPOSITORY": own.pop("github_repository", "")}
    found = anyio.run(doctor_command.look, Loaded(Settings(**own), values))
    return "\n".join(f"  {line}" for _, line in found)


def lines(said, mark):
    return [line[7:] for line in said.splitlines() if line.startswith(f"  {mark:<4} ")]


@contextmanager
def peer(answers):
    """A server that gives each path its (status, JSON); what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.command, self.path, self.headers.get("Authorization")))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, told = answers.get(self.path, (404, {}))
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def port(url):
    return {"TRIAGED_PORT": url.rpartition(":")[2]}


@pytest.fixture
def github(tmp_path):
    github = GitHub()
    github.lag = Lag.none()
    github.user("triage-bot")
    github.organization("acme", "triage-bot")
    for name in ("shop", "mailer"):
        git = GitRepo.create(tmp_path / f"{name}.git")
        git.write("main", {"shop.py": "1\n"}, "A shop", author=Person("shop", "shop@example.com"), at=datetime.now(UTC))
        github.repository(f"acme/{name}", git, roles={"triage-bot": "write"}, protected={"main"})
    return github


def test_with_nothing_configured_nothing_is_to_be_mended_and_nothing_is_made(tmp_path):
    code, said = doctor(tmp_path)
    assert (code, lines(said, "MEND")) == (0, [])
    assert "it does not run: `triaged run` starts it" in lines(said, "-")
    assert "slack: not configured; needs TRIAGED_SLACK_SIGNING_SECRET" in lines(said, "-")
    assert [section for section in said.splitlines() if section and section[0] != " "][:-1] == [
        "settings",
        "data folder",
        "daemon",
        "GitHub",
        "sources",
    ]
    assert list(tmp_path.iterdir()) == []


def test_where_all_is_well_each_line_says_so_and_no_peer_is_written_to(tmp_path, github):
    logs = cloudwatch.CloudWatch(lambda: datetime.now(UTC))
    logs.group("/ecs/shop")
    (tmp_path / "shop.log").touch()
    sentry_and_slack = {
        "/api/0/organizations/acme/": (200, {"slug": "acme"}),
        "/slack/auth.test": (200, {"ok": True, "user": "triaged", "team": "Acme"}),
    }
    with serving(served(github)) as github_url, serving(cloudwatch.served(logs)) as logs_url, peer(sentry_and_slack) as (api, asked):
        settings = {
            **AWS,
            "AWS_ENDPOINT_URL": logs_url,
            "TRIAGED_GITHUB_API_URL": github_url,
            "TRIAGED_GITHUB_TOKEN": github.classic_token("triage-bot", "repo").value,
            "TRIAGED_GITHUB_REPOSITORY": "acme/shop",
            "TRIAGED_SENTRY_API_URL": api,
            "TRIAGED_SENTRY_ORGANIZATION": "acme",
            "TRIAGED_SENTRY_AUTH_TOKEN": "sentry-auth-token",
            "TRIAGED_SLACK_API_URL": f"{api}/slack",
            "TRIAGED_SLACK_BOT_TOKEN": "xoxb-bot-token",
            "TRIAGED_LOG_GROUPS": "/ecs/shop",
            "TRIAGED_LOG_FILES": str(tmp_path / "*.log"),
            **SECRETS,
        }
        with running(tmp_path, **settings) as daemon:
            code, said = doctor(tmp_path, "--json", **settings, **port(daemon.address))
    told = json.loads(said)
    assert [check for check in told["checks"] if check["state"] not in ("ok", "warn")] == []
    assert (code, told["ok"]) == (0, True)
    whats = {check["what"] for check in told["checks"] if check["state"] == "ok"}
    assert whats >= {
        "rules and templates load, and the rules' cases come out",
        "/webhook/sentry is there, and refuses what is not signed",
        "/webhook/slack is there, and refuses what is not signed",
        "it is the classic token of triage-bot",
        "acme/shop is there",
        "sentry: its token reaches acme",
        "slack: its bot token is that of triaged in Acme",
        "log group /ecs/shop can be read",
        f"{tmp_path}/*.log: 1 file",
    }
    assert {entry.method for entry in github.log} == {"GET"}
    assert {entry.operation for entry in logs.log} == {"FilterLogEvents"}
    assert ("GET", "/api/0/organizations/acme/", "Bearer sentry-auth-token") in asked
    assert ("POST", "/slack/auth.test", "Bearer xoxb-bot-token") in asked


def test_one_check_that_fails_hides_no_other(tmp_path, github):
    logs = cloudwatch.CloudWatch(lambda: datetime.now(UTC))
    logs.group("/ecs/shop")
    logs.group("/ecs/mailer")
    logs.deny("/ecs/shop")
    token = github.classic_token("triage-bot", "repo")
    token.revoked = True
    (tmp_path / "file").touch()
    refusing = {
        "/api/0/organizations/acme/": (401, {}),
        "/auth.test": (200, {"ok": False, "error": "\x1b[31minvalid_auth: xoxb-bot-token"}),
    }
    with serving(served(github)) as github_url, serving(cloudwatch.served(logs)) as logs_url, peer(refusing) as (api, _):
        code, said = doctor(
            tmp_path,
            **AWS,
            AWS_ENDPOINT_URL=logs_url,
            TRIAGED_DATA_DIR=str(tmp_path / "file" / "data"),
            TRIAGED_GITHUB_API_URL=github_url,
            TRIAGED_GITHUB_TOKEN=token.value,
            TRIAGED_GITHUB_REPOSITORY="acme/shop",
            TRIAGED_SENTRY_CLIENT_SECRET="sentry-client-secret",
            TRIAGED_SENTRY_API_URL=api,
            TRIAGED_SENTRY_ORGANIZATION="acme",
            TRIAGED_SENTRY_AUTH_TOKEN="sentry-auth-token",
            TRIAGED_SLACK_SIGNING_SECRET="slack-signing-secret",
            TRIAGED_SLACK_API_URL=api,
            TRIAGED_SLACK_BOT_TOKEN="xoxb-bot-token",
            TRIAGED_LOG_GROUPS="/ecs/shop,/ecs/gone,/ecs/mailer",
        )
    folder, credential, denied, gone, sentry, slack = lines(said, "MEND")
    assert code == 1
    assert folder.startswith(f"{tmp_path}/file cannot be written to")
    assert "it is revoked, expired or mistyped" in credential
    assert "/ecs/shop" in denied
    assert "logs:FilterLogEvents" in denied
    assert "/ecs/gone: there is no such thing" in gone
    assert "TRIAGED_SENTRY_AUTH_TOKEN" in sentry
    assert "invalid_auth: [secret]" in slack
    assert "\x1b" not in said
    assert "log group /ecs/mailer can be read" in lines(said, "ok")
    assert said.endswith("6 to mend, nothing to think about\n")


def test_every_repository_that_routes_name_is_looked_at_with_its_labels(tmp_path, github):
    github.add_label(github.find("acme", "mailer"), "mail")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "routing.yaml").write_text(
        "routes:\n"
        "  - {name: mail, match: {service: mailer}, repository: acme/mailer, labels: [mail]}\n"
        "  - {name: gone, match: {service: gone}, repository: acme/gone}\n"
    )
    with serving(served(github)) as url:
        said = looked(
            tmp_path,
            TRIAGED_RULES_DIR=str(tmp_path / "rules"),
            TRIAGED_GITHUB_API_URL=url,
            TRIAGED_GITHUB_TOKEN=github.classic_token("triage-bot", "repo").value,
            TRIAGED_GITHUB_REPOSITORY="acme/shop",
        )
    assert [line.partition(" ")[0] for line in lines(said, "MEND")] == ["acme/gone"]
    assert "acme/mailer: labels that are there: mail" in lines(said, "ok")
    assert "acme/shop: labels that are made with the first issue: triaged" in lines(said, "ok")


def test_half_a_configuration_of_github_is_to_be_mended(tmp_path):
    assert "set TRIAGED_GITHUB_TOKEN" in lines(looked(tmp_path, TRIAGED_GITHUB_REPOSITORY="acme/shop"), "MEND")[0]
    said = looked(tmp_path, TRIAGED_GITHUB_TOKEN="ghp_0123456789", TRIAGED_GITHUB_API_URL="http://127.0.0.1:9")
    repository, unreachable = lines(said, "MEND")
    assert "set TRIAGED_GITHUB_REPOSITORY" in repository
    assert unreachable.startswith("GitHub cannot be asked: 127.0.0.1:9 cannot be reached")


def test_a_mistake_in_the_rules_or_templates_is_told_with_its_place(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "routing.yaml").write_text("routes:\n  - {name: a, match: {servce: web}}\n")
    said = looked(tmp_path, TRIAGED_RULES_DIR=str(tmp_path / "rules"))
    (mistake,) = lines(said, "MEND")
    assert f"{tmp_path}/rules/routing.yaml:2:" in mistake
    (tmp_path / "issue.md.j2").write_text("{{ evnt.kind }}\n")
    assert "issue.md.j2:1" in lines(looked(tmp_path, TRIAGED_TEMPLATES_DIR=str(tmp_path)), "MEND")[0]


def test_settings_that_cannot_be_read_are_wrong_use(tmp_path):
    assert doctor(tmp_path, TRIAGED_PORT="many")[0] == 2


def test_a_daemon_with_other_settings_than_ours_is_told(tmp_path):
    with running(tmp_path, TRIAGED_SLACK_SIGNING_SECRET="") as daemon:
        said = looked(tmp_path, **SECRETS, **port(daemon.address))
        (missing,) = lines(said, "MEND")
        assert missing.startswith("/webhook/slack is not there: the daemon was started without TRIAGED_SLACK_SIGNING_SECRET: restart it")
        assert "/webhook/sentry is there, and refuses what is not signed" in lines(said, "ok")
        (hidden,) = lines(looked(tmp_path, TRIAGED_PORT="9"), "MEND")
        assert hidden.startswith("a daemon holds the data folder, but does not answer at http://127.0.0.1:9")
        elsewhere = looked(tmp_path, TRIAGED_DATA_DIR=str(tmp_path / "elsewhere"), **port(daemon.address))
        assert "it holds another data folder" in "\n".join(lines(elsewhere, "warn"))
        assert daemon.stop() == 0


def test_a_daemon_that_fails_is_told_with_its_reason(tmp_path):
    settings = {**AWS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "TRIAGED_LOG_GROUPS": "/ecs/shop"}
    with running(tmp_path, **settings) as daemon:
        until(lambda: [line for line in daemon.log() if line["message"] == "a source could not be asked"], daemon.child)
        said = looked(tmp_path, **port(daemon.address))
    assert [line for line in lines(said, "MEND") if line.startswith("it runs, but cloudwatch fails: ")]


def test_what_is_in_front_of_a_daemon_must_not_hide_its_refusal(tmp_path):
    healthy = {"status": "ok", "version": "0", "durability": "", "pending": 0, "dead_letters": 0, "intents": {}, "sources": {}}
    pretending = {"/health": (200, {**healthy, "journal": {"degraded": False}}), "/ready": (503, {}), "/webhook/sentry": (202, {})}
    with peer(pretending) as (url, _):
        said = looked(tmp_path, TRIAGED_SENTRY_CLIENT_SECRET="sentry-client-secret", **port(url))
    assert [line.partition(":")[0] for line in lines(said, "MEND")] == [
        "it cannot store deliveries",
        "/webhook/sentry answers 202 to what nobody signed",
    ]


def test_another_program_on_our_port_is_told(tmp_path):
    with peer({"/health": (200, {"status": "UP"})}) as (url, _):
        said = looked(tmp_path, **port(url))
    assert lines(said, "MEND") == [f"something that is not triaged answers at {url}: stop it, or choose another TRIAGED_PORT"]
