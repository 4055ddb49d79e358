"""A change becomes one branch, one commit and one pull request, whichever answer is lost."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from models.github import GitHub, GitRepo, Lag, Person, faults, served
from triaged.clients import github
from triaged.clients.http import Client
from triaged.core.decide import Limits
from triaged.core.model import Change, Marker, Report
from triaged.core.settle import Intent
from triaged.metrics import Metrics
from triaged.pipeline.publish import Publisher
from triaged.pipeline.storm import Storms
from triaged.pipeline.upkeep import Upkeep
from triaged.ports import Tools
from triaged.sinks.github import Issues
from triaged.stores.memory import Store
from world import Impatient

pytestmark = pytest.mark.anyio

MARK = Marker("v1:" + "ab" * 16)
BRANCH = "triaged/fix-abababababab"
REPORT = Report("acme/shop", MARK, "[Auto Fix] a default for a missing price", "Why.", ("triaged",))
FIXED = "def price(item):\n    return PRICES.get(item, 0)\n"


class Bench:
    def __init__(self, folder):
        self.clock = Impatient()
        self.github = GitHub(self.clock.now)
        self.github.lag = Lag.none()
        self.github.user("triage-bot")
        self.github.organization("acme", "triage-bot")
        self.git = GitRepo.create(folder / "shop.git")
        shop = Person("shop", "shop@example.com")
        self.base = self.git.write(
            "main",
            {"prices.py": "def price(item):\n    return PRICES[item]\n", "README": "x\n"},
            "A shop",
            author=shop,
            at=self.clock.now(),
        )
        self.shop = self.github.repository("acme/shop", self.git, roles={"triage-bot": "write"})
        self.change = Change(self.base, BRANCH, "main", {"prices.py": FIXED}, "The key may be missing.")

    @asynccontextmanager
    async def opened(self):
        http, store = Client(), Store()
        async with served(self.github) as url:
            config = github.Config(token=self.github.classic_token("triage-bot", "repo").value, api_url=url)
            sink = Issues(github.GitHub(config, Tools(http, self.clock, Metrics())))
            sinks = {"github": sink}
            upkeep = Upkeep(store, sinks, None, None, self.clock, timedelta(minutes=5))
            storms = Storms(store, sinks, Limits, None, self.clock, timedelta(minutes=5))
            attempts = (f"{number:016x}" for number in range(1, 100))
            self.publisher = Publisher(
                store, sinks, upkeep, storms, self.clock, Metrics(), lambda: next(attempts), quiet=timedelta(seconds=90)
            )
            await store.plan([Intent(id=0, kind="pull_request", sink="github", report=REPORT, leads=False, change=self.change)])
            self.store = store
            try:
                yield self
            finally:
                await http.close()

    async def after(self, seconds):
        for _ in range(seconds // 5):
            self.clock.turn(5)
            self.github.settle()
            await self.publisher.once()

    def pulls(self):
        return [issue for issue in self.shop.filed() if issue.pull]

    def commits(self):
        refs = self.git.refs()
        return self.git.between(self.base, refs[f"refs/heads/{BRANCH}"]) if f"refs/heads/{BRANCH}" in refs else []


@pytest.fixture
async def bench(tmp_path):
    async with Bench(tmp_path).opened() as bench:
        yield bench


async def test_a_change_becomes_a_branch_with_one_commit_and_a_draft_pull_request(bench):
    await bench.after(60)
    (pull,) = bench.pulls()
    assert (pull.title, pull.pull.head, pull.pull.base, pull.pull.draft, pull.labels) == (REPORT.title, BRANCH, "main", True, ("triaged",))
    assert "<!-- triaged:v1 v1:abab" in pull.body
    assert len(bench.commits()) == 1
    assert bench.git.refs()["refs/heads/main"] == bench.base
    assert bench.github.violations == []


STEPS = ("git/create-ref", "graphql", "pulls/create", "issues/add-labels")
LOST = {
    "lost": faults.lost,
    "dropped": faults.dropped,
    "late": lambda: faults.late(45),
    "502, applied": lambda: faults.error(502, applied=True),
    "502": lambda: faults.error(502),
    "html": lambda: faults.html(200),
    "truncated": faults.truncated,
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_whichever_answer_is_lost_there_is_one_commit_and_one_pull_request(bench, step, fault):
    bench.github.faults.on(step, fault())
    await bench.after(300)
    assert len(bench.commits()) == 1
    (pull,) = bench.pulls()
    assert pull.labels == ("triaged",)
    assert bench.store.due(bench.clock.now() + timedelta(days=1), 10) == []


async def test_a_branch_of_somebody_else_with_that_name_is_left_alone(bench):
    theirs = bench.git.write(BRANCH, {"prices.py": "theirs\n"}, "mine", author=Person("ann", "ann@example.com"), at=bench.clock.now())
    await bench.after(300)
    assert bench.git.refs()[f"refs/heads/{BRANCH}"] == theirs
    assert bench.pulls() == []


async def test_a_pull_request_with_our_marker_is_no_issue_of_ours(bench):
    await bench.after(60)
    sink = bench.publisher._sinks["github"]
    assert await sink.owned("acme/shop") == []
