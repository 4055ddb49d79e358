"""Pull requests, reviewers, check runs and commit statuses.

https://docs.github.com/en/rest/pulls, https://docs.github.com/en/rest/checks/runs, https://docs.github.com/en/rest/commits/statuses.
One open pull request for a pair of branches: https://github.com/gm3dmo/the-power/issues/175
"""

from dataclasses import replace
from typing import Any

from . import access, shapes
from .code import demand_commit
from .issues import BODY, TITLE
from .routes import Call, demand_text, listed, page, route
from .state import Issue, Pull
from .wire import Refusal, Response, answer, invalid, not_found, raw

LINES_A_DIFF = 20_000


@route("pulls/list", "pull_requests=read")
def list_pulls(call: Call) -> Response:
    seen = [one for one in call.github.replica(call.repo.issues) if one.pull and _wanted(call, one, one.pull)]
    by_update = call.ask("sort") == "updated"
    if call.ask("sort") in ("popularity", "long-running"):
        call.gap(f"sorting by {call.ask('sort')}")
    descending = call.ask("direction", "asc" if call.ask("sort") not in ("", "created") else "desc") == "desc"
    seen.sort(key=lambda one: (one.updated_at if by_update else one.created_at, one.number), reverse=descending)
    return listed(call, seen, lambda one: _shown(call, one))


def _wanted(call: Call, one: Issue, pull: Pull) -> bool:
    head = f"{call.repo.owner.login}:{pull.head}"
    state = call.ask("state", "open")
    return (state == "all" or one.state == state) and call.ask("head", head) == head and call.ask("base", pull.base) == pull.base


@route("pulls/get", "pull_requests=read", forms=["diff"])
def get_pull(call: Call) -> Response:
    issue = _pull_of(call)
    return _diff(call, issue) if call.form == "diff" else answer(_whole(call, issue))


@route("pulls/create", "pull_requests=write")
def create_pull(call: Call) -> Response:
    access.demand_role(call.github, call.caller, call.repo, "write")
    github, repo, body = call.github, call.repo, call.body
    for name in ("head_repo", "issue"):
        if name in body:
            call.gap(f"the field {name}")
    title, text = body.get("title"), body.get("body")
    if not title:
        raise invalid("PullRequest", "title", "missing_field")
    demand_text("PullRequest", "title", title, TITLE)
    demand_text("PullRequest", "body", text, BODY)
    head, base = body["head"].removeprefix(f"{repo.owner.login}:"), body["base"]
    refs = repo.git.refs()
    for name, branch in (("head", head), ("base", base)):
        if f"refs/heads/{branch}" not in refs:
            raise invalid("PullRequest", name)
    head_sha, base_sha = refs[f"refs/heads/{head}"], refs[f"refs/heads/{base}"]
    if not repo.git.between(base_sha, head_sha):
        raise _custom(f"No commits between {base} and {head}")
    if repo.open_pull(head, base):
        raise _custom(f"A pull request already exists for {repo.owner.login}:{head}.")
    pull = Pull(head, base, head_sha, base_sha, bool(body.get("draft")), bool(body.get("maintainer_can_modify")))
    app = call.caller.token.app if call.caller.token else None
    made = _whole(call, github.add_issue(repo, call.caller.login, title, text, app=app, pull=pull))
    return answer(made, 201, {"location": made["url"]})


@route("pulls/update", "pull_requests=write")
def update_pull(call: Call) -> Response:
    issue, body = _pull_of(call), call.body or {}
    if issue.author != call.caller.login:
        access.demand_role(call.github, call.caller, call.repo, "write")
    changes: dict[str, Any] = {name: body[name] for name in ("title", "body", "state") if name in body}
    demand_text("PullRequest", "title", changes.get("title"), TITLE)
    demand_text("PullRequest", "body", changes.get("body"), BODY)
    assert issue.pull
    if changes.get("state") == "open" and issue.state == "closed":
        _demand_reopening(call, issue.pull)
    if changes.get("state", issue.state) != issue.state:
        changes["state_reason"] = None
    if "base" in body:
        sha = call.repo.git.refs().get(f"refs/heads/{body['base']}")
        if sha is None:
            raise invalid("PullRequest", "base")
        changes["pull"] = replace(issue.pull, base=body["base"], base_sha=sha)
    after = call.github.change_issue(call.repo, issue.number, by=call.caller.login, **changes)
    return answer(_whole(call, after))


def _demand_reopening(call: Call, pull: Pull) -> None:
    if pull.merged_at:
        raise invalid("PullRequest", "state", "custom", message="state cannot be changed. The pull request was merged.")
    if f"refs/heads/{pull.head}" not in call.repo.git.refs():
        raise invalid("PullRequest", "state", "custom", message=f"state cannot be changed. The {pull.head} branch has been deleted.")
    if call.repo.open_pull(pull.head, pull.base):
        message = "state cannot be changed. There is already an open pull request for these branches."
        raise invalid("PullRequest", "state", "custom", message=message)


