"""What becomes of issues: the publisher and its real client against the model of GitHub on a socket, on a clock that the test turns."""

import itertools
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from models.github import GitHub, GitRepo, Lag, faults, served
from triaged.clients import github
from triaged.clients.http import Client
from triaged.core.decide import Limits, Rate
from triaged.core.model import Delivery, Marker, Report
from triaged.core.settle import Intent
from triaged.metrics import Metrics
from triaged.pipeline.publish import Publisher
from triaged.pipeline.storm import Storms
from triaged.pipeline.upkeep import Upkeep
from triaged.ports import Counted, Decision, Settled, Tools
from triaged.sinks.github import Issues
from triaged.stores.memory import Store
from world import Impatient, as_it_is

pytestmark = pytest.mark.anyio

FINGERPRINT = "v1:" + "ab" * 16
MINUTE = 60
DAY = 24 * 60 * MINUTE


class Office:
    """One instance after the other, with or without the memory of the one before."""

    def __init__(self, folder):
        self.clock = Impatient()
        self.limits = Limits()
        self.github = GitHub(self.clock.now)
        self.github.lag = Lag.none()
        self.github.user("triage-bot")
        self.github.user("ann")
        self.github.organization("acme", "triage-bot", "ann")
        self.shop = self.github.repository("acme/shop", GitRepo.create(folder / "shop.git"), roles={"triage-bot": "write", "ann": "admin"})
        self.old = self.github.repository("acme/old", GitRepo.create(folder / "old.git"), roles={"triage-bot": "write", "ann": "admin"})
        self.token = self.github.classic_token("triage-bot", "repo").value
        self.attempts = (f"{number:016x}" for number in range(1, 1000))

    @asynccontextmanager
    async def opened(self):
        http = Client()
        async with served(self.github) as self.url:
            try:
                self.http = http
                self.instance()
                yield self
            finally:
                await http.close()

    def instance(self):
        """A new one, that remembers nothing."""
        self.store = Store()
        self.restart()

    def restart(self):
        tools = Tools(self.http, self.clock, Metrics(), self.store)
        self.sink = Issues(github.GitHub(github.Config(token=self.token, api_url=self.url), tools))
        upkeep = Upkeep(self.store, {"github": self.sink}, self.report, self.comment, self.clock, timedelta(minutes=5))
        storms = Storms(self.store, {"github": self.sink}, lambda: self.limits, self.umbrella, self.clock, timedelta(minutes=5))
        attempt = lambda: next(self.attempts)  # noqa: E731
        self.publisher = Publisher(
            self.store, {"github": self.sink}, upkeep, storms, self.clock, tools.metrics, attempt, as_it_is, quiet=timedelta(seconds=90)
        )

    def report(self, group, view, note=""):
        body = f"Occurrences: {group.tally.count}\n\n{note}".strip()
        return Report("acme/shop", Marker(group.fingerprint, max(group.generation, 1)), "[Auto] Error", body, ("triaged",))

    def umbrella(self, fingerprint, repository, named, waiting, limit):
        body = "\n".join(f"{row.group.tally.count} {row.group.fingerprint}" for row in named)
        return Report(repository, Marker(fingerprint), f"[Auto] Error storm: {waiting} new errors", body or "over")

    def comment(self, group, view, standing, verdict):
        return Report("acme/shop", Marker(group.fingerprint, verdict.outcome.regressions), "", f"Back: {verdict.reason}.")

    async def see(self, times=1, fingerprint=FINGERPRINT):
        """The error happens."""
        for _ in range(times):
            group = self.store.group(fingerprint)
            decision = None
            if group is None or group.decided_by != "r":
                intent = Intent(id=0, kind="issue", sink="github", report=self.report_of(fingerprint, group), accepted_at=self.clock.now())
                decision = Decision("r", {"weight": 1}, "acme/shop", (intent,))
            counted = Counted(fingerprint, "sentry", self.clock.now(), decision=decision)
            await self.store.record([Settled(Delivery("sentry", "k", self.clock.now(), b""), (counted,))], self.clock.now())

    def report_of(self, fingerprint, group):
        generation = max(group.generation if group else 0, 1)
        return Report("acme/shop", Marker(fingerprint, generation), "[Auto] Error", "Occurrences: 1", ("triaged",))

    async def after(self, seconds, step=30):
        """Lets that much time pass."""
        ends = self.clock.monotonic() + seconds
        while self.clock.monotonic() < ends:
            self.clock.turn(step)
            self.github.settle()
            await self.publisher.once()

    def filed(self):
        return {issue.number: issue for issue in self.shop.filed()}

    def states(self):
        return {number: (issue.state, issue.state_reason) for number, issue in self.filed().items()}

    def comments(self, number=1):
        return [one.now.body for one in self.shop.comments.values() if one.now and one.now.number == number]

    def posts(self, route):
        return sum(entry.method == "POST" and entry.operation == route for entry in self.github.log)


