"""Issues, comments, labels and who can be assigned.

https://docs.github.com/en/rest/issues. Lengths: https://github.com/dead-claudia/github-limits and the texts of the refusals. Labels and
assignees of who has no triage role are dropped without a word: https://docs.github.com/en/rest/issues/issues#create-an-issue.
"""

import re
from collections.abc import Sequence
from typing import Any

from . import access, shapes
from .routes import Call, demand_text, listed, route
from .state import Comment, Issue, Repository, stamp
from .wire import Refusal, Response, answer, invalid, not_found

TITLE, BODY, LABEL, DESCRIPTION = 256, 65_536, 50, 100
"""Characters."""
ASSIGNEES, LABELS = 10, 100
_ISSUES_OR_PULLS_READ = ("issues=read", "pull_requests=read")
_ISSUES_OR_PULLS_WRITE = ("issues=write", "pull_requests=write")
_COLOR = re.compile(r"[0-9a-fA-F]{6}")


@route("issues/list-for-repo", *_ISSUES_OR_PULLS_READ)
def list_issues(call: Call) -> Response:
    """Issues and pull requests, as the replica that is asked has them."""
    for name in ("milestone", "type", "mentioned", "issue_field_values"):
        if call.ask(name):
            call.gap(f"the parameter {name}")
    seen = [one for one in call.github.replica(call.repo.issues) if _wanted(call, one)]
    keys = {"created": lambda one: one.number, "updated": lambda one: (one.updated_at, one.number), "comments": lambda one: one.comments}
    seen.sort(key=keys.get(call.ask("sort"), keys["created"]), reverse=call.ask("direction") != "asc")
    return listed(call, seen, lambda one: shapes.issue(call.github, call.repo, one))


def _wanted(call: Call, one: Issue) -> bool:
    labels = {name.lower() for name in call.ask("labels").split(",") if name}
    creator, state = call.ask("creator"), call.ask("state", "open")
    return (
        (state == "all" or one.state == state)
        and (not creator or one.author.lower() == creator.lower())
        and labels <= {name.lower() for name in one.labels}
        and _is_assigned(one, call.ask("assignee"))
        and (stamp(one.updated_at) or "") >= call.ask("since")
        and (call.repo.has_issues or one.pull is not None)
    )


def _is_assigned(one: Issue, asked: str) -> bool:
    """``asked`` is a login, ``none``, ``*`` for anybody, or empty."""
    return {"": True, "*": bool(one.assignees), "none": not one.assignees}.get(asked, asked in one.assignees)


@route("issues/get", *_ISSUES_OR_PULLS_READ)
def get_issue(call: Call) -> Response:
    return answer(shapes.issue(call.github, call.repo, _readable(call)))


@route("issues/create", "issues=write")
def create_issue(call: Call) -> Response:
    github, repo, caller = call.github, call.repo, call.caller
    demand_open(repo)
    changes = _asked(call)
    if not changes.get("title"):
        raise invalid("Issue", "title", "missing_field")
    for name in ("milestone", "type", "issue_field_values"):
        if call.body.get(name):
            call.gap(f"the field {name}")
    app = caller.token.app if caller.token else None
    title, body = changes.pop("title"), changes.pop("body", None)
    made = github.add_issue(repo, caller.login, title, body, app=app, **changes)
    return _made(shapes.issue(github, repo, made))


@route("issues/update", *_ISSUES_OR_PULLS_WRITE)
def update_issue(call: Call) -> Response:
    before = _writable(call)
    changes = _asked(call)
    if before.author != call.caller.login:
        access.demand_role(call.github, call.caller, call.repo, "triage")
    after = call.github.change_issue(call.repo, before.number, by=call.caller.login, **changes)
    return answer(shapes.issue(call.github, call.repo, after))


def _asked(call: Call) -> dict[str, Any]:
    """What a body says about an issue, checked; without what is dropped."""
    body = call.body or {}
    made: dict[str, Any] = {}
    for name, most in (("title", TITLE), ("body", BODY)):
        if name in body:
            made[name] = None if body[name] is None else str(body[name])
            demand_text("Issue", name, made[name], most)
    for name in ("state", "state_reason"):
        if body.get(name):
            made[name] = body[name]
    if not access.has_role(call.github, call.caller, call.repo, "triage"):
        return made
    if "labels" in body:
        made["labels"] = _labelled(call, body["labels"])
    if "assignees" in body or body.get("assignee"):
        made["assignees"] = _assigned(call, body.get("assignees") or [body["assignee"]])
    return made


def _labelled(call: Call, asked: Sequence[Any]) -> tuple[str, ...]:
    """The names of labels; those that the repository lacks are made on the way."""
    names = [one["name"] if isinstance(one, dict) else one for one in asked]
    if len(names) > LABELS:
        raise invalid("Issue", "labels", "custom", message=f"only {LABELS} labels are allowed")
    for name in names:
        if not name.strip() or len(name) > LABEL:
            raise invalid("Label", "name", value=name)
    for name in names:
        if name.lower() not in call.repo.labels:
            call.github.add_label(call.repo, name)
    return tuple(dict.fromkeys(call.repo.labels[name.lower()].name for name in names))