@route("pulls/request-reviewers", "pull_requests=write")
def request_reviewers(call: Call) -> Response:
    """Raises Refusal for who has nothing to do with the repository, and for who opened it."""
    issue, body = _pull_of(call), call.body or {}
    access.demand_role(call.github, call.caller, call.repo, "triage")
    if body.get("team_reviewers"):
        call.gap("the field team_reviewers")
    for login in body.get("reviewers", ()):
        if login == issue.author:
            raise Refusal(422, "Review cannot be requested from pull request author.")
        if login not in call.repo.roles and login != call.repo.owner.login:
            who = "One or more of the users or teams you specified is not a collaborator of the"
            raise Refusal(422, f"Reviews may only be requested from collaborators. {who} {call.repo.full_name} repository.")
    assert issue.pull
    reviewers = tuple(dict.fromkeys((*issue.pull.reviewers, *body.get("reviewers", ()))))
    after = call.github.change_issue(call.repo, issue.number, pull=replace(issue.pull, reviewers=reviewers))
    return answer(_shown(call, after), 201)


@route("checks/list-for-ref", "checks=read")
def list_checks(call: Call) -> Response:
    sha = demand_commit(call, call.params["ref"])
    wanted = [one for one in call.repo.checks if one.sha == sha]
    wanted = [one for one in wanted if call.ask("check_name", one.name) == one.name and call.ask("status", one.status) == one.status]
    if call.ask("app_id"):
        call.gap("the parameter app_id")
    shown, headers = page(call, wanted)
    runs = [shapes.check_run(call.github, call.repo, one) for one in shown]
    return answer({"total_count": len(wanted), "check_runs": runs}, headers=headers)


@route("repos/get-combined-status-for-ref", "statuses=read")
def combined_status(call: Call) -> Response:
    sha = demand_commit(call, call.params["ref"])
    mine = [one for one in call.repo.statuses if one.sha == sha]
    states = {one.state for one in mine}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    url = f"{shapes.repo_url(call.github, call.repo)}/commits/{sha}"
    shown, headers = page(call, mine)
    combined = {
        "state": state,
        "statuses": [shapes.status(call.github, call.repo, one) for one in shown],
        "sha": sha,
        "total_count": len(mine),
        "repository": shapes.repository(call.github, call.repo, None),
        "commit_url": url,
        "url": f"{url}/status",
    }
    return answer(combined, headers=headers)


def _pull_of(call: Call) -> Issue:
    issue = call.issue("pull_number")
    if issue.pull is None:
        raise not_found()
    return issue


def _shown(call: Call, issue: Issue) -> shapes.Json:
    role = access.role(call.github, call.caller, call.repo)
    return shapes.pull(call.github, call.repo, issue, _head(call, issue), role)


def _head(call: Call, issue: Issue) -> str:
    """Where its branch is while it is open, where it was when it closed."""
    assert issue.pull
    now = call.repo.git.refs().get(f"refs/heads/{issue.pull.head}")
    return now if now and issue.state == "open" else issue.pull.head_sha


def _whole(call: Call, issue: Issue) -> shapes.Json:
    """As it is shown alone: with its size, and whether it can be merged."""
    assert issue.pull
    git, head = call.repo.git, _head(call, issue)
    start = git.merge_base(issue.pull.base_sha, head) or ""
    changes, commits = git.changes(start, head), git.between(issue.pull.base_sha, head)
    tip = git.refs().get(f"refs/heads/{issue.pull.base}", issue.pull.base_sha)
    mergeable = git.merged_tree(tip, head) is not None if issue.state == "open" else None
    blocked = "draft" if issue.pull.draft else "clean" if mergeable else "dirty"
    return {
        **_shown(call, issue),
        "merged": issue.pull.merged_at is not None,
        "merged_by": shapes.user(call.github, call.github.account(issue.pull.merged_by)) if issue.pull.merged_by else None,
        "mergeable": mergeable,
        "mergeable_state": "unknown" if mergeable is None else blocked,
        "comments": issue.comments,
        "review_comments": 0,
        "maintainer_can_modify": issue.pull.maintainer_can_modify,
        "commits": len(commits),
        "additions": sum(one.added for one in changes),
        "deletions": sum(one.deleted for one in changes),
        "changed_files": len(changes),
    }


def _diff(call: Call, issue: Issue) -> Response:
    assert issue.pull
    head = _head(call, issue)
    text = call.repo.git.diff(call.repo.git.merge_base(issue.pull.base_sha, head) or "", head)
    if text.count("\n") > LINES_A_DIFF:
        too_large = {"resource": "PullRequest", "field": "diff", "code": "too_large"}
        raise Refusal(406, f"Sorry, the diff exceeded the maximum number of lines ({LINES_A_DIFF})", too_large)
    return raw(text.encode(), "application/vnd.github.diff; charset=utf-8")


def _custom(message: str) -> Refusal:
    return Refusal(422, "Validation Failed", {"resource": "PullRequest", "code": "custom", "message": message})
