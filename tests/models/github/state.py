"""What stands in GitHub: accounts, repositories, issues, pull requests, Apps and tokens, and what people do to them by hand.

Issues and comments are values with a history, because a replica that lags shows them as they were.
"""

import base64
import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

from .gitrepo import GitRepo, Person

T = TypeVar("T")
Role = Literal["read", "triage", "write", "maintain", "admin"]
ROLES: tuple[Role, ...] = ("read", "triage", "write", "maintain", "admin")
EVERYTHING = {
    "issues": "write",
    "contents": "write",
    "pull_requests": "write",
    "metadata": "read",
    "checks": "read",
    "statuses": "read",
}

# Fixes #12, closes: acme/shop#12
_CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?P<place>[\w.-]+/[\w.-]+)?#(?P<number>\d+)", re.IGNORECASE)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


class History(Generic[T]):
    """What something was, over time; None once it is gone."""

    def __init__(self, at: datetime, value: T) -> None:
        self._times = [at]
        self._values: list[T | None] = [value]

    def put(self, at: datetime, value: T | None) -> None:
        self._times.append(at)
        self._values.append(value)

    @property
    def now(self) -> T | None:
        return self._values[-1]

    def at(self, instant: datetime) -> T | None:
        """None also before it was made."""
        index = bisect_right(self._times, instant)
        return self._values[index - 1] if index else None

    def versions(self) -> Iterable[tuple[int, datetime, T | None]]:
        """Newest first, each with its place and the time it came."""
        return ((index, self._times[index], self._values[index]) for index in reversed(range(len(self._values))))


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    login: str
    kind: Literal["User", "Organization", "Bot"]
    email: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """What an issue has besides when it is a pull request. Refs are branch names; ``head_sha`` is kept once it is closed."""

    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool = False
    maintainer_can_modify: bool = False
    reviewers: tuple[str, ...] = ()
    merged_at: datetime | None = None
    merged_by: str = ""
    merge_commit: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue or a pull request: they share their numbers. Labels and people by name."""

    id: int
    number: int
    title: str
    body: str | None
    author: str
    created_at: datetime
    updated_at: datetime
    app: "App | None" = None
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    locked: bool = False
    comments: int = 0
    closed_at: datetime | None = None
    closed_by: str = ""
    pull: Pull | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    number: int
    body: str
    author: str
    created_at: datetime
    updated_at: datetime
    app: "App | None" = None


@dataclass(frozen=True, slots=True)
class CheckRun:
    id: int
    sha: str
    name: str
    status: str
    conclusion: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    id: int
    sha: str
    context: str
    state: str
    description: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """One attempt of GitHub's to send a webhook. ``guid`` stays the same when it is sent again."""

    id: int
    guid: str
    at: datetime
    event: str
    action: str | None
    status_code: int
    redelivery: bool = False


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App. ``public_key`` is PEM; its bot writes in its name."""

    id: int
    slug: str
    owner: Account
    public_key: str
    permissions: Mapping[str, str]
    bot: Account
    created_at: datetime

    @property
    def client_id(self) -> str:
        return f"Iv23li{self.id:014d}"


@dataclass(slots=True)
class Installation:
    """``repositories`` are ids; None means all of the account's."""

    id: int
    app: App
    account: Account
    permissions: Mapping[str, str]
    repositories: frozenset[int] | None
    created_at: datetime
    suspended_at: datetime | None = None


@dataclass(slots=True)
class Token:
    """A credential. ``owner`` and ``repositories`` bound what a fine-grained or an App's token reaches; a classic one has ``scopes``."""

    value: str
    kind: Literal["classic", "fine-grained", "installation", "actions"]
    account: Account
    scopes: tuple[str, ...] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    owner: Account | None = None
    repositories: frozenset[int] | None = None
    expires_at: datetime | None = None
    app: App | None = None
    installation: int = 0
    revoked: bool = False


