"""The model of GitHub, held against GitHub's own description and against real git, over a real socket."""

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from models.github import (
    GitHub,
    GitRepo,
    HookDelivery,
    Lag,
    Limits,
    Link,
    Person,
    Request,
    Token,
    WrongModel,
    WrongRequests,
    faults,
    served,
)
from models.github.schema import Description
from models.github.wire import answer

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ADA = Person("ada", "ada@users.noreply.github.com")
CART = "def total(items):\n    return sum(i.price for i in items)\n"
ISSUES = "/repos/acme/shop/issues"
COMMIT = """
mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid url } ref { name } clientMutationId }
}
"""


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """What a refusal says, its errors included."""
        said = self.json
        return " ".join([said["message"], *(str(error) for error in said.get("errors", ()))])


Ask = Callable[..., Any]


class Place:
    """acme/shop at GitHub: ada writes it, bob reads it, and an organization owns it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = Clock()
        self.github = GitHub(self.clock, **settings)
        self.github.lag = Lag.none()
        for login in ("ada", "bob", "eve"):
            self.github.user(login)
        self.github.organization("acme", "ada")
        self.github.organization("globex")
        self.folder = folder
        self.git = GitRepo.create(folder / "shop.git")
        files = {"app/cart.py": CART, "app/latest.py": Link("cart.py"), "README.md": "# Shop\n", "logo.png": b"\x89PNG\x00\xff"}
        self.head = self.git.write("main", files, "Sell things", author=ADA, at=NOON)
        self.shop = self.github.repository("acme/shop", self.git, roles={"ada": "write", "bob": "read"})
        self.token = self.github.classic_token("ada", "repo")

    @asynccontextmanager
    async def client(self, token: Token | str | None = None, patience: float = 5) -> AsyncIterator[Ask]:
        """A plain client of the model behind a socket: ``ask(method, path, json)``."""
        async with served(self.github) as url, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(patience)) as session:

            async def ask(method: str, path: str, json: Any = None, *, by: Token | str | None = None, **more: Any) -> Answer:
                who = by or token or self.token
                headers = {
                    "Authorization": f"Bearer {who.value if isinstance(who, Token) else who}",
                    "User-Agent": "triaged",
                    "Accept": "application/vnd.github+json",
                    **more.pop("headers", {}),
                }
                place = path if path.startswith("http") else url + path
                headers = {name: value for name, value in headers.items() if value is not None}
                hidden = ["User-Agent"] if "User-Agent" not in headers else []
                sent = {"headers": headers, "allow_redirects": False, "skip_auto_headers": hidden, **more}
                async with session.request(method, place, json=json, **sent) as response:
                    return Answer(response.status, response.headers, await response.read())

            yield ask

    def commit(self, branch: str, expected: str = "", files: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        """The body of a ``createCommitOnBranch``."""
        additions = [{"path": path, "contents": base64.b64encode(text.encode()).decode()} for path, text in (files or {}).items()]
        given = {
            "branch": {"repositoryNameWithOwner": "acme/shop", "branchName": branch},
            "message": {"headline": "Mind the empty cart"},
            "expectedHeadOid": expected or self.git.refs()[f"refs/heads/{branch}"],
            "fileChanges": {"additions": additions, **more},
        }
        return {"query": COMMIT, "variables": {"input": given}}

    def branch(self, name: str, files: dict[str, str]) -> str:
        self.git.set_ref(f"refs/heads/{name}", self.head)
        return self.git.write(name, files, f"Work on {name}", author=ADA, at=NOON)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


# ---------------------------------------------------------------- GitHub's own description


async def test_every_operation_is_answered_as_githubs_description_says(place: Place) -> None:
    github, shop = place.github, place.shop
    app, key = an_app(place)
    shop.roles["ada"] = "admin"
    shop.hooks[7] = [HookDelivery(1, "g", NOON, "issues", "opened", 202)]
    here = "/repos/acme/shop"
    async with place.client() as ask:
        await ask("POST", f"{here}/issues", {"title": "KeyError: total", "body": "boom", "labels": ["bug"], "assignees": ["ada"]})
        await ask("POST", f"{here}/issues/1/comments", {"body": "again"})
        comment = (await ask("GET", f"{here}/issues/1/comments")).json[0]["id"]
        await ask("POST", f"{here}/git/refs", {"ref": "refs/heads/fix/a", "sha": place.head})
        await ask("POST", "/graphql", place.commit("fix/a", files={"app/cart.py": CART + "\n"}))
        tip = place.git.refs()["refs/heads/fix/a"]
        github.check(shop, tip, "tests")
        github.status(shop, tip, "build", "success")
        for method, path, body in [
            ("GET", here, None),
            ("GET", f"{here}/issues?state=all&creator=ada&sort=created&direction=desc&per_page=100", None),
            ("GET", f"{here}/issues/1", None),
            ("PATCH", f"{here}/issues/1", {"state": "closed", "state_reason": "not_planned", "labels": ["bug", "noise"]}),
            ("PATCH", f"{here}/issues/comments/{comment}", {"body": "and again"}),
            ("GET", f"{here}/labels", None),
            ("POST", f"{here}/labels", {"name": "triaged", "color": "5319e7", "description": "filed by triaged"}),
            ("GET", f"{here}/labels/triaged", None),
            ("POST", f"{here}/issues/1/labels", {"labels": ["triaged"]}),
            ("GET", f"{here}/assignees/bob", None),
            ("GET", f"{here}/git/trees/{place.head}?recursive=1", None),
            ("GET", f"{here}/git/blobs/{blob_hash(CART)}", None),
            ("GET", f"{here}/git/ref/heads/fix/a", None),
            ("GET", f"{here}/git/commits/{tip}", None),
            ("GET", f"{here}/commits/{tip}", None),
            ("GET", f"{here}/commits?path=app/cart.py&sha=fix/a", None),
            ("GET", f"{here}/compare/main...fix%2Fa", None),
            ("GET", f"{here}/compare/main...fix/a", None),
            ("GET", f"{here}/branches/fix/a", None),
            ("GET", f"{here}/contents/app/cart.py?ref=main", None),
            ("GET", f"{here}/contents/app", None),
            ("GET", f"{here}/contents/app/latest.py", None),
            ("POST", f"{here}/pulls", {"title": "Mind it", "head": "fix/a", "base": "main", "body": "Fixes #1", "draft": True}),
            ("GET", f"{here}/pulls?state=all&head=acme:fix/a", None),
            ("GET", f"{here}/pulls/2", None),
            ("PATCH", f"{here}/pulls/2", {"title": "Mind the cart"}),
            ("POST", f"{here}/pulls/2/requested_reviewers", {"reviewers": ["bob"]}),
            ("GET", f"{here}/commits/fix/a/check-runs", None),
            ("GET", f"{here}/commits/fix/a/status", None),
            ("GET", f"{here}/hooks/7/deliveries", None),
            ("GET", "/search/issues?q=boom+is:issue+repo:acme/shop", None),
            ("GET", "/search/code?q=total+repo:acme/shop", None),
            ("GET", "/user", None),
            ("GET", "/rate_limit", None),
            ("GET", "/meta", None),
            ("DELETE", f"{here}/git/refs/heads/fix/a", None),
        ]:
            got = await ask(method, path, body)
            assert got.status in (200, 201, 204), (method, path, got.body)
        signed = key(app)
        assert (await ask("GET", "/app", by=signed)).json["slug"] == "triaged"
        installed = (await ask("GET", f"{here}/installation", by=signed)).json["id"]
        assert (await ask("POST", f"/app/installations/{installed}/access_tokens", by=signed)).status == 201
    assert {entry.operation for entry in github.log} == {one.id for one in Description().operations} | {"graphql"}


def test_an_answer_that_does_not_fit_the_description_is_an_error_of_the_model() -> None:
    found = Description().match("GET", "/repos/acme/shop/issues/1")
    assert found is not None
    operation, params = found
    assert (operation.id, params["issue_number"]) == ("issues/get", "1")
    with pytest.raises(WrongModel, match="issues/get 200"):
        operation.check(answer({"id": 1, "number": "one"}))
    with pytest.raises(WrongModel, match="never answers 418"):
        operation.check(answer({}, 418))


# ------------------------------------------------------------------------- wrong requests


async def test_wrong_requests_get_githubs_own_refusal(place: Place) -> None:
    """Each is answered as GitHub answers it, and none leaves a trace."""
    stranger = place.github.fine_grained_token("eve", "globex")
    title = {"title": "x"}
    no_agent = {"headers": {"User-Agent": None}}
    graphql = place.commit("main", expected="0" * 40, files={"a": "b"})
    wrong: list[tuple[int, str, tuple[str, str], Any, dict[str, Any]]] = [
        (403, "User-Agent header", ("GET", ISSUES), None, no_agent),
        (401, "Bad credentials", ("GET", ISSUES), None, {"by": "ghp_nobody"}),
        (404, "Not Found", ("POST", ISSUES), title, {"by": stranger}),
        (404, "Not Found", ("GET", ISSUES), None, {"headers": {"Authorization": None}}),
        (415, "Must accept 'application/json'", ("GET", ISSUES), None, {"headers": {"Accept": "text/html"}}),
        (400, "not a supported API version", ("GET", ISSUES), None, {"headers": {"X-GitHub-Api-Version": "2019-01-01"}}),
        (400, "Problems parsing JSON", ("POST", ISSUES), None, {"data": b'{"title": "x"'}),
        (400, "Body should be a JSON object", ("POST", ISSUES), ["x"], {}),
        (422, '"title" wasn\'t supplied', ("POST", ISSUES), {"body": "x"}, {}),
        (422, "'properties/labels'", ("POST", ISSUES), {"title": "x", "labels": "bug"}, {}),
        (422, "title is too long (maximum is 256 characters)", ("POST", ISSUES), {"title": "x" * 257}, {}),
        (422, "body is too long (maximum is 65536 characters)", ("POST", ISSUES), {"title": "x", "body": "é" * 65537}, {}),
        (422, "'field': 'assignees'", ("POST", ISSUES), {"title": "x", "assignees": ["eve"]}, {}),
        (422, "'resource': 'Label'", ("POST", ISSUES), {"title": "x", "labels": ["l" * 51]}, {}),
        (422, "'field': 'color'", ("POST", "/repos/acme/shop/labels"), {"name": "bug", "color": "#ff0000"}, {}),
        (422, "is:issue", ("GET", "/search/issues?q=boom"), None, {}),
        (422, "longer than 256 characters", ("GET", f"/search/issues?q=is:issue+{'x' * 256}"), None, {}),
        (422, "cannot be searched", ("GET", "/search/issues?q=x+is:issue+repo:globex/secret"), None, {}),
        (422, "Object does not exist", ("POST", "/repos/acme/shop/git/refs"), {"ref": "refs/heads/x", "sha": "0" * 40}, {}),
        (422, "No commits between", ("POST", "/repos/acme/shop/pulls"), {"title": "x", "head": "main", "base": "main"}, {}),
        (422, "Body is too long (maximum is 65536 characters)", ("POST", f"{ISSUES}/1/comments"), {"body": "x" * 65537}, {}),
        (404, "Not Found", ("GET", f"{ISSUES}/99"), None, {}),
        (422, "No commit found for SHA: nope", ("GET", "/repos/acme/shop/commits/nope"), None, {}),
        (200, "Expected branch to point to", ("POST", "/graphql"), graphql, {}),
        (400, "A query attribute must be specified", ("POST", "/graphql"), {"variables": {}}, {}),
    ]
    place.github.add_issue(place.shop, "ada", "boom")
    before = (place.shop.filed(), place.git.refs())
    async with place.client() as ask:
        for status, text, (method, path), body, more in wrong:
            got = await ask(method, path, body, **more)
            said = got.body.decode().replace('\\"', '"') if got.status in (200, 403) else got.message
            assert (got.status, text in said) == (status, True), (method, path, got.body)
    assert (place.shop.filed(), place.git.refs()) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("GET", f"{ISSUES}?sates=all", None, "no query parameter 'sates'"),
        ("GET", f"{ISSUES}?state=everything", None, "query parameter 'state'"),
        ("POST", ISSUES, {"title": "x", "lables": ["bug"]}, "lables"),
        ("POST", ISSUES, {"title": "x", "milestone": 1}, "does not know the field milestone"),
        ("GET", "/repos/acme/shop/milestones", None, "nothing that the model knows"),
    ],
)
async def test_what_github_would_ignore_fails_the_test_that_asks_for_it(place: Place, method: str, path: str, body: Any, says: str) -> None:
    with pytest.raises(WrongRequests, match=says):
        async with place.client() as ask:
            await ask(method, path, body)


async def test_a_credential_in_what_is_sent_fails_the_test_that_sends_it(place: Place) -> None:
    with pytest.raises(WrongRequests, match="holds a secret"):
        async with place.client() as ask:
            await ask("POST", ISSUES, {"title": f"boom {next(iter(place.github.tokens))}"})


async def test_a_test_that_means_to_ask_wrongly_can_take_the_finding_back(place: Place) -> None:
    async with place.client() as ask:
        assert (await ask("GET", f"{ISSUES}?sates=all")).status == 200
        assert [finding for finding in place.github.findings if "sates" in finding]
        place.github.findings.clear()


# ------------------------------------------------------------------------------------ git


async def test_tree_and_blobs_are_those_of_real_git(place: Place) -> None:
    async with place.client() as ask:
        got = (await ask("GET", f"/repos/acme/shop/git/trees/{place.head}?recursive=1")).json
        listed = real_git(place, "ls-tree", "-r", "-t", "HEAD")
        assert [f"{one['mode']} {one['type']} {one['sha']}\t{one['path']}" for one in got["tree"]] == listed.splitlines()
        assert got["truncated"] is False
        top = (await ask("GET", f"/repos/acme/shop/git/trees/{got['sha']}")).json["tree"]
        assert [one["path"] for one in top] == ["README.md", "app", "logo.png"]
        by_path = {one["path"]: one for one in got["tree"]}
        blob = (await ask("GET", f"/repos/acme/shop/git/blobs/{by_path['app/cart.py']['sha']}")).json
        assert base64.b64decode(blob["content"]).decode() == CART
        assert (blob["sha"], blob["size"]) == (blob_hash(CART), len(CART))
        plain = await ask(
            "GET", f"/repos/acme/shop/git/blobs/{by_path['logo.png']['sha']}", headers={"Accept": "application/vnd.github.raw"}
        )
        assert plain.body == b"\x89PNG\x00\xff"
        linked = (await ask("GET", "/repos/acme/shop/contents/app/latest.py")).json
        assert (linked["type"], linked["target"]) == ("symlink", "cart.py")


async def test_a_large_tree_is_cut_and_says_so(place: Place) -> None:
    place.shop.tree_limit = 2
    async with place.client() as ask:
        got = (await ask("GET", "/repos/acme/shop/git/trees/main?recursive=1")).json
    assert (len(got["tree"]), got["truncated"]) == (2, True)


async def test_a_commit_is_found_by_branch_tag_and_hash(place: Place) -> None:
    place.git.set_ref("refs/tags/v1.0", place.head)
    tip = place.git.write("main", {"README.md": "# The shop\n"}, "Say more", author=ADA, at=NOON)
    async with place.client() as ask:
        for name, sha in [("main", tip), ("v1.0", place.head), (tip[:10], tip), ("heads/main", tip)]:
            got = await ask("GET", f"/repos/acme/shop/commits/{name}", headers={"Accept": "application/vnd.github.sha"})
            assert got.body.decode() == sha
        (change,) = (await ask("GET", f"/repos/acme/shop/commits/{tip}")).json["files"]
        assert (change["filename"], change["status"], change["patch"]) == ("README.md", "modified", "@@ -1 +1 @@\n-# Shop\n+# The shop")
        history = (await ask("GET", "/repos/acme/shop/commits?path=app/cart.py")).json
        assert [(one["sha"], one["author"]["login"]) for one in history] == [(place.head, "ada")]


async def test_a_commit_is_added_only_to_the_head_that_was_expected(place: Place) -> None:
    place.git.set_ref("refs/heads/fix/a", place.head)
    body = place.commit("fix/a", files={"app/cart.py": "def total(items):\n    return 0\n"}, deletions=[{"path": "README.md"}])
    async with place.client() as ask:
        made = (await ask("POST", "/graphql", body)).json["data"]["createCommitOnBranch"]
        again = (await ask("POST", "/graphql", body)).json
        commit = (await ask("GET", f"/repos/acme/shop/commits/{made['commit']['oid']}")).json
    assert again["data"] == {"createCommitOnBranch": None}
    assert again["errors"][0]["type"] == "STALE_DATA"
    assert commit["parents"][0]["sha"] == place.head
    assert (commit["author"]["login"], commit["commit"]["verification"]["verified"]) == ("ada", True)
    assert made["ref"] == {"name": "fix/a"}
    clone = place.folder / "clone"
    real_git(place, "clone", "--quiet", "--branch", "fix/a", ".", str(clone))
    assert (clone / "app/cart.py").read_text() == "def total(items):\n    return 0\n"
    assert not (clone / "README.md").exists()
    real_git(place, "fsck", "--strict")


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"files": {".github/workflows/ci.yml": "on: push"}}, "FORBIDDEN", "without `workflows` permission"),
        ({"deletions": [{"path": "nowhere.py"}]}, "NOT_FOUND", "requested for deletion which does not exist"),
    ],
)
async def test_a_commit_that_github_does_not_take_is_refused_in_a_200(place: Place, change: Any, kind: str, says: str) -> None:
    async with place.client() as ask:
        got = await ask("POST", "/graphql", place.commit("main", **change))
    assert (got.status, got.json["errors"][0]["type"]) == (200, kind)
    assert says in got.json["errors"][0]["message"]


async def test_graphql_names_the_field_that_is_missing_and_the_one_that_is_too_much(place: Place) -> None:
    missing, unknown = place.commit("main"), place.commit("main")
    del missing["variables"]["input"]["expectedHeadOid"]
    unknown["query"] = COMMIT.replace("oid url", "sha")
    async with place.client() as ask:
        said = [(await ask("POST", "/graphql", body)).json["errors"][0]["message"] for body in (missing, unknown, {"query": "mutation {"})]
    assert "invalid value for expectedHeadOid (Expected value to not be null)" in said[0]
    assert said[1] == "Field 'sha' doesn't exist on type 'Commit'"
    assert "Parse error" in said[2]


async def test_a_branch_is_made_once_and_goes_with_its_pull_request(place: Place) -> None:
    place.branch("fix/a", {"app/cart.py": "x = 1\n"})
    ref = {"ref": "refs/heads/fix/a", "sha": place.head}
    pull = {"title": "Mind it", "head": "fix/a", "base": "main"}
    async with place.client() as ask:
        assert "Reference already exists" in (await ask("POST", "/repos/acme/shop/git/refs", ref)).message
        assert (await ask("POST", "/repos/acme/shop/pulls", pull)).status == 201
        again = await ask("POST", "/repos/acme/shop/pulls", pull)
        assert (again.status, "A pull request already exists for acme:fix/a." in again.message) == (422, True)
        assert (await ask("DELETE", "/repos/acme/shop/git/refs/heads/fix/a")).status == 204
        assert (await ask("GET", "/repos/acme/shop/pulls/1")).json["state"] == "closed"


async def test_a_protected_branch_takes_no_commit(place: Place) -> None:
    place.shop.protected.add("main")
    async with place.client() as ask:
        assert (await ask("GET", "/repos/acme/shop/branches/main")).json["protected"] is True
        got = (await ask("POST", "/graphql", place.commit("main", files={"a": "b"}))).json
    assert "through a pull request" in got["errors"][0]["message"]


async def test_a_merge_closes_the_issues_that_its_text_names_outside_code(place: Place) -> None:
    place.branch("fix/a", {"app/cart.py": "x = 1\n"})
    for number in (1, 2, 3):
        place.github.add_issue(place.shop, "bob", f"bug {number}")
    text = "Fixes: #1, does not close #2\n\n`closes #3`"
    async with place.client() as ask:
        await ask("POST", "/repos/acme/shop/pulls", {"title": "Mind it", "head": "fix/a", "base": "main", "body": text})
        merge = place.github.merge(place.shop, 4, "ada")
        pull = (await ask("GET", "/repos/acme/shop/pulls/4")).json
    assert (pull["merged"], pull["merge_commit_sha"], pull["merged_by"]["login"]) == (True, merge, "ada")
    assert [one.state for one in place.shop.filed()] == ["closed", "closed", "open", "closed"]  # "not" does not help


def test_a_permalink_shows_its_line(place: Place) -> None:
    link = f"https://github.com/acme/shop/blob/{place.head}/app/cart.py#L2"
    assert place.github.line(link) == "    return sum(i.price for i in items)"
    with pytest.raises(KeyError):
        place.github.line(link.replace(place.head, "main"))


# --------------------------------------------------------------------------------- issues


async def test_an_issue_lives_as_on_github(place: Place) -> None:
    async with place.client() as ask:
        made = (await ask("POST", ISSUES, {"title": "boom", "labels": ["Bug", "bug"], "assignees": ["bob"]})).json
        assert (made["number"], made["user"]["login"], made["author_association"]) == (1, "ada", "MEMBER")
        assert ([one["name"] for one in made["labels"]], made["assignee"]["login"]) == (["Bug"], "bob")
        assert made["html_url"] == "https://github.com/acme/shop/issues/1"
        place.clock.turn(60)
        closed = (await ask("PATCH", f"{ISSUES}/1", {"state": "closed"})).json
        assert (closed["state_reason"], closed["closed_by"]["login"], closed["closed_at"]) == ("completed", "ada", "2026-01-05T12:01:00Z")
        opened = (await ask("PATCH", f"{ISSUES}/1", {"state": "open"})).json
        assert (opened["state_reason"], opened["closed_at"], opened["updated_at"]) == ("reopened", None, "2026-01-05T12:01:00Z")
        place.clock.turn(60)
        same = (await ask("PATCH", f"{ISSUES}/1", {"title": "boom"})).json
        assert same["updated_at"] == opened["updated_at"]


async def test_who_may_not_triage_has_labels_and_assignees_dropped_without_a_word(place: Place) -> None:
    bob = place.github.classic_token("bob", "repo")
    async with place.client(bob) as ask:
        made = await ask("POST", ISSUES, {"title": "boom", "labels": ["bug"], "assignees": ["ada"]})
        assert (made.status, made.json["labels"], made.json["assignees"]) == (201, [], [])
        assert (await ask("POST", "/repos/acme/shop/labels", {"name": "bug"})).status == 403
        assert (await ask("POST", "/repos/acme/shop/git/refs", {"ref": "refs/heads/x", "sha": place.head})).status == 403


async def test_a_locked_issue_takes_comments_of_writers_only(place: Place) -> None:
    bob = place.github.classic_token("bob", "repo")
    place.github.add_issue(place.shop, "bob", "boom")
    place.github.change_issue(place.shop, 1, locked=True)
    async with place.client() as ask:
        refused = await ask("POST", f"{ISSUES}/1/comments", {"body": "again"}, by=bob)
        assert (refused.status, refused.message) == (403, "Unable to create comment because issue is locked.")
        assert (await ask("POST", f"{ISSUES}/1/comments", {"body": "again"})).status == 201


async def test_an_issue_that_is_gone_says_where_it_went(place: Place) -> None:
    other = place.github.repository("globex/shop", GitRepo.create(place.folder / "other.git"), roles={"ada": "write"})
    for title in ("deleted", "transferred"):
        place.github.add_issue(place.shop, "ada", title)
    place.github.delete_issue(place.shop, 1)
    place.github.transfer_issue(place.shop, 2, other)
    async with place.client() as ask:
        deleted = await ask("PATCH", f"{ISSUES}/1", {"state": "closed"})
        assert (deleted.status, deleted.message) == (410, "This issue was deleted")
        moved = await ask("GET", f"{ISSUES}/2")
        assert moved.status == 301
        assert (await ask("GET", moved.headers["Location"])).json["repository_url"].endswith("/repos/globex/shop")
        assert (await ask("GET", f"{ISSUES}?state=all")).json == []
        assert (await ask("POST", ISSUES, {"title": "next"})).json["number"] == 3


async def test_a_renamed_repository_redirects_reads_and_writes_differently(place: Place) -> None:
    place.github.rename(place.shop, "globex/store")
    async with place.client() as ask:
        read = await ask("GET", f"{ISSUES}?state=all")
        write = await ask("POST", ISSUES, {"title": "boom"})
        assert (read.status, write.status, place.shop.filed()) == (301, 307, [])
        assert read.headers["Location"].endswith(f"/repositories/{place.shop.id}/issues?state=all")
        assert (await ask("GET", read.headers["Location"])).json == []
        made = await ask("POST", write.headers["Location"], {"title": "boom"})
        assert (made.status, made.json["html_url"]) == (201, "https://github.com/globex/store/issues/1")


async def test_a_repository_without_issues_refuses_them_and_lists_none(place: Place) -> None:
    place.github.add_issue(place.shop, "ada", "old")
    place.shop.has_issues = False
    async with place.client() as ask:
        refused = await ask("POST", ISSUES, {"title": "boom"})
        assert (refused.status, refused.message) == (410, "Issues has been disabled in this repository.")
        assert (await ask("GET", f"{ISSUES}/1")).status == 410
        assert (await ask("GET", ISSUES)).json == []
        assert (await ask("GET", "/repos/acme/shop")).json["has_issues"] is False


async def test_pages_are_linked_by_id_and_comments_come_oldest_first(place: Place) -> None:
    place.github.add_issue(place.shop, "ada", "boom")
    for number in range(5):
        place.github.add_comment(place.shop, 1, "bob", f"comment {number}")
    async with place.client() as ask:
        seen, url = [], f"{ISSUES}/1/comments?per_page=2"
        while url:
            got = await ask("GET", url)
            seen += [one["body"] for one in got.json]
            assert f"/repositories/{place.shop.id}/issues/1/comments" in got.headers["Link"]
            url = "".join(re.findall(r'<([^>]+)>; rel="next"', got.headers["Link"]))
    assert seen == [f"comment {number}" for number in range(5)]


# ------------------------------------------------------------------------------------ lag


async def test_a_new_issue_is_seen_at_once_by_number_but_late_in_lists(place: Place) -> None:
    place.github.lag.lists = (8.0,)
    async with place.client() as ask:
        await ask("POST", ISSUES, {"title": "boom"})
        assert (await ask("GET", f"{ISSUES}/1")).json["title"] == "boom"
        assert (await ask("GET", ISSUES)).json == []
        place.clock.turn(8)
        assert [one["title"] for one in (await ask("GET", ISSUES)).json] == ["boom"]
        await ask("PATCH", f"{ISSUES}/1", {"title": "bang"})
        assert [one["title"] for one in (await ask("GET", ISSUES)).json] == ["boom"]


async def test_calls_meet_different_replicas(place: Place) -> None:
    place.github.lag = Lag(lists=(0.0, 480.0))
    place.github.add_issue(place.shop, "ada", "boom")
    async with place.client() as ask:
        place.clock.turn(60)
        assert {len((await ask("GET", ISSUES)).json) for _ in range(20)} == {0, 1}


async def test_search_sees_an_issue_after_seconds_and_its_label_after_minutes(place: Place) -> None:
    place.github.lag = Lag()
    found = {}
    async with place.client() as ask:
        await ask("POST", ISSUES, {"title": "boom", "body": "no total in cart", "labels": ["triaged"]})
        for seconds in (1, 11, 590, 721):
            place.clock.at = NOON + timedelta(seconds=seconds)
            plain, labelled = [
                (await ask("GET", f"/search/issues?q={what}+is:issue+repo:acme/shop")).json["total_count"]
                for what in ('"total+in+cart"', "label:triaged")
            ]
            found[seconds] = (plain, labelled)
    assert found == {1: (0, 0), 11: (1, 0), 590: (1, 0), 721: (1, 1)}


async def test_code_search_knows_the_default_branch_only(place: Place) -> None:
    place.branch("fix/a", {"app/other.py": "nowhere_else = 1\n"})
    async with place.client() as ask:
        hits = (await ask("GET", "/search/code?q=price+repo:acme/shop+extension:py")).json
        assert [one["path"] for one in hits["items"]] == ["app/cart.py"]
        assert (await ask("GET", "/search/code?q=nowhere_else+repo:acme/shop")).json["total_count"] == 0


# --------------------------------------------------------------------------------- faults


async def test_a_lost_answer_was_applied(place: Place) -> None:
    place.github.faults.on("issues/create", faults.lost())
    async with place.client() as ask:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await ask("POST", ISSUES, {"title": "boom"})
        assert [one["title"] for one in (await ask("GET", ISSUES)).json] == ["boom"]
    first = place.github.log[0]
    assert (first.method, first.route, first.operation, first.status) == ("POST", "/repos/{owner}/{repo}/issues", "issues/create", 0)


async def test_a_dropped_request_was_not_applied(place: Place) -> None:
    place.github.faults.on("issues/create", faults.dropped())
    async with place.client() as ask:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await ask("POST", ISSUES, {"title": "boom"})
        assert (await ask("GET", ISSUES)).json == []


async def test_a_late_request_lands_long_after_the_client_gave_up(place: Place) -> None:
    place.github.faults.on("issues/create", faults.late(45))
    async with place.client() as ask:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await ask("POST", ISSUES, {"title": "boom"})
        place.clock.turn(44)
        assert (await ask("GET", ISSUES)).json == []
        place.clock.turn(10)
        (late,) = (await ask("GET", ISSUES)).json
    assert late["created_at"] == "2026-01-05T12:00:45Z"


async def test_a_hanging_request_ends_when_the_client_gives_up(place: Place) -> None:
    place.github.faults.on("issues/create", faults.hangs())
    async with place.client(patience=0.1) as ask:
        with pytest.raises(TimeoutError):
            await ask("POST", ISSUES, {"title": "boom"})
    assert [one.title for one in place.shop.filed()] == ["boom"]


async def test_a_list_may_be_empty_and_successful(place: Place) -> None:
    place.github.add_issue(place.shop, "ada", "boom")
    async with place.client() as ask:
        tag = (await ask("GET", f"{ISSUES}?page=1")).headers["ETag"]
        place.github.faults.on("*", faults.empty_list(), times=2)
        empty = await ask("GET", f"{ISSUES}?page=1", headers={"If-None-Match": tag})
        assert (empty.status, empty.json) == (200, [])
        found = (await ask("GET", "/search/issues?q=boom+is:issue")).json
        assert (found["total_count"], found["items"], found["incomplete_results"]) == (0, [], False)
        assert len((await ask("GET", ISSUES)).json) == 1


async def test_a_search_may_run_out_of_time(place: Place) -> None:
    place.github.add_issue(place.shop, "ada", "boom")
    place.github.faults.on("search/*", faults.partial_search())
    async with place.client() as ask:
        found = (await ask("GET", "/search/issues?q=boom+is:issue")).json
    assert (found["incomplete_results"], found["items"]) == (True, [])


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_servers_fail_before_or_after_they_applied(place: Place, status: int) -> None:
    place.github.faults.on("issues/create", faults.error(status))
    place.github.faults.on("issues/create", faults.html(status, applied=True))
    async with place.client() as ask:
        first = await ask("POST", ISSUES, {"title": "lost"})
        second = await ask("POST", ISSUES, {"title": "kept"})
    assert (first.status, first.json["message"]) == (status, "Server Error")
    assert (second.status, second.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert [one.title for one in place.shop.filed()] == ["kept"]


async def test_a_page_for_people_may_come_with_a_200(place: Place) -> None:
    place.github.faults.on("issues/create", faults.html())
    async with place.client() as ask:
        got = await ask("POST", ISSUES, {"title": "boom"})
    assert (got.status, got.body[:15], len(place.shop.filed())) == (200, b"<!DOCTYPE html>", 1)


async def test_an_answer_may_break_off(place: Place) -> None:
    place.github.faults.on("issues/create", faults.truncated())
    async with place.client() as ask:
        with pytest.raises(aiohttp.ClientPayloadError):
            await ask("POST", ISSUES, {"title": "boom"})
    assert len(place.shop.filed()) == 1


async def test_a_body_may_come_too_slowly_to_wait_for(place: Place) -> None:
    place.github.faults.on("issues/get", faults.slow(pace=20))
    place.github.add_issue(place.shop, "ada", "boom")
    async with place.client(patience=0.2) as ask:
        with pytest.raises(TimeoutError):
            await ask("GET", f"{ISSUES}/1")


async def test_any_refusal_can_be_switched_on_for_a_while(place: Place) -> None:
    place.github.faults.on("git/create-ref", faults.refused(422, "Reference update failed"))
    place.github.faults.on("issues/create", faults.redirected(301))
    async with place.client() as ask:
        ref = {"ref": "refs/heads/fix/a", "sha": place.head}
        assert (await ask("POST", "/repos/acme/shop/git/refs", ref)).message == "Reference update failed"
        assert (await ask("POST", "/repos/acme/shop/git/refs", ref)).status == 201
        moved = await ask("POST", ISSUES, {"title": "boom"})
        assert (moved.status, moved.headers["Location"].endswith(f"/repositories/{place.shop.id}/issues")) == (301, True)


async def test_a_share_of_requests_can_fail_until_told_otherwise(place: Place) -> None:
    place.github.faults.on("issues/list-for-repo", faults.error(502), times=None, chance=0.2)
    async with place.client() as ask:
        failed = [(await ask("GET", ISSUES)).status for _ in range(100)].count(502)
        assert 8 <= failed <= 35
        place.github.faults.clear()
        assert {(await ask("GET", ISSUES)).status for _ in range(10)} == {200}


# --------------------------------------------------------------------------------- limits


async def test_a_304_is_free_and_anything_else_counts(place: Place) -> None:
    async with place.client() as ask:
        first = await ask("GET", ISSUES)
        tag = {"If-None-Match": first.headers["ETag"]}
        again = await ask("GET", ISSUES, headers=tag)
        assert (again.status, again.body) == (304, b"")
        assert [one.headers["X-RateLimit-Remaining"] for one in (first, again)] == ["4999", "4999"]
        other = place.github.classic_token("ada", "repo")
        assert (await ask("GET", ISSUES, headers=tag, by=other)).status == 200  # another token, another tag
        await ask("POST", ISSUES, {"title": "boom"})
        changed = await ask("GET", ISSUES, headers=tag)
        assert (changed.status, changed.headers["X-RateLimit-Remaining"]) == (200, "4996")
    assert [entry.not_modified for entry in place.github.log if entry.conditional] == [True, False, False]


async def test_the_primary_limit_is_told_on_githubs_clock(place: Place) -> None:
    place.github.meter.limits = Limits(user=2)
    async with place.client() as ask:
        for _ in range(2):
            assert (await ask("GET", ISSUES)).status == 200
        refused = await ask("GET", ISSUES)
        assert (refused.status, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
        assert refused.message.startswith("API rate limit exceeded for user ID")
        reset = datetime.fromtimestamp(int(refused.headers["X-RateLimit-Reset"]), UTC)
        assert reset - parsedate_to_datetime(refused.headers["Date"]) == timedelta(hours=1)
        assert (await ask("GET", "/rate_limit")).json["resources"]["core"]["remaining"] == 0
        assert place.github.violations == []
        place.clock.turn(3600)
        assert (await ask("GET", ISSUES)).status == 200


async def test_each_resource_has_its_own_limit(place: Place) -> None:
    async with place.client() as ask:
        seen = {
            got.headers["X-RateLimit-Resource"]: got.headers["X-RateLimit-Limit"]
            for got in [
                await ask("GET", ISSUES),
                await ask("GET", "/search/issues?q=x+is:issue"),
                await ask("GET", "/search/code?q=x"),
                await ask("POST", "/graphql", place.commit("main", files={"a": "b"})),
                await ask("GET", ISSUES, by=place.github.actions_token(place.shop)),
            ]
        }
        assert seen == {"core": "1000", "search": "30", "code_search": "9", "graphql": "5000"}
        assert {(await ask("GET", "/search/code?q=x")).status for _ in range(8)} == {200}
        assert (await ask("GET", "/search/code?q=x")).status == 403
        assert (await ask("GET", ISSUES)).status == 200


async def test_content_has_a_limit_by_the_minute_that_holds_up_everything(place: Place) -> None:
    place.github.meter.limits = Limits(content=3, pause=None)
    async with place.client() as ask:
        statuses = [(await ask("POST", ISSUES, {"title": "boom"})).status for _ in range(4)]
        assert statuses == [201, 201, 201, 403]
        place.clock.turn(30)
        held = await ask("GET", ISSUES)
        assert (held.status, "secondary rate limit" in held.message, "Retry-After" in held.headers) == (403, True, False)
        (violation,) = place.github.violations
        assert (violation.operation, violation.until - violation.at) == ("issues/list-for-repo", timedelta(seconds=30))
        place.clock.turn(31)
        assert (await ask("POST", ISSUES, {"title": "boom"})).status == 201


async def test_points_and_requests_at_once_have_limits_too(place: Place) -> None:
    place.github.meter.limits = Limits(points=11, in_flight=1, pause=60)
    place.github.add_issue(place.shop, "ada", "boom")
    label = [(f"{ISSUES}/1/labels", {"labels": ["bug"]})] * 3
    async with place.client() as ask:
        assert [(await ask("POST", path, body)).status for path, body in label] == [200, 200, 403]
    alone = {"authorization": f"Bearer {place.github.classic_token('bob', 'repo').value}", "user-agent": "x"}
    crowded = place.github.handle(Request("GET", ISSUES, alone), in_flight=2)
    assert (crowded.status, crowded.headers["retry-after"]) == (403, "60")


@pytest.mark.parametrize("status", [403, 429])
async def test_a_secondary_limit_says_how_long(place: Place, status: int) -> None:
    place.github.faults.on("issues/create", faults.secondary(status, retry_after=3600))
    async with place.client() as ask:
        refused = await ask("POST", ISSUES, {"title": "boom"})
        assert (refused.status, refused.headers["Retry-After"]) == (status, "3600")
        place.clock.turn(3599)
        assert (await ask("GET", ISSUES)).status == status
        place.clock.turn(1)
        assert (await ask("POST", ISSUES, {"title": "boom"})).status == 201
    assert len(place.github.violations) == 1


async def test_who_goes_on_is_suspended(place: Place) -> None:
    place.github.meter.limits = Limits(ban_after=3)
    place.github.faults.on("issues/create", faults.secondary())
    async with place.client() as ask:
        said = [(await ask("POST", ISSUES, {"title": "boom"})).message for _ in range(5)]
    assert said[-1] == "Sorry. Your account was suspended"
    assert len(place.github.violations) == 3


async def test_graphql_tells_its_limit_in_a_200(place: Place) -> None:
    place.github.faults.on("graphql", faults.primary(2400))
    async with place.client() as ask:
        got = await ask("POST", "/graphql", place.commit("main", files={"a": "b"}))
    assert (got.status, got.json["errors"][0]["type"], got.headers["X-RateLimit-Remaining"]) == (200, "RATE_LIMITED", "0")
    assert got.headers["X-RateLimit-Reset"] == str(int((NOON + timedelta(seconds=2400)).timestamp()))
    assert place.git.refs()["refs/heads/main"] == place.head


async def test_graphql_may_tell_a_secondary_limit_in_a_200_too(place: Place) -> None:
    place.github.faults.on("graphql", faults.secondary(200, retry_after=90))
    async with place.client() as ask:
        got = await ask("POST", "/graphql", place.commit("main", files={"a": "b"}))
        assert (got.status, got.headers["Retry-After"]) == (200, "90")
        assert "secondary rate limit" in got.json["errors"][0]["message"]
        assert (await ask("GET", ISSUES)).status == 403


# ---------------------------------------------------------------------------- credentials


async def test_tokens_say_what_they_may(place: Place) -> None:
    expires = NOON + timedelta(days=30)
    fine = place.github.fine_grained_token("ada", "acme", {"contents": "read"}, repositories=[place.shop], expires_at=expires)
    async with place.client() as ask:
        classic = await ask("GET", ISSUES)
        assert (classic.headers["X-OAuth-Scopes"], "X-Accepted-GitHub-Permissions" in classic.headers) == ("repo", False)
        bounded = await ask("POST", ISSUES, {"title": "boom"}, by=fine)
        assert (bounded.status, bounded.message) == (403, "Resource not accessible by personal access token")
        assert bounded.headers["X-Accepted-GitHub-Permissions"] == "issues=write"
        assert bounded.headers["GitHub-Authentication-Token-Expiration"] == "2026-02-04 12:00:00 UTC"
        assert (await ask("GET", "/repos/acme/shop/git/ref/heads/main", by=fine)).status == 200
        fine.revoked = True
        assert (await ask("GET", "/repos/acme/shop", by=fine)).status == 401


async def test_a_public_repository_is_read_by_anybody_and_written_by_its_own(place: Place) -> None:
    place.shop.private = False
    stranger = place.github.fine_grained_token("eve", "globex")
    async with place.client() as ask:
        assert (await ask("GET", ISSUES, by=stranger)).status == 200
        assert (await ask("POST", ISSUES, {"title": "boom"}, by=stranger)).status == 403
        assert (await ask("POST", ISSUES, {"title": "boom"}, headers={"Authorization": None})).status == 401
        made = await ask("POST", ISSUES, {"title": "boom"}, by=place.github.classic_token("eve", "public_repo"))
        assert (made.status, made.json["author_association"]) == (201, "NONE")


async def test_an_app_signs_itself_in_and_writes_as_its_bot(place: Place) -> None:
    app, signed = an_app(place)
    tokens = f"/app/installations/{min(place.github.installations)}/access_tokens"
    async with place.client(signed(app)) as ask:
        narrow = {"repositories": ["shop"], "permissions": {"issues": "write"}}
        made = (await ask("POST", tokens, narrow)).json
        assert (made["expires_at"], made["repository_selection"]) == ("2026-01-05T13:00:00Z", "selected")
        issue = (await ask("POST", ISSUES, {"title": "boom", "labels": ["bug"]}, by=made["token"])).json
        assert (issue["user"]["login"], issue["user"]["type"], issue["labels"][0]["name"]) == ("triaged[bot]", "Bot", "bug")
        assert issue["performed_via_github_app"]["slug"] == "triaged"
        assert [one["number"] for one in (await ask("GET", f"{ISSUES}?creator=triaged[bot]", by=made["token"])).json] == [1]
        refused = await ask("GET", "/repos/acme/shop/git/ref/heads/main", by=made["token"])
        assert (refused.status, refused.message) == (403, "Resource not accessible by integration")
        assert (await ask("GET", "/user", by=made["token"])).status == 403
        place.clock.turn(3600)
        assert (await ask("GET", ISSUES, by=made["token"])).status == 401


async def test_a_wrong_jwt_is_refused_with_what_is_wrong(place: Place) -> None:
    app, signed = an_app(place)
    _, forged = an_app(place, slug="other")
    said = {}
    async with place.client() as ask:
        for name, token in {
            "forged": forged(app),
            "early": signed(app, iat=120, exp=600),
            "long": signed(app, exp=660),
            "over": signed(app, exp=-1),
            "unknown": signed(replace(app, id=4)),
            "no JWT": place.token,
        }.items():
            got = await ask("GET", "/app", by=token)
            said[name] = (got.status, got.message)
    assert said["forged"] == said["no JWT"] == (401, "A JSON web token could not be decoded")
    assert said["early"][1].startswith("'Issued at' claim ('iat') must be an Integer")
    assert said["long"] == (401, "'Expiration time' claim ('exp') is too far in the future")
    assert said["over"][1].startswith("'Expiration time' claim ('exp') must be a numeric value")
    assert said["unknown"] == (404, "Integration not found")


async def test_a_suspended_installation_gives_no_token(place: Place) -> None:
    app, signed = an_app(place)
    (installation,) = place.github.installations.values()
    installation.suspended_at = NOON
    async with place.client(signed(app)) as ask:
        assert (await ask("POST", f"/app/installations/{installation.id}/access_tokens")).status == 403


async def test_deliveries_of_a_webhook_are_listed_newest_first_with_a_cursor(place: Place) -> None:
    place.shop.roles["ada"] = "admin"
    place.shop.hooks[7] = [HookDelivery(number, f"guid-{number}", NOON, "issues", "opened", 202 if number else 503) for number in range(3)]
    here = "/repos/acme/shop/hooks/7/deliveries"
    async with place.client() as ask:
        first = await ask("GET", f"{here}?per_page=2")
        assert [one["id"] for one in first.json] == [2, 1]
        rest = await ask("GET", first.headers["Link"][1:].partition(">")[0])
        assert [one["guid"] for one in rest.json] == ["guid-0"]
        assert [one["status_code"] for one in (await ask("GET", f"{here}?status=failure")).json] == [503]


# ---------------------------------------------------------------------- other ways to run


async def test_an_enterprise_server_has_another_root_and_no_limits(tmp_path: Path) -> None:
    place = Place(tmp_path, enterprise="3.19.1")
    async with place.client() as ask:
        got = await ask("GET", "/repos/acme/shop")
        assert (got.status, "X-RateLimit-Limit" in got.headers, got.headers["X-GitHub-Enterprise-Version"]) == (200, False, "3.19.1")
        assert place.github.api.endswith("/api/v3")
        assert got.json["html_url"] == f"{place.github.web}/acme/shop"
        assert (await ask("GET", "/rate_limit")).message == "Rate limiting is not enabled."
        assert "data" in (await ask("POST", place.github.graphql, place.commit("main", files={"a": "b"}))).json


def test_without_a_socket_one_seed_gives_one_story(tmp_path: Path) -> None:
    """What a simulator needs: no time but the given one, no chance but the seed's."""

    def story(folder: str, seed: int) -> list[tuple[int, bytes]]:
        place = Place(tmp_path / folder, seed=seed)
        place.github.lag = Lag()
        place.github.faults.on("*", faults.error(502), times=None, chance=0.3)
        headers = {"authorization": f"Bearer {place.token.value}", "user-agent": "simulator"}
        told = []
        for number in range(30):
            place.clock.turn(1)
            for request in [
                Request("POST", ISSUES, headers, json.dumps({"title": f"boom {number}"}).encode()),
                Request("GET", f"{ISSUES}?per_page=1", headers),
                Request("GET", "/search/issues?q=boom+is:issue", headers),
            ]:
                response = place.github.handle(request)
                told.append((response.status, response.body))
        return told

    assert story("a", 1) == story("b", 1)
    assert story("c", 1) != story("d", 2)


def real_git(place: Place, *arguments: str) -> str:
    return subprocess.run(["git", "-C", place.git.path, *arguments], capture_output=True, text=True, check=True).stdout


def blob_hash(text: str) -> str:
    return hashlib.sha1(b"blob %d\0" % len(text.encode()) + text.encode()).hexdigest()


def an_app(place: Place, slug: str = "triaged") -> tuple[Any, Callable[..., str]]:
    """An App installed at acme (the first is), and what signs JWTs for it: ``signed(app, iat=-60, exp=540)``, seconds from now."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    app = place.github.app(slug, "acme", public, {"issues": "write", "contents": "read"})
    if not place.github.installations:
        place.github.install(app, "acme")

    def signed(app: Any, *, iat: float = -60, exp: float = 540) -> str:
        now = place.clock.at.timestamp()
        return jwt.encode({"iss": str(app.id), "iat": int(now + iat), "exp": int(now + exp)}, key, algorithm="RS256")

    return app, signed