@pytest.fixture
async def office(tmp_path):
    async with Office(tmp_path).opened() as office:
        yield office


@pytest.fixture
async def filed(office):
    await office.see()
    await office.after(MINUTE)
    assert office.states() == {1: ("open", None)}
    return office


def close(office, number=1, reason="completed"):
    office.clock.turn(1)
    office.github.change_issue(office.shop, number, by="ann", state="closed", state_reason=reason)
    office.clock.turn(1)


async def test_an_error_that_comes_back_after_its_issue_was_closed_reopens_it_and_says_so_once(filed):
    close(filed)
    await filed.after(10 * MINUTE)
    assert filed.states() == {1: ("closed", "completed")}  # closed, and not seen since
    await filed.see(3)
    await filed.after(30 * MINUTE)
    assert filed.states() == {1: ("open", "reopened")}
    (said,) = filed.comments()
    assert "Back: closed as completed, and the error has come back." in said
    assert "Occurrences: 4" in filed.filed()[1].body


async def test_closed_as_not_planned_it_stays_closed_says_why_and_is_counted(filed):
    close(filed, reason="not_planned")
    await filed.see(98)
    await filed.after(30 * MINUTE)
    assert filed.states() == {1: ("closed", "not_planned")}
    body = filed.filed()[1].body
    assert "Occurrences: 99" in body
    assert "closed as not planned: it stays closed until the error has come 100 times" in body
    assert filed.comments() == []
    await filed.see()
    await filed.after(30 * MINUTE)
    assert filed.states() == {1: ("open", "reopened")}
    assert "stays closed" not in filed.filed()[1].body


async def test_a_comment_whose_answer_is_lost_is_not_written_twice(filed):
    filed.github.faults.on("issues/create-comment", faults.lost())
    close(filed)
    await filed.see()
    await filed.after(30 * MINUTE)
    assert len(filed.comments()) == 1
    assert filed.posts("issues/create-comment") == 1


async def test_a_comment_that_never_arrived_is_written_once(filed):
    filed.github.faults.on("issues/create-comment", faults.dropped())
    close(filed)
    await filed.see()
    await filed.after(30 * MINUTE)
    assert len(filed.comments()) == 1


async def test_what_was_filed_twice_is_one_open_issue_a_quarter_of_an_hour_later(filed):
    twin = filed.filed()[1]
    filed.github.add_issue(filed.shop, "triage-bot", twin.title, "ann: hm\n" + twin.body)  # a request that landed ten minutes late
    await filed.see(5)
    await filed.after(20 * MINUTE)
    assert filed.states() == {1: ("open", None), 2: ("closed", "duplicate")}
    assert filed.filed()[2].body == "ann: hm\nDuplicate of #1: filed twice, because an answer was lost."
    await filed.after(DAY)
    await filed.see()
    await filed.after(10 * MINUTE)
    assert filed.states() == {1: ("open", None), 2: ("closed", "duplicate")}
    assert "Occurrences: 7" in filed.filed()[1].body


