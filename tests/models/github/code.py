"""Repositories and what git keeps: trees, blobs, refs, commits, comparisons, contents.

https://docs.github.com/en/rest/git, https://docs.github.com/en/rest/commits, https://docs.github.com/en/rest/repos/contents
"""

import posixpath
import re
from urllib.parse import quote

from . import access, shapes
from .gitrepo import Entry
from .routes import Call, listed, page, route
from .state import node_id
from .wire import Refusal, Response, answer, not_found, raw

LARGE_CONTENT, LARGEST_CONTENT, LARGEST_BLOB = 1_000_000, 100_000_000, 100_000_000
"""Bytes. https://docs.github.com/en/rest/repos/contents#get-repository-content, .../git/blobs#get-a-blob"""
FILES_A_DIFF = 300
_REF = re.compile(r"refs/[^/\s~^:?*\[\\]+(?:/[^/\s~^:?*\[\\]+)+")


@route("repos/get", "metadata=read")
def get_repository(call: Call) -> Response:
    shown = shapes.repository(call.github, call.repo, access.role(call.github, call.caller, call.repo))
    owner = shapes.user(call.github, call.repo.owner)
    return answer(shown | ({"organization": owner} if call.repo.owner.kind == "Organization" else {}))


@route("git/get-tree", "contents=read")
def get_tree(call: Call) -> Response:
    """Any value of ``recursive`` means yes, also ``0`` and ``false``."""
    _demand_commits(call)
    asked = call.params["tree_sha"]
    commit = call.repo.git.resolve(asked)
    sha = call.repo.git.commit(commit).tree if commit else asked
    if call.repo.git.kind(sha) != "tree":
        raise not_found()
    entries = call.repo.git.tree(sha, recursive="recursive" in call.request.query)
    shown = [shapes.tree_entry(call.github, call.repo, one) for one in entries[: call.repo.tree_limit]]
    url = f"{shapes.repo_url(call.github, call.repo)}/git/trees/{sha}"
    return answer({"sha": sha, "url": url, "tree": shown, "truncated": len(entries) > len(shown)})


@route("git/get-blob", "contents=read", forms=["raw"])
def get_blob(call: Call) -> Response:
    _demand_commits(call)
    sha = call.params["file_sha"]
    if not re.fullmatch(r"[0-9a-f]{40}", sha):
        raise Refusal(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
    data = call.repo.git.blob(sha)
    if data is None:
        raise not_found()
    if len(data) > LARGEST_BLOB:
        raise Refusal(403, "This API returns blobs up to 100 MB in size.", {"resource": "Blob", "field": "data", "code": "too_large"})
    if call.form == "raw":
        return raw(data, "application/vnd.github.raw+json; charset=utf-8")
    url = f"{shapes.repo_url(call.github, call.repo)}/git/blobs/{sha}"
    content = {"content": shapes.base64_lines(data), "encoding": "base64"}
    return answer({"sha": sha, "node_id": node_id("B", sha), "size": len(data), "url": url, **content})


@route("git/get-ref", "contents=read")
def get_ref(call: Call) -> Response:
    _demand_commits(call)
    name = f"refs/{call.params['ref']}"
    sha = call.repo.git.refs().get(name)
    if sha is None:
        raise not_found()
    return answer(shapes.ref(call.github, call.repo, name, sha))


@route("git/create-ref", "contents=write")
def create_ref(call: Call) -> Response:
    """Each name once: this is what makes a branch's name a natural key."""
    access.demand_role(call.github, call.caller, call.repo, "write")
    _demand_commits(call)
    name, sha = call.body["ref"], call.body["sha"]
    if not _REF.fullmatch(name):
        raise Refusal(422, "Reference name must start with 'refs/' and have at least two slashes.")
    if call.repo.git.kind(sha) != "commit":
        raise Refusal(422, "Object does not exist")
    taken = call.repo.git.refs()
    if name in taken:
        raise Refusal(422, "Reference already exists")
    if any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in taken):
        raise Refusal(422, "Reference update failed")
    call.repo.git.set_ref(name, sha)
    made = shapes.ref(call.github, call.repo, name, sha)
    return answer(made, 201, {"location": made["url"]})


