"""What `triaged doctor` concludes from what it was shown: a line each, well or what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["ok", "warn", "mend", "off"]
_MARKS: Mapping[State, str] = {"ok": "ok  ", "warn": "warn", "mend": "MEND", "off": "-   "}


@dataclass(frozen=True, slots=True)
class Line:
    """One check."""

    state: State
    """``warn`` works, but could be better; ``off`` is not there and need not be."""
    what: str
    do: str = ""
    """What to do about it, or what would switch it on; empty for ``ok``."""

    def __str__(self) -> str:
        return f"{_MARKS[self.state]} {self.what}{self.do and ': '}{self.do}"


def ok(what: str) -> Line:
    return Line("ok", what)


def warn(what: str, do: str) -> Line:
    return Line("warn", what, do)


def mend(what: str, do: str) -> Line:
    return Line("mend", what, do)


def off(what: str, do: str) -> Line:
    return Line("off", what, do)


# ------------------------------------------------------- what a credential of GitHub may do

# https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps: all of these are within `repo`
_WITHIN_REPO = frozenset({"repo", "public_repo", "repo:status", "repo_deployment", "repo:invite", "security_events"})

_LEVELS = ("", "read", "write", "admin")
_NEEDED = {"issues": "write", "contents": "read", "metadata": "read"}
_OF_USE = {**_NEEDED, "contents": "write", "pull_requests": "write"}
"""With what pull requests need besides."""

SMALLEST = "a fine-grained token with Issues: read and write, Contents: read"


def scopes(said: str) -> Iterator[Line]:
    """Of a classic token, as ``x-oauth-scopes`` names them."""
    held = {scope.strip() for scope in said.split(",")} - {""}
    if "repo" in held:
        yield ok("its scope `repo` is enough")
    elif "public_repo" in held:
        yield ok("its scope `public_repo` is enough for public repositories")
    else:
        yield mend(
            f"its scopes are too weak ({_listed(held)})", f"give it `repo`, or `public_repo` for public repositories; or take {SMALLEST}"
        )
    if more := held - _WITHIN_REPO:
        yield warn(f"it may do more than is needed ({_listed(more)})", f"take those scopes away; better: {SMALLEST}")


def permissions(held: Mapping[str, str]) -> Iterator[Line]:
    """Of an installation of an App: names with ``read``, ``write`` or ``admin``."""
    levels = {name: _level(level) for name, level in held.items()}
    missing = {name: level for name, level in _NEEDED.items() if levels.get(name, 0) < _level(level)}
    if missing:
        where = "Settings, Developer settings, GitHub Apps, Permissions; who installed it has to accept the change"
        yield mend(f"its installation lacks {_pairs(missing)}", f"grant it under {where}")
    else:
        yield ok(f"its installation has {_pairs(_NEEDED)}")
    more = {name: held[name] for name, level in levels.items() if level > max(_level("read"), _level(_OF_USE.get(name, "")))}
    if more:
        yield warn(f"its installation may do more than is needed ({_pairs(more)})", "take that away from the App's permissions")


def expiry(said: str, now: datetime) -> Iterator[Line]:
    """``said`` is the header ``github-authentication-token-expiration``; nothing where it is missing or unreadable."""
    try:
        ends = datetime.strptime(said.replace("UTC", "+0000"), "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return
    left = ends - now
    text = f"it expires on {ends:%Y-%m-%d}, in {left.days} days"
    yield ok(text) if left > timedelta(days=14) else warn(text, "make the next one now, and put it in TRIAGED_GITHUB_TOKEN")


# --------------------------------------------------------------------- what GitHub shows


def repository(asked: str, seen: Mapping[str, Any]) -> Iterator[Line]:
    """``seen`` is the answer to ``GET /repos/{owner}/{repo}``."""
    name = str(seen["full_name"])
    yield ok(f"{asked} is there")
    if name.lower() != asked.lower():
        yield warn(
            f"{asked} is now called {name}", "name it so in TRIAGED_GITHUB_REPOSITORY and routing.yaml, before another takes the old name"
        )
    if seen.get("archived"):
        yield mend(f"{asked} is archived, so nothing can be filed there", "unarchive it (Settings, Danger zone), or name another")
    if not seen.get("has_issues"):
        yield mend(f"{asked} has issues disabled", "enable them (Settings, General, Features)")
    if not seen.get("private"):
        why = "addresses, query strings, headers and variables are left out there, but a secret that no pattern knows stays"
        yield warn(f"{asked} is public: everyone reads what is filed there", f"{why}: prefer a private repository for tickets")


def role(name: str, held: Mapping[str, Any]) -> Iterator[Line]:
    """Of the person whose token it is; ``held`` are the ``permissions`` of the repository. GitHub drops labels in silence where they may not be set."""
    if not held.get("push"):
        yield warn(
            f"{name}: without the role write GitHub leaves out labels that are new, and without triage all", "give its user the role write"
        )


def labels(name: str, wanted: Sequence[str], missing: Sequence[str]) -> Iterator[Line]:
    """Those that routes put on issues of a repository. https://docs.github.com/en/issues/using-labels-and-milestones-to-track-work/managing-labels"""
    if long := [label for label in wanted if len(label) > 50]:
        yield mend(f"{name}: labels of more than 50 characters ({_listed(long)})", "GitHub takes none: shorten them in routing.yaml")
    if there := [label for label in wanted if label not in missing]:
        yield ok(f"{name}: labels that are there: {_listed(there)}")
    if new := [label for label in missing if label not in long]:
        yield ok(f"{name}: labels that are made with the first issue: {_listed(new)}")