@pytest.mark.parametrize("answer", ["answered", "lost"])
async def test_a_twin_of_an_issue_that_a_person_has_closed_is_closed_too(filed, answer):
    twin = filed.filed()[1]
    filed.github.add_issue(filed.shop, "triage-bot", twin.title, twin.body)
    close(filed, 2)
    if answer == "lost":
        filed.github.faults.on("issues/update", faults.lost())
    await filed.after(20 * MINUTE)
    assert filed.states() == {1: ("closed", "duplicate"), 2: ("closed", "completed")}
    await filed.see()
    await filed.after(10 * MINUTE)
    assert filed.states() == {1: ("closed", "duplicate"), 2: ("open", "reopened")}


async def test_an_issue_that_a_person_has_deleted_is_filed_once_more_and_only_once(filed):
    filed.github.delete_issue(filed.shop, 1)
    await filed.see()
    await filed.after(10 * MINUTE)
    assert filed.filed() == {}  # a replica may lack it for a while
    await filed.see()
    await filed.after(30 * MINUTE)
    assert filed.states() == {2: ("open", None)}
    filed.github.delete_issue(filed.shop, 2)
    for _ in range(6):
        await filed.see()
        await filed.after(20 * MINUTE)
    assert filed.filed() == {}


async def test_an_issue_that_was_moved_to_another_repository_is_followed(filed):
    moved = filed.github.transfer_issue(filed.shop, 1, filed.old)
    await filed.see()
    await filed.after(30 * MINUTE)
    assert filed.filed() == {}
    assert "Occurrences: 2" in filed.old.issues[moved.number].now.body
    assert filed.store.group(FINGERPRINT).ticket.repository == "acme/old"


async def test_an_instance_without_memory_goes_on_counting_where_the_issue_stands(filed):
    await filed.see(40)
    await filed.after(10 * MINUTE)
    filed.instance()
    await filed.see(2)
    await filed.after(10 * MINUTE)
    assert filed.states() == {1: ("open", None)}
    assert "Occurrences: 43" in filed.filed()[1].body
    assert filed.posts("issues/create") == 1


async def test_two_hundred_issues_of_an_earlier_life_are_all_remembered(office):
    for number in range(1, 251):
        body = f"<!-- triaged:v1 v1:{number:032x} 1 ab - -->\nOccurrences: 9\n<!-- /triaged -->"
        office.github.add_issue(office.shop, "triage-bot", "[Auto] Error", body)
    for number in (1, 100, 250):
        await office.see(fingerprint=f"v1:{number:032x}")
    await office.after(10 * MINUTE)
    assert len(office.filed()) == 250
    assert {number: "Occurrences: 10" in office.filed()[number].body for number in (1, 100, 250)} == {1: True, 100: True, 250: True}


async def test_an_empty_answer_where_we_own_issues_files_nothing(filed):
    filed.github.faults.on("issues/list-for-repo", faults.empty_list(), times=40)
    await filed.see(fingerprint="v1:" + "cd" * 16)
    await filed.after(5 * MINUTE)
    assert len(filed.filed()) == 1
    filed.github.faults.clear()
    await filed.after(15 * MINUTE)
    assert len(filed.filed()) == 2


async def test_an_empty_answer_to_one_who_remembers_nothing_files_nothing_where_issue_1_is_there(filed):
    filed.instance()
    filed.github.faults.on("issues/list-for-repo", faults.empty_list(), times=40)
    await filed.see()
    await filed.after(5 * MINUTE)
    assert len(filed.filed()) == 1
    filed.github.faults.clear()
    await filed.after(15 * MINUTE)
    assert len(filed.filed()) == 1
    assert "Occurrences: 2" in filed.filed()[1].body


async def test_an_empty_listing_of_ours_is_not_believed_beside_one_of_all_that_shows_ours(filed):
    def ours_are_missing(moment, apply):
        return faults.empty_list()(moment, apply) if "creator=" in moment.request.target else apply()

    filed.instance()
    filed.github.faults.on("issues/list-for-repo", ours_are_missing, times=None)
    await filed.see()
    await filed.after(5 * MINUTE)
    assert len(filed.filed()) == 1