@route("git/delete-ref", "contents=write")
def delete_ref(call: Call) -> Response:
    access.demand_role(call.github, call.caller, call.repo, "write")
    name = f"refs/{call.params['ref']}"
    if name not in call.repo.git.refs():
        raise Refusal(422, "Reference does not exist")
    branch = name.removeprefix("refs/heads/")
    if branch in call.repo.protected or branch == call.repo.default_branch:
        raise Refusal(422, "Cannot delete this branch" if branch in call.repo.protected else "Cannot delete the default branch")
    call.github.close_pulls_of(call.repo, branch, by=call.caller.login)
    call.repo.git.delete_ref(name)
    return Response(204)


@route("git/get-commit", "contents=read")
def get_git_commit(call: Call) -> Response:
    _demand_commits(call)
    sha = call.params["commit_sha"]
    if call.repo.git.kind(sha) != "commit":
        raise not_found()
    return answer(shapes.git_commit(call.github, call.repo, call.repo.git.commit(sha)))


@route("repos/get-commit", "contents=read", forms=["sha", "diff"])
def get_commit(call: Call) -> Response:
    """By branch, tag or hash."""
    sha = demand_commit(call, call.params["ref"])
    commit = call.repo.git.commit(sha)
    before = commit.parents[0] if commit.parents else ""
    if call.form == "sha":
        return raw(sha.encode(), "application/vnd.github.sha; charset=utf-8")
    if call.form == "diff":
        return raw(call.repo.git.diff(before, sha).encode(), "application/vnd.github.diff; charset=utf-8")
    changes = call.repo.git.changes(before, sha)
    shown, headers = page(call, changes, most=3000)
    added, deleted = sum(one.added for one in changes), sum(one.deleted for one in changes)
    files = [shapes.change(call.github, call.repo, one, sha) for one in (shown if call.ask("page") else changes[:FILES_A_DIFF])]
    stats = {"additions": added, "deletions": deleted, "total": added + deleted}
    return answer({**shapes.commit(call.github, call.repo, commit), "stats": stats, "files": files}, headers=headers)


@route("repos/list-commits", "contents=read")
def list_commits(call: Call) -> Response:
    _demand_commits(call)
    git, asked = call.repo.git, call.ask("sha") or call.repo.default_branch
    start = git.resolve(asked)
    if start is None:
        raise Refusal(404, f"No commit found for SHA: {asked}")
    if call.ask("committer"):
        call.gap("the parameter committer")
    author = call.github.accounts.get(call.ask("author").lower())
    wanted = author.email if author else call.ask("author")
    shas = git.log(start, path=call.ask("path"), since=call.ask("since"), until=call.ask("until"), author=wanted)
    return listed(call, shas, lambda sha: shapes.commit(call.github, call.repo, git.commit(sha)))


@route("repos/compare-commits", "contents=read", forms=["diff"])
def compare(call: Call) -> Response:
    return _compared(call, call.params["base"], call.params["head"])


@route("repos/compare-commits-with-basehead", "contents=read", forms=["diff"])
def compare_base_and_head(call: Call) -> Response:
    base, dots, head = call.params["basehead"].partition("...")
    if not dots:
        raise not_found()
    return _compared(call, base, head)