def assignees(name: str, refused: Sequence[str]) -> Iterator[Line]:
    """``refused`` are those of its routes whom GitHub does not assign. https://docs.github.com/en/rest/issues/assignees"""
    if refused:
        yield mend(f"{name}: nobody can assign {_listed(refused)}", "GitHub leaves them out: give them access, or mend routing.yaml")


def protection(name: str, branch: Mapping[str, Any]) -> Line:
    if branch.get("protected"):
        return ok(f"{name}: its default branch {branch['name']} is protected")
    return warn(
        f"{name}: its default branch {branch['name']} is not protected",
        "protect it (Settings, Branches): code then changes by pull requests only",
    )


def budget(core: Mapping[str, Any], now: datetime) -> Line:
    """``core`` is that part of ``GET /rate_limit``."""
    left, most = int(core["remaining"]), int(core["limit"])
    text = f"{left:,} of {most:,} requests are left this hour"
    if left >= most / 10:
        return ok(text)
    minutes = max(round((int(core["reset"]) - now.timestamp()) / 60), 0)
    return warn(text, f"{minutes} min until there are more; give triaged a credential that nothing else uses")


def clock(theirs: datetime, ours: datetime) -> Line:
    """Slack's signatures allow 300 s, the signature of an App 60 s, a token of AWS 300 s."""
    off_by = (ours - theirs).total_seconds()
    if abs(off_by) <= 30:
        return ok("this machine's clock agrees with GitHub's")
    return mend(f"this machine's clock is {abs(off_by):,.0f} s {'ahead of' if off_by > 0 else 'behind'} GitHub's", "set it by NTP")


# ------------------------------------------------------------------- what the machine shows

_NETWORK = frozenset({"cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "afs", "beegfs"})
_LEAST_BYTES = 200_000_000


def filesystem(mounts: str, folder: str) -> str:
    """The type of the file system that holds an absolute path, by the text of ``/proc/mounts``; empty where it does not say."""
    kinds: dict[str, str] = {}
    for line in mounts.splitlines():
        _, place, kind, *_ = [*line.split(" "), "", "", ""]
        kinds[place.replace("\\040", " ")] = kind  # the last one mounted at a place hides those before
    within = [place for place in kinds if folder == place or folder.startswith(f"{place.rstrip('/')}/")]
    return kinds[max(within, key=len)] if within else ""


def durability(folder: str, kind: str, promise: str) -> Line:
    """https://www.sqlite.org/wal.html: a write-ahead log needs memory shared by one host."""
    if kind.startswith(("nfs", "fuse.")) or kind in _NETWORK:
        return mend(f"{folder} is on a network file system ({kind}), where SQLite may lose data", "put TRIAGED_DATA_DIR on a local disk")
    if kind in ("tmpfs", "ramfs", "overlay"):
        return warn(
            f"{folder} is on {kind}: gone with the container or at the next boot", "mount a volume there, and name it in TRIAGED_DATA_DIR"
        )
    return ok(f"{promise}{f' (on {kind})' if kind else ''}")


def space(free: int) -> Line:
    text = f"{free / 1e9:,.1f} GB are free"
    return ok(text) if free >= _LEAST_BYTES else mend(text, f"the journal needs room: {_LEAST_BYTES / 1e6:,.0f} MB at least")


def health(told: Mapping[str, Any], version: str) -> Iterator[Line]:
    """``told`` is what ``/health`` says."""
    if told["status"] == "ok":
        yield ok(f"it runs, version {told['version']}, {told['pending']} waiting")
    for name, part in {**told["sources"], "journal": told["journal"]}.items():
        if part["degraded"]:
            yield mend(f"it runs, but {name} fails", part["reason"])
    if told["dead_letters"]:
        yield mend(f"{told['dead_letters']} deliveries could not be processed", "`triaged dead` says why, for each")
    if parked := told["intents"].get("parked"):
        yield mend(f"{parked} tickets could not be filed", "`triaged dead` says why, for each; what is wrong there shows below as well")
    if told["version"] != version:
        yield warn(f"it is version {told['version']}, this is {version}", "restart it")


def _level(name: str) -> int:
    return _LEVELS.index(name) if name in _LEVELS else 0


def _listed(names: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _pairs(held: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {level}" for name, level in sorted(held.items()))