async def test_a_deleted_witness_holds_nothing_up_where_newer_ones_of_ours_are_listed(filed):
    other = "v1:" + "cd" * 16
    filed.github.faults.on("issues/create", faults.dropped())
    await filed.see(fingerprint=other)
    await filed.after(MINUTE)
    filed.github.add_issue(
        filed.shop, "triage-bot", "[Auto] Error", f"<!-- triaged:v1 v1:{'ef' * 16} 1 ab - -->\nOccurrences: 9\n<!-- /triaged -->"
    )
    filed.github.delete_issue(filed.shop, 1)
    await filed.after(5 * MINUTE)
    assert any(other in (issue.body or "") for issue in filed.filed().values())


async def test_a_witness_that_a_person_has_deleted_holds_nothing_up(filed):
    await filed.see(fingerprint="v1:" + "cd" * 16)
    await filed.after(MINUTE)
    filed.github.add_issue(filed.shop, "ann", "a question")
    for number in (1, 2):
        filed.github.delete_issue(filed.shop, number)
    await filed.see(fingerprint="v1:" + "ef" * 16)
    await filed.after(5 * MINUTE)
    assert sorted(filed.filed()) == [3, 4]


async def test_an_issue_of_a_stranger_with_our_marker_is_not_ours(office):
    body = f"<!-- triaged:v1 {FINGERPRINT} 1 ab - -->\nOccurrences: 9\n<!-- /triaged -->"
    office.github.add_issue(office.shop, "ann", "forged", body)
    await office.see()
    await office.after(MINUTE)
    assert sorted(office.filed()) == [1, 2]


async def test_an_assignee_who_cannot_be_assigned_is_left_out_and_the_issue_says_so(office):
    report = Report("acme/shop", Marker(FINGERPRINT), "[Auto] Error", "Occurrences: 1", ("triaged",), ("nobody",))
    await office.sink.create(report)
    issue = office.filed()[1]
    assert (issue.assignees, issue.labels) == ((), ("triaged",))
    assert "Left out, for GitHub did not take it: assignees: nobody." in issue.body


async def test_a_body_that_github_does_not_take_is_halved_with_its_fences_closed(office):
    long = {"resource": "Issue", "code": "custom", "field": "body", "message": "body is too long (maximum is 65536 characters)"}
    office.github.faults.on("issues/create", faults.refused(422, "Validation Failed", long))
    text = "\n".join(["Occurrences: 1", "```python", *["x = 1"] * 10_000, "```", "the end"])
    await office.sink.create(Report("acme/shop", Marker(FINGERPRINT), "[Auto] Error", text))
    body = office.filed()[1].body
    assert 25_000 < len(body) < 35_000
    assert body.count("```") == 2
    assert body.endswith(
        "```\n\n(cut: the whole is longer than a ticket may be)\n\nLeft out, for GitHub did not take it: the end of this text.\n<!-- /triaged -->"
    )


async def test_what_is_left_out_is_said_within_the_length_of_a_body(office):
    text = "\n".join(["Occurrences: 1", *["word " * 20] * 650])[:65_000]
    await office.sink.create(Report("acme/shop", Marker(FINGERPRINT), "[Auto] Error", text, (), ("nobody",)))
    body = office.filed()[1].body
    assert len(body) <= 65_536
    assert body.endswith("Left out, for GitHub did not take it: assignees: nobody.\n<!-- /triaged -->")


async def test_where_github_will_not_say_who_we_are_nothing_is_filed_in_anothers_name(office):
    office.github.faults.on(
        "users/get-authenticated", faults.refused(403, "Resource protected by organization SAML enforcement."), times=None
    )
    await office.see()
    await office.after(MINUTE)
    assert (office.states(), office.posts("issues/create")) == ({}, 0)