@dataclass(eq=False)
class Repository:
    """Settings may be changed by a test at any time, as an administrator would."""

    id: int
    owner: Account
    name: str
    git: GitRepo
    created_at: datetime
    private: bool = True
    description: str | None = None
    default_branch: str = "main"
    has_issues: bool = True
    archived: bool = False
    roles: dict[str, Role] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)
    """Branches that take changes by pull request only."""
    issues: dict[int, History[Issue]] = field(default_factory=dict)
    comments: dict[int, History[Comment]] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    """By name in lower case: GitHub does not tell ``Bug`` from ``bug``."""
    transferred: dict[int, tuple["Repository", int]] = field(default_factory=dict)
    checks: list[CheckRun] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    hooks: dict[int, list[HookDelivery]] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)
    """Commits that GitHub signed itself."""
    tree_limit: int = 100_000
    """Entries after which a tree is cut. https://docs.github.com/en/rest/git/trees#get-a-tree"""

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def filed(self) -> list[Issue]:
        """Every issue and pull request that is there, by number."""
        return [history.now for _, history in sorted(self.issues.items()) if history.now]

    def open_issues(self) -> int:
        return sum(one.state == "open" for one in self.filed())

    def open_pull(self, head: str, base: str) -> Issue | None:
        for one in self.filed():
            if one.pull and one.state == "open" and (one.pull.head, one.pull.base) == (head, base):
                return one
        return None