def _assigned(call: Call, asked: Sequence[Any]) -> tuple[str, ...]:
    logins = [one["login"] if isinstance(one, dict) else one for one in asked]
    strangers = [login for login in logins if not assignable(call, login)]
    if strangers or len(logins) > ASSIGNEES:
        raise invalid("Issue", "assignees", value=strangers or logins)
    return tuple(dict.fromkeys(logins))


def assignable(call: Call, login: str) -> bool:
    repo = call.repo
    return login == repo.owner.login or login in repo.roles or login in call.github.members.get(repo.owner.login, ())


@route("issues/check-user-can-be-assigned", *_ISSUES_OR_PULLS_READ)
def check_assignee(call: Call) -> Response:
    if not assignable(call, call.params["assignee"]):
        raise not_found()
    return Response(204)


@route("issues/list-comments", *_ISSUES_OR_PULLS_READ)
def list_comments(call: Call) -> Response:
    """Oldest first: what is newest stands on the last page."""
    number = _readable(call).number
    since = call.ask("since")
    seen = [one for one in call.github.replica(call.repo.comments) if one.number == number and (stamp(one.updated_at) or "") >= since]
    return listed(call, sorted(seen, key=lambda one: one.id), lambda one: shapes.comment(call.github, call.repo, one))


@route("issues/create-comment", *_ISSUES_OR_PULLS_WRITE)
def create_comment(call: Call) -> Response:
    issue = _writable(call)
    if issue.locked and (call.caller.bounded or not access.has_role(call.github, call.caller, call.repo, "write")):
        raise Refusal(403, "Unable to create comment because issue is locked.")
    body = _comment_text(call)
    app = call.caller.token.app if call.caller.token else None
    made = call.github.add_comment(call.repo, issue.number, call.caller.login, body, app)
    return _made(shapes.comment(call.github, call.repo, made))


@route("issues/update-comment", *_ISSUES_OR_PULLS_WRITE)
def update_comment(call: Call) -> Response:
    history = call.repo.comments.get(int(call.params["comment_id"]))
    before: Comment | None = history.now if history else None
    if before is None:
        raise not_found()
    if before.author != call.caller.login:
        access.demand_role(call.github, call.caller, call.repo, "write")
    after = call.github.change_comment(call.repo, before, _comment_text(call))
    return answer(shapes.comment(call.github, call.repo, after))


def _comment_text(call: Call) -> str:
    body: str = call.body["body"]
    if not body.strip():
        raise invalid("IssueComment", "data", "unprocessable", message="Body cannot be blank")
    if len(body) > BODY:
        raise invalid("IssueComment", "data", "unprocessable", message=f"Body is too long (maximum is {BODY} characters)")
    return body


@route("issues/list-labels-for-repo", *_ISSUES_OR_PULLS_READ)
def list_labels(call: Call) -> Response:
    shown = sorted(call.repo.labels.values(), key=lambda one: one.name.lower())
    return listed(call, shown, lambda one: shapes.label(call.github, call.repo, one))


@route("issues/get-label", *_ISSUES_OR_PULLS_READ)
def get_label(call: Call) -> Response:
    found = call.repo.labels.get(call.params["name"].lower())
    if found is None:
        raise not_found()
    return answer(shapes.label(call.github, call.repo, found))


@route("issues/create-label", *_ISSUES_OR_PULLS_WRITE)
def create_label(call: Call) -> Response:
    access.demand_role(call.github, call.caller, call.repo, "write")
    name, color, description = call.body["name"], call.body.get("color") or "ededed", call.body.get("description")
    if name.lower() in call.repo.labels:
        raise Refusal(422, "Validation Failed", {"resource": "Label", "code": "already_exists", "field": "name"})
    if not name.strip() or len(name) > LABEL:
        raise invalid("Label", "name")
    if not _COLOR.fullmatch(color):
        raise invalid("Label", "color")
    demand_text("Label", "description", description, DESCRIPTION)
    return _made(shapes.label(call.github, call.repo, call.github.add_label(call.repo, name, color.lower(), description)))


@route("issues/add-labels", *_ISSUES_OR_PULLS_WRITE)
def add_labels(call: Call) -> Response:
    issue = _writable(call)
    access.demand_role(call.github, call.caller, call.repo, "triage")
    names = _labelled(call, [*issue.labels, *(call.body or {}).get("labels", ())])
    after = call.github.change_issue(call.repo, issue.number, labels=names)
    return answer([shapes.label(call.github, call.repo, call.repo.labels[name.lower()]) for name in after.labels])


def demand_open(repo: Repository) -> None:
    """Raises Refusal where a repository takes no issues."""
    if not repo.has_issues:
        raise Refusal(410, "Issues has been disabled in this repository.")
    if repo.archived:
        raise Refusal(403, "Repository was archived so is read-only.")


def _readable(call: Call) -> Issue:
    issue = call.issue()
    if issue.pull is None and not call.repo.has_issues:
        raise Refusal(410, "Issues has been disabled in this repository.")
    call.needs("pull_requests=read" if issue.pull else "issues=read")
    return issue


def _writable(call: Call) -> Issue:
    issue = call.issue()
    if issue.pull is None:
        demand_open(call.repo)
    call.needs("pull_requests=write" if issue.pull else "issues=write")
    return issue


def _made(thing: dict[str, Any]) -> Response:
    return answer(thing, 201, {"location": thing["url"]})