async def test_an_assignee_is_assigned(office):
    await office.sink.create(Report("acme/shop", Marker(FINGERPRINT), "[Auto] Error", "Occurrences: 1", assignees=("ann",)))
    assert office.filed()[1].assignees == ("ann",)


async def test_a_limit_that_names_no_time_is_met_with_longer_and_longer_pauses(office):
    office.github.faults.on("issues/create", faults.secondary(403), times=4)
    await office.see()
    await office.after(20 * MINUTE, step=10)
    assert office.states() == {1: ("open", None)}
    times = [entry.at for entry in office.github.log if entry.operation == "issues/create"]
    pauses = [(later - sooner).total_seconds() for sooner, later in itertools.pairwise(times)]
    assert [pause >= least for pause, least in zip(pauses, (60, 120, 240, 480), strict=True)] == [True] * 4
    assert office.github.violations == []


def error(number):
    return f"v1:{number:032x}"


async def test_a_storm_files_as_many_as_the_limit_and_one_umbrella_that_names_the_rest(office):
    for number in range(100):
        await office.see(1 + number % 7, fingerprint=error(number))
    await office.after(8 * MINUTE)
    issues = office.filed().values()
    (umbrella,) = (issue for issue in issues if "storm" in issue.title)
    assert len(issues) == 21
    assert umbrella.title == "[Auto] Error storm: 80 new errors"
    assert umbrella.body.count("v1:0000") == 80


async def test_after_a_storm_all_get_their_issues_the_commonest_first_and_the_umbrella_is_closed(office):
    for number in range(100):
        await office.see(50 if number == 77 else 1, fingerprint=error(number))
    await office.after(12 * MINUTE)
    assert any(error(77) in issue.body for issue in office.filed().values())
    windows = []
    for _ in range(6):
        await office.after(10 * MINUTE)
        windows.append(len(office.filed()))
    assert windows[-1] == 101
    assert max(later - sooner for sooner, later in itertools.pairwise(windows)) <= 20
    (umbrella,) = (issue for issue in office.filed().values() if "storm" in issue.title)
    assert (umbrella.state, umbrella.title) == ("closed", "[Auto] Error storm: 0 new errors")
    assert office.github.violations == []


async def test_in_a_storm_every_third_is_the_newest_so_that_what_happens_now_is_not_buried(office):
    for number in range(60):
        await office.see(9, fingerprint=error(number))
    await office.after(MINUTE)
    await office.see(fingerprint=error(999))
    await office.after(12 * MINUTE)
    assert any(error(999) in issue.body for issue in office.filed().values())


async def test_a_next_storm_opens_the_same_umbrella_again(office):
    office.limits = Limits(new_issues=Rate(2, 60))
    for storm in range(2):
        for number in range(5):
            await office.see(fingerprint=error(10 * storm + number))
        await office.after(90)
        (umbrella,) = (issue for issue in office.filed().values() if "storm" in issue.title)
        assert umbrella.state == "open"
        await office.after(20 * MINUTE)
        (umbrella,) = (issue for issue in office.filed().values() if "storm" in issue.title)
        assert umbrella.state == "closed"
    assert len(office.filed()) == 11


async def test_where_what_is_there_cannot_be_told_one_umbrella_says_so_after_twenty_minutes(filed):
    filed.github.faults.on("issues/list-for-repo", faults.empty_list(), times=None)
    for number in range(5):
        await filed.see(fingerprint=error(number))
    await filed.after(15 * MINUTE)
    assert len(filed.filed()) == 1
    await filed.after(45 * MINUTE)
    (umbrella,) = (issue for issue in filed.filed().values() if "storm" in issue.title)
    assert len(filed.filed()) == 2
    assert umbrella.body.count("v1:0000") == 5
    assert umbrella.state_reason is None  # it was not closed and opened again meanwhile
    filed.github.faults.clear()
    await filed.after(60 * MINUTE)
    assert len(filed.filed()) == 7
    assert filed.filed()[2].state == "closed"