class World:
    """Everything at github.com. ``now`` is GitHub's own clock."""

    web = "https://github.com"
    api = "https://api.github.com"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._clock = now
        self._pretended: datetime | None = None
        self._ids = itertools.count(1001)
        self.accounts: dict[str, Account] = {}
        self.members: dict[str, set[str]] = {}
        self.repositories: dict[int, Repository] = {}
        self.moved: dict[str, Repository] = {}
        """Former full names, in lower case."""
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}

    def now(self) -> datetime:
        return self._pretended or self._clock()

    def second(self) -> datetime:
        """Now, as GitHub stores times: whole seconds."""
        return self.now().replace(microsecond=0)

    def new_id(self) -> int:
        return next(self._ids)

    # -- who and where

    def user(self, login: str, *, email: str = "") -> Account:
        return self._account(login, "User", email)

    def organization(self, login: str, *members: str) -> Account:
        self.members[login] = set(members)
        return self._account(login, "Organization")

    def repository(self, full_name: str, git: GitRepo, *, roles: Mapping[str, Role] | None = None, **settings: Any) -> Repository:
        """Makes one; its owner must exist."""
        owner, _, name = full_name.partition("/")
        made = Repository(self.new_id(), self.accounts[owner.lower()], name, git, self.second(), roles=dict(roles or {}), **settings)
        self.repositories[made.id] = made
        return made

    def find(self, owner: str, name: str) -> Repository | None:
        """By its present name. Names are not case-sensitive."""
        wanted = f"{owner}/{name}".lower()
        return next((one for one in self.repositories.values() if one.full_name.lower() == wanted), None)

    def role(self, login: str, repository: Repository) -> Role | None:
        """What a person may do; None where the repository is hidden from them."""
        if login == repository.owner.login:
            return "admin"
        return repository.roles.get(login) or (None if repository.private else "read")

    def association(self, login: str, repository: Repository) -> str:
        if login == repository.owner.login:
            return "OWNER"
        if login in self.members.get(repository.owner.login, ()):
            return "MEMBER"
        return "COLLABORATOR" if login in repository.roles else "NONE"

    def account(self, login: str) -> Account:
        return self.accounts[login.lower()]

    # -- credentials

    def classic_token(self, login: str, *scopes: str) -> Token:
        return self._token("ghp_", "classic", self.account(login), scopes=scopes)

    def fine_grained_token(
        self,
        login: str,
        owner: str,
        permissions: Mapping[str, str] = EVERYTHING,
        *,
        repositories: Iterable[Repository] | None = None,
        expires_at: datetime | None = None,
    ) -> Token:
        """``repositories`` None: all of the owner's."""
        reach = {"owner": self.account(owner), "repositories": _ids(repositories), "expires_at": expires_at}
        return self._token("github_pat_", "fine-grained", self.account(login), permissions=permissions, **reach)

    def actions_token(self, repository: Repository, permissions: Mapping[str, str] = EVERYTHING) -> Token:
        """The GITHUB_TOKEN of a workflow run."""
        reach = {"owner": repository.owner, "repositories": frozenset({repository.id})}
        bot = self._account("github-actions[bot]", "Bot")
        return self._token("ghs_", "actions", bot, permissions=permissions, **reach)

    def app(self, slug: str, owner: str, public_key: str, permissions: Mapping[str, str] = EVERYTHING) -> App:
        bot = self._account(f"{slug}[bot]", "Bot")
        made = App(self.new_id(), slug, self.account(owner), public_key, permissions, bot, self.second())
        self.apps[made.id] = made
        return made

    def install(self, app: App, account: str, repositories: Iterable[Repository] | None = None) -> Installation:
        """``repositories`` None: all of the account's."""
        made = Installation(self.new_id(), app, self.account(account), app.permissions, _ids(repositories), self.second())
        self.installations[made.id] = made
        return made

    def installation_token(
        self, installation: Installation, permissions: Mapping[str, str], repositories: frozenset[int] | None, expires_at: datetime
    ) -> Token:
        reach = {"owner": installation.account, "repositories": repositories, "expires_at": expires_at}
        more = {"app": installation.app, "installation": installation.id, "permissions": permissions}
        return self._token("ghs_", "installation", installation.app.bot, **more, **reach)

    # -- issues, for the routes and for human hands alike

    def add_issue(self, repository: Repository, author: str, title: str, body: str | None = None, **more: Any) -> Issue:
        at = self.second()
        number = max((*repository.issues, *repository.transferred), default=0) + 1
        made = Issue(self.new_id(), number, title, body, author, at, at, **more)
        repository.issues[number] = History(self.now(), made)
        return made

    def change_issue(self, repository: Repository, number: int, *, by: str = "", **changes: Any) -> Issue:
        """Anything about an issue; what follows from a new state follows."""
        before = repository.issues[number].now
        assert before is not None
        if changes.get("state", before.state) != before.state:
            closing = changes["state"] == "closed"
            changes.setdefault("state_reason", "completed" if closing else "reopened")
            changes |= {"closed_at": self.second() if closing else None, "closed_by": by if closing else ""}
        after = replace(before, **changes)
        if after != before:
            after = replace(after, updated_at=self.second())
            repository.issues[number].put(self.now(), after)
        return after

    def add_comment(self, repository: Repository, number: int, author: str, body: str, app: App | None = None) -> Comment:
        at = self.second()
        made = Comment(self.new_id(), number, body, author, at, at, app)
        repository.comments[made.id] = History(self.now(), made)
        self.change_issue(repository, number, comments=self.comments_of(repository, number))
        return made

    def change_comment(self, repository: Repository, comment: Comment, body: str) -> Comment:
        after = replace(comment, body=body, updated_at=self.second())
        repository.comments[comment.id].put(self.now(), after)
        return after

    def comments_of(self, repository: Repository, number: int) -> int:
        return sum(history.now is not None and history.now.number == number for history in repository.comments.values())

    def close_pulls_of(self, repository: Repository, branch: str, *, by: str) -> None:
        """What happens to pull requests when their branch goes away."""
        sha = repository.git.refs().get(f"refs/heads/{branch}", "")
        for one in repository.filed():
            if one.pull and one.state == "open" and one.pull.head == branch:
                last = replace(one.pull, head_sha=sha)
                self.change_issue(repository, one.number, by=by, state="closed", state_reason=None, pull=last)

    # -- what people do by hand, and machines other than us

    def delete_issue(self, repository: Repository, number: int) -> None:
        repository.issues[number].put(self.now(), None)

    def transfer_issue(self, repository: Repository, number: int, to: Repository) -> Issue:
        gone = repository.issues.pop(number).now
        assert gone is not None
        made = self.add_issue(to, gone.author, gone.title, gone.body, app=gone.app)
        repository.transferred[number] = (to, made.number)
        return made

    def rename(self, repository: Repository, full_name: str) -> None:
        """Also to another owner. The old name leads to the new one until somebody takes it."""
        self.moved[repository.full_name.lower()] = repository
        owner, _, name = full_name.partition("/")
        repository.owner, repository.name = self.account(owner), name

    def add_label(self, repository: Repository, name: str, color: str = "ededed", description: str | None = None) -> Label:
        made = Label(self.new_id(), name, color, description)
        repository.labels[name.lower()] = made
        return made

    def merge(self, repository: Repository, number: int, by: str) -> str:
        """Merges a pull request with a merge commit and closes it, and the issues that its text says it closes; the commit's hash."""
        issue = repository.issues[number].now
        assert issue is not None
        assert issue.pull is not None
        git, pull = repository.git, issue.pull
        head = git.refs()[f"refs/heads/{pull.head}"]
        tree = git.merged_tree(git.refs()[f"refs/heads/{pull.base}"], head)
        assert tree, f"#{number} conflicts with {pull.base}"
        message = f"Merge pull request #{number} from {repository.owner.login}/{pull.head}\n\n{issue.title}"
        person = Person(by, f"{by}@users.noreply.github.com")
        commit = git.write(pull.base, {}, message, author=person, at=self.now(), merging=head, tree=tree)
        merged = replace(pull, head_sha=head, merged_at=self.second(), merged_by=by, merge_commit=commit)
        self.change_issue(repository, number, by=by, state="closed", state_reason=None, pull=merged)
        if pull.base == repository.default_branch:
            self._close_what_it_names(repository, issue.body or "", by)
        return commit

    def check(self, repository: Repository, sha: str, name: str, conclusion: str | None = "success") -> CheckRun:
        """A check run of somebody's continuous integration; ``conclusion`` None while it runs."""
        status = "completed" if conclusion else "in_progress"
        made = CheckRun(self.new_id(), sha, name, status, conclusion, self.second())
        repository.checks = [one for one in repository.checks if (one.sha, one.name) != (sha, name)] + [made]
        return made

    def status(self, repository: Repository, sha: str, context: str, state: str, description: str = "") -> Status:
        made = Status(self.new_id(), sha, context, state, description, self.second())
        repository.statuses = [one for one in repository.statuses if (one.sha, one.context) != (sha, context)] + [made]
        return made

    def line(self, permalink: str) -> str:
        """The line of code that a permalink shows: ``https://github.com/acme/shop/blob/<sha>/app/cart.py#L12``. KeyError where none is."""
        place, _, line = permalink.removeprefix(f"{self.web}/").partition("#L")
        owner, name, blob, sha, path = place.split("/", 4)
        repository = self.find(owner, name)
        if blob != "blob" or repository is None or len(sha) != 40:
            raise KeyError(permalink)
        entries = {entry.path: entry.sha for entry in repository.git.tree(sha, recursive=True)}
        text = repository.git.blob(entries[path])
        assert text is not None
        return text.decode().splitlines()[int(line) - 1]

    # -- inside

    def _close_what_it_names(self, repository: Repository, text: str, by: str) -> None:
        """https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue"""
        for m in _CLOSING.finditer(_CODE.sub("", text)):
            where = self.find(*m["place"].split("/")) if m["place"] else repository
            history = where.issues.get(int(m["number"])) if where else None
            if where and history and history.now and not history.now.pull:
                self.change_issue(where, int(m["number"]), by=by, state="closed")

    def _account(self, login: str, kind: Literal["User", "Organization", "Bot"], email: str = "") -> Account:
        if login.lower() not in self.accounts:
            self.accounts[login.lower()] = Account(self.new_id(), login, kind, email or f"{login}@users.noreply.github.com")
        return self.accounts[login.lower()]

    def _token(self, prefix: str, kind: Any, account: Account, **more: Any) -> Token:
        made = Token(f"{prefix}{self.new_id():036d}", kind, account, **more)
        self.tokens[made.value] = made
        return made


def node_id(prefix: str, *parts: object) -> str:
    """GraphQL's global id of a thing; opaque to clients."""
    return f"{prefix}_{base64.urlsafe_b64encode(':'.join(map(str, parts)).encode()).decode().rstrip('=')}"


def unpacked(node: str) -> list[str]:
    """The parts of a ``node_id``."""
    packed = node.partition("_")[2]
    return base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode(errors="replace").split(":", 1)


def stamp(at: datetime | None) -> str | None:
    """``2026-01-01T12:00:00Z``, as GitHub prints times."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _ids(repositories: Iterable[Repository] | None) -> frozenset[int] | None:
    return None if repositories is None else frozenset(one.id for one in repositories)
