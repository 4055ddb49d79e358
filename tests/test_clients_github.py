"""The client of GitHub: nothing reaches GitHub but through its limiter."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import triaged
from models.github import GitHub, GitRepo, Lag, served
from triaged.clients import github
from triaged.clients.http import Client
from triaged.codehosts.github import Repositories
from triaged.core.model import Change, Commit, Marker, Report, Ticket
from triaged.core.settle import Intent
from triaged.errors import TriagedError
from triaged.metrics import Metrics
from triaged.ports import Tools
from triaged.sinks.github import Issues
from world import TurnedClock

pytestmark = pytest.mark.anyio

PACKAGE = Path(triaged.__file__).parent
REPORT = Report("acme/shop", Marker("v1:" + "ab" * 16), "a title", "a body")
TICKET = Ticket("github", "acme/shop", "1")
COMMIT = Commit("acme/shop", "a" * 40, "")


def calls_of(name):
    """``file: function`` of every call of a method with this name in the package, on something that is called http."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                        of = ast.unparse(node.func.value)
                        if of.endswith("http"):
                            found.append(f"{path.relative_to(PACKAGE)}: {function.name}")
    return found


def test_requests_leave_at_few_places_and_to_github_at_one():
    elsewhere = ("clients/sentry_api.py", "clients/slack_api.py", "commands/doctor.py")  # each asks its own service
    assert [place for place in calls_of("send") if not place.startswith(elsewhere)] == [
        "clients/github.py: _once",
        "clients/github_visit.py: send",  # stands between the client and HTTP, for doctor
    ]
    once = next(node for node in ast.walk(ast.parse((PACKAGE / "clients/github.py").read_text())) if getattr(node, "name", "") == "_once")
    steps = [ast.unparse(step) for step in once.body]
    sends = next(number for number, step in enumerate(steps) if "_http.send" in step)
    assert "await self.limiter.ready(" in steps[sends - 1]


async def test_inside_a_forbidden_window_nothing_that_sink_and_code_host_do_asks_anything(tmp_path):
    clock = TurnedClock(datetime.now(UTC))
    model = GitHub(clock.now)
    model.lag = Lag.none()
    model.user("triage-bot")
    model.organization("acme", "triage-bot")
    model.repository("acme/shop", GitRepo.create(tmp_path / "shop.git"), roles={"triage-bot": "write"})
    http = Client()
    async with served(model) as url:
        config = github.Config(token=model.classic_token("triage-bot", "repo").value, api_url=url)
        client = github.GitHub(config, Tools(http, clock, Metrics()))
        await client.limiter.forbid("", clock.now() + timedelta(minutes=1))
        sink, host = Issues(client), Repositories(client)
        intent = Intent(id=1, kind="issue", sink="github", report=REPORT)
        asked = [
            lambda: sink.create(REPORT),
            lambda: sink.find(intent),
            lambda: sink.find(Intent(id=1, kind="comment", sink="github", report=REPORT, on=TICKET)),
            lambda: sink.owned("acme/shop"),
            lambda: sink.standing(TICKET),
            lambda: sink.update(TICKET, REPORT),
            lambda: sink.fold(TICKET, TICKET),
            lambda: sink.rewrite(TICKET, REPORT, open=True),
            lambda: sink.propose(REPORT, Change("a" * 40, "triaged/fix-ab", "main", {"shop.py": "2"})),
            lambda: sink.comment(TICKET, REPORT),
            lambda: sink.public("acme/shop"),
            lambda: host.commit("acme/shop", "v1"),
            lambda: host.paths(COMMIT),
            lambda: host.text(COMMIT, "shop.py"),
            client.login,
        ]
        public = {name for kind in (Issues, Repositories) for name in vars(kind) if not name.startswith("_")}
        assert public == {
            "name",
            "create",
            "find",
            "owned",
            "standing",
            "update",
            "fold",
            "rewrite",
            "propose",
            "comment",
            "public",
            "witness",
            "commit",
            "paths",
            "text",
            "permalink",
        }
        for ask in asked:
            with pytest.raises(TriagedError):
                await ask()
    await http.close()
    assert model.log == []