def _compared(call: Call, base_name: str, head_name: str) -> Response:
    """From where both were last one to ``head``, as ``git diff base...head`` has it."""
    git = call.repo.git
    base, head = git.resolve(base_name), git.resolve(head_name)
    start = git.merge_base(base, head) if base and head else None
    if not (base and head and start):
        raise not_found()
    if call.form == "diff":
        return raw(git.diff(start, head).encode(), "application/vnd.github.diff; charset=utf-8")
    ahead, behind = git.between(base, head), git.between(head, base)
    status = ("diverged" if behind else "ahead") if ahead else ("behind" if behind else "identical")
    place = f"{call.github.web}/{call.repo.full_name}/compare/{quote(base_name)}...{quote(head_name)}"
    shown, headers = page(call, ahead)
    compared = {
        "url": f"{shapes.repo_url(call.github, call.repo)}/compare/{quote(base_name)}...{quote(head_name)}",
        "html_url": place,
        "permalink_url": f"{call.github.web}/{call.repo.full_name}/compare/{base[:7]}...{head[:7]}",
        "diff_url": f"{place}.diff",
        "patch_url": f"{place}.patch",
        "base_commit": shapes.commit(call.github, call.repo, git.commit(base)),
        "merge_base_commit": shapes.commit(call.github, call.repo, git.commit(start)),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [shapes.commit(call.github, call.repo, git.commit(sha)) for sha in shown],
        "files": [shapes.change(call.github, call.repo, one, head) for one in git.changes(start, head)[:FILES_A_DIFF]],
    }
    return answer(compared, headers=headers)


@route("repos/get-branch", "contents=read")
def get_branch(call: Call) -> Response:
    name = call.params["branch"]
    sha = call.repo.git.refs().get(f"refs/heads/{name}")
    if sha is None:
        raise Refusal(404, "Branch not found")
    url = f"{shapes.repo_url(call.github, call.repo)}/branches/{quote(name)}"
    protected = name in call.repo.protected
    checks = {"enforcement_level": "off", "contexts": [], "checks": []}
    shown = {
        "name": name,
        "commit": shapes.commit(call.github, call.repo, call.repo.git.commit(sha)),
        "_links": {"self": url, "html": f"{call.github.web}/{call.repo.full_name}/tree/{quote(name)}"},
        "protected": protected,
        "protection": {"enabled": protected, "required_status_checks": checks},
        "protection_url": f"{url}/protection",
    }
    return answer(shown)


@route("repos/get-content", "contents=read", forms=["raw"])
def get_content(call: Call) -> Response:
    """A file, a link or a folder. Of a file above 1 MB only the raw form has the content, above 100 MB there is none."""
    ref = call.ask("ref") or call.repo.default_branch
    commit = call.repo.git.resolve(ref)
    if commit is None:
        raise Refusal(404, f"No commit found for the ref {ref}" if call.ask("ref") else "This repository is empty.")
    path = posixpath.normpath(call.params["path"]).strip("/")
    entries = call.repo.git.tree(commit, recursive=True)
    found = next((one for one in entries if one.path == path), None)
    if found is None:
        raise not_found()
    if found.mode == "040000":
        return answer([_content(call, one, ref) for one in entries if posixpath.dirname(one.path) == path])
    return _file(call, found, ref)


def _file(call: Call, found: Entry, ref: str) -> Response:
    data = call.repo.git.blob(found.sha) or b""
    if len(data) > LARGEST_CONTENT:
        raise Refusal(403, "This API returns blobs up to 100 MB in size.", {"resource": "Blob", "field": "data", "code": "too_large"})
    if call.form == "raw":
        return raw(data, "application/vnd.github.raw+json; charset=utf-8")
    shown = _content(call, found, ref)
    if found.mode == "120000":
        return answer({**shown, "target": data.decode()})
    if len(data) > LARGE_CONTENT:
        return answer({**shown, "content": "", "encoding": "none"})
    return answer({**shown, "content": shapes.base64_lines(data), "encoding": "base64"})


def _content(call: Call, one: Entry, ref: str) -> shapes.Json:
    return shapes.content(call.github, call.repo, one, ref)


def demand_commit(call: Call, name: str) -> str:
    """The hash of a branch, tag or commit. Raises Refusal."""
    _demand_commits(call)
    sha = call.repo.git.resolve(name)
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {name}")
    return sha


def _demand_commits(call: Call) -> None:
    if call.repo.git.empty:
        raise Refusal(409, "Git Repository is empty.")
