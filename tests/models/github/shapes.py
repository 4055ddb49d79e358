"""GitHub's things as GitHub's JSON. Each function gives what ``openapi.json`` demands of its schema, and a little more."""

import base64
from typing import Any
from urllib.parse import quote

from .gitrepo import Change, Commit, Entry, Person
from .state import (
    ROLES,
    Account,
    App,
    CheckRun,
    Comment,
    HookDelivery,
    Installation,
    Issue,
    Label,
    Repository,
    Role,
    Status,
    World,
    node_id,
    stamp,
)

Json = dict[str, Any]

_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_COUNTS = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "subscribers_count", "network_count", "size")
_REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
_CHANGES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}
_KINDS = {"040000": "dir", "120000": "symlink", "160000": "submodule"}


def user(world: World, account: Account) -> Json:
    url = f"{world.api}/users/{quote(account.login)}"
    place = f"{world.web}/apps/{account.login.removesuffix('[bot]')}" if account.kind == "Bot" else f"{world.web}/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id({"User": "U", "Organization": "O", "Bot": "BOT"}[account.kind], account.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": place,
        **{name: url + tail for name, tail in _USER_LINKS.items()},
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def myself(world: World, account: Account, at: str) -> Json:
    """The user behind a credential, as others see them."""
    nothing = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
    return {
        **user(world, account),
        **nothing,
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "created_at": at,
        "updated_at": at,
    }


def repository(world: World, repo: Repository, role: Role | None) -> Json:
    """``role`` is what the caller may do in it."""
    url, place = repo_url(world, repo), f"{world.web}/{repo.full_name}"
    held = ROLES.index(role) if role else -1
    levels = {"pull": 0, "triage": 1, "push": 2, "maintain": 3, "admin": 4}
    return {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user(world, repo.owner),
        "private": repo.private,
        "visibility": "private" if repo.private else "public",
        "html_url": place,
        "description": repo.description,
        "fork": False,
        "url": url,
        **{name: url + tail for name, tail in _REPOSITORY_LINKS.items()},
        "git_url": f"git://{place.partition('://')[2]}.git",
        "ssh_url": f"git@{world.web.partition('://')[2]}:{repo.full_name}.git",
        "clone_url": f"{place}.git",
        "svn_url": place,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        **dict.fromkeys(_COUNTS, 0),
        "open_issues": repo.open_issues(),
        "open_issues_count": repo.open_issues(),
        "default_branch": repo.default_branch,
        "is_template": False,
        "topics": [],
        "has_issues": repo.has_issues,
        **dict.fromkeys(("has_projects", "has_wiki", "has_pages", "has_downloads", "has_discussions"), False),
        "archived": repo.archived,
        "disabled": False,
        **dict.fromkeys(("created_at", "updated_at", "pushed_at"), stamp(repo.created_at)),
        "permissions": {name: held >= level for name, level in levels.items()},
    }


def issue(world: World, repo: Repository, one: Issue) -> Json:
    url = f"{repo_url(world, repo)}/issues/{one.number}"
    made = {
        "id": one.id,
        "node_id": node_id("PR" if one.pull else "I", one.id),
        "url": url,
        "repository_url": repo_url(world, repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": f"{world.web}/{repo.full_name}/{'pull' if one.pull else 'issues'}/{one.number}",
        "number": one.number,
        **_common(world, repo, one),
        "state_reason": one.state_reason,
        "comments": one.comments,
        "closed_by": user(world, world.account(one.closed_by)) if one.closed_by else None,
        "performed_via_github_app": integration(world, one.app) if one.app else None,
        "reactions": _reactions(url),
    }
    if one.pull:
        place = f"{world.web}/{repo.full_name}/pull/{one.number}"
        links = {"html_url": place, "diff_url": f"{place}.diff", "patch_url": f"{place}.patch"}
        pull = {"url": f"{repo_url(world, repo)}/pulls/{one.number}", **links, "merged_at": stamp(one.pull.merged_at)}
        made |= {"draft": one.pull.draft, "pull_request": pull}
    return made


def pull(world: World, repo: Repository, one: Issue, head_sha: str, role: Role | None) -> Json:
    """As lists show it. ``head_sha`` is where its branch is."""
    assert one.pull
    url, place = f"{repo_url(world, repo)}/pulls/{one.number}", f"{world.web}/{repo.full_name}/pull/{one.number}"
    issue_url = f"{repo_url(world, repo)}/issues/{one.number}"
    links = {
        "self": url,
        "html": place,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{repo_url(world, repo)}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{repo_url(world, repo)}/statuses/{head_sha}",
    }

    def side(branch: str, sha: str) -> Json:
        label = f"{repo.owner.login}:{branch}"
        there = {"repo": repository(world, repo, role), "user": user(world, repo.owner)}
        return {"label": label, "ref": branch, "sha": sha, **there}

    made = {
        "id": one.id,
        "node_id": node_id("PR", one.id),
        "url": url,
        "html_url": place,
        "diff_url": f"{place}.diff",
        "patch_url": f"{place}.patch",
        "issue_url": issue_url,
        **{f"{name}_url": links[name] for name in ("commits", "review_comments", "review_comment", "comments", "statuses")},
        "number": one.number,
        **_common(world, repo, one),
        "merged_at": stamp(one.pull.merged_at),
        "merge_commit_sha": one.pull.merge_commit or None,
        "requested_reviewers": [user(world, world.account(login)) for login in one.pull.reviewers],
        "requested_teams": [],
        "head": side(one.pull.head, head_sha),
        "base": side(one.pull.base, one.pull.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        "auto_merge": None,
        "draft": one.pull.draft,
    }
    # the schema of a pull request, unlike an issue's, wants a text here
    made["labels"] = [{**each, "description": each["description"] or ""} for each in made["labels"]]
    return made


def comment(world: World, repo: Repository, one: Comment) -> Json:
    url = f"{repo_url(world, repo)}/issues/comments/{one.id}"
    kind = "pull" if (found := repo.issues[one.number].now) and found.pull else "issues"
    return {
        "id": one.id,
        "node_id": node_id("IC", one.id),
        "url": url,
        "html_url": f"{world.web}/{repo.full_name}/{kind}/{one.number}#issuecomment-{one.id}",
        "issue_url": f"{repo_url(world, repo)}/issues/{one.number}",
        "body": one.body,
        "user": user(world, world.account(one.author)),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "author_association": world.association(one.author, repo),
        "performed_via_github_app": integration(world, one.app) if one.app else None,
        "reactions": _reactions(url),
    }


def label(world: World, repo: Repository, one: Label) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("LA", one.id),
        "url": f"{repo_url(world, repo)}/labels/{quote(one.name)}",
        "name": one.name,
        "description": one.description,
        "color": one.color,
        "default": False,
    }


def commit(world: World, repo: Repository, one: Commit) -> Json:
    url = f"{repo_url(world, repo)}/commits/{one.sha}"
    inner = {
        "url": f"{repo_url(world, repo)}/git/commits/{one.sha}",
        "author": _signature(one.author, stamp(one.authored_at)),
        "committer": _signature(one.committer, stamp(one.committed_at)),
        "message": one.message,
        "tree": {"sha": one.tree, "url": f"{repo_url(world, repo)}/git/trees/{one.tree}"},
        "comment_count": 0,
        "verification": _verification(repo, one),
    }
    return {
        "sha": one.sha,
        "node_id": node_id("C", one.sha),
        "url": url,
        "html_url": f"{world.web}/{repo.full_name}/commit/{one.sha}",
        "comments_url": f"{url}/comments",
        "commit": inner,
        "author": _known(world, one.author),
        "committer": _known(world, one.committer),
        "parents": [_parent(world, repo, sha, "commits") for sha in one.parents],
    }


def git_commit(world: World, repo: Repository, one: Commit) -> Json:
    """A commit as the database of git objects shows it."""
    return {
        "sha": one.sha,
        "node_id": node_id("C", one.sha),
        "url": f"{repo_url(world, repo)}/git/commits/{one.sha}",
        "html_url": f"{world.web}/{repo.full_name}/commit/{one.sha}",
        "author": _signature(one.author, stamp(one.authored_at)),
        "committer": _signature(one.committer, stamp(one.committed_at)),
        "message": one.message,
        "tree": {"sha": one.tree, "url": f"{repo_url(world, repo)}/git/trees/{one.tree}"},
        "parents": [_parent(world, repo, sha, "git/commits") for sha in one.parents],
        "verification": _verification(repo, one),
    }


def change(world: World, repo: Repository, one: Change, head: str) -> Json:
    """One file of a commit or a comparison; ``head`` is the commit after it."""
    path = quote(one.path)
    made = {
        "sha": one.sha if one.letter != "D" else None,
        "filename": one.path,
        "status": _CHANGES[one.letter],
        "additions": one.added,
        "deletions": one.deleted,
        "changes": one.added + one.deleted,
        "blob_url": f"{world.web}/{repo.full_name}/blob/{head}/{path}",
        "raw_url": f"{world.web}/{repo.full_name}/raw/{head}/{path}",
        "contents_url": f"{repo_url(world, repo)}/contents/{path}?ref={head}",
    }
    if one.patch:
        made["patch"] = one.patch
    return made | ({"previous_filename": one.old_path} if one.letter == "R" else {})


def tree_entry(world: World, repo: Repository, one: Entry) -> Json:
    made = {"path": one.path, "mode": one.mode, "type": one.kind, "sha": one.sha}
    if one.kind == "commit":
        return made
    kind = "blobs" if one.kind == "blob" else "trees"
    size = {"size": one.size} if one.size is not None else {}
    return {**made, **size, "url": f"{repo_url(world, repo)}/git/{kind}/{one.sha}"}


def ref(world: World, repo: Repository, name: str, sha: str) -> Json:
    kind = repo.git.kind(sha)
    return {
        "ref": name,
        "node_id": node_id("REF", repo.id, name),
        "url": f"{repo_url(world, repo)}/git/{name}",
        "object": {"type": kind, "sha": sha, "url": f"{repo_url(world, repo)}/git/{kind}s/{sha}"},
    }


def content(world: World, repo: Repository, one: Entry, at: str) -> Json:
    """An entry of a folder as the contents API shows it. ``at`` is the ref that was asked for."""
    path = quote(one.path)
    url = f"{repo_url(world, repo)}/contents/{path}?ref={quote(at)}"
    kind = _KINDS.get(one.mode, "file")
    git_url = f"{repo_url(world, repo)}/git/{'trees' if kind == 'dir' else 'blobs'}/{one.sha}"
    place = f"{world.web}/{repo.full_name}/{'tree' if kind == 'dir' else 'blob'}/{at}/{path}"
    download = None if kind in ("dir", "submodule") else f"https://raw.githubusercontent.com/{repo.full_name}/{at}/{path}"
    return {
        "type": kind,
        "name": one.path.rpartition("/")[2],
        "path": one.path,
        "sha": one.sha,
        "size": one.size or 0,
        "url": url,
        "html_url": place,
        "git_url": git_url,
        "download_url": download,
        "_links": {"self": url, "git": git_url, "html": place},
    }


def base64_lines(data: bytes) -> str:
    """As GitHub sends contents: with a line break after every 60 characters."""
    text = base64.b64encode(data).decode()
    return "".join(text[at : at + 60] + "\n" for at in range(0, len(text), 60))


def check_run(world: World, repo: Repository, one: CheckRun) -> Json:
    url, done = f"{repo_url(world, repo)}/check-runs/{one.id}", one.status == "completed"
    output = {"title": None, "summary": None, "text": None, "annotations_count": 0, "annotations_url": f"{url}/annotations"}
    return {
        "id": one.id,
        "node_id": node_id("CR", one.id),
        "head_sha": one.sha,
        "external_id": "",
        "url": url,
        "html_url": f"{world.web}/{repo.full_name}/runs/{one.id}",
        "details_url": f"{world.web}/{repo.full_name}/runs/{one.id}",
        "status": one.status,
        "conclusion": one.conclusion,
        "started_at": stamp(one.at),
        "completed_at": stamp(one.at) if done else None,
        "output": output,
        "name": one.name,
        "check_suite": None,
        "app": None,
        "pull_requests": [],
    }


def status(world: World, repo: Repository, one: Status) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("SC", one.id),
        "url": f"{repo_url(world, repo)}/statuses/{one.sha}",
        "avatar_url": None,
        "state": one.state,
        "context": one.context,
        "description": one.description or None,
        "target_url": None,
        "created_at": stamp(one.at),
        "updated_at": stamp(one.at),
    }


def integration(world: World, app: App) -> Json:
    return {
        "id": app.id,
        "client_id": app.client_id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "owner": user(world, app.owner),
        "name": app.slug,
        "description": None,
        "external_url": f"{world.web}/{app.owner.login}",
        "html_url": f"{world.web}/apps/{app.slug}",
        "created_at": stamp(app.created_at),
        "updated_at": stamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": [],
    }


def installation(world: World, one: Installation) -> Json:
    url = f"{world.api}/app/installations/{one.id}"
    return {
        "id": one.id,
        "account": user(world, one.account),
        "repository_selection": "all" if one.repositories is None else "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{world.api}/installation/repositories",
        "html_url": f"{world.web}/organizations/{one.account.login}/settings/installations/{one.id}",
        "app_id": one.app.id,
        "app_slug": one.app.slug,
        "client_id": one.app.client_id,
        "target_id": one.account.id,
        "target_type": one.account.kind,
        "permissions": dict(one.permissions),
        "events": [],
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": stamp(one.suspended_at),
    }


def hook_delivery(repo: Repository, one: HookDelivery) -> Json:
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": stamp(one.at),
        "redelivery": one.redelivery,
        "duration": 0.03,
        "status": "OK" if 200 <= one.status_code < 300 else f"Invalid HTTP Response: {one.status_code}",
        "status_code": one.status_code,
        "event": one.event,
        "action": one.action,
        "installation_id": None,
        "repository_id": repo.id,
    }


def repo_url(world: World, repo: Repository) -> str:
    return f"{world.api}/repos/{repo.full_name}"


def _common(world: World, repo: Repository, one: Issue) -> Json:
    """What issues and pull requests share."""
    assignees = [user(world, world.account(login)) for login in one.assignees]
    return {
        "title": one.title,
        "body": one.body,
        "user": user(world, world.account(one.author)),
        "labels": [label(world, repo, repo.labels[name.lower()]) for name in one.labels if name.lower() in repo.labels],
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None,
        "state": one.state,
        "locked": one.locked,
        "active_lock_reason": None,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "closed_at": stamp(one.closed_at),
        "author_association": world.association(one.author, repo),
    }


def _reactions(url: str) -> Json:
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)}


def _signature(person: Person, at: str | None) -> Json:
    return {"name": person.name, "email": person.email, "date": at}


def _known(world: World, person: Person) -> Json | None:
    """The account that an e-mail address belongs to."""
    return next((user(world, account) for account in world.accounts.values() if account.email == person.email), None)


def _parent(world: World, repo: Repository, sha: str, kind: str) -> Json:
    return {"sha": sha, "url": f"{repo_url(world, repo)}/{kind}/{sha}", "html_url": f"{world.web}/{repo.full_name}/commit/{sha}"}


def _verification(repo: Repository, one: Commit) -> Json:
    if one.sha not in repo.verified:
        return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    signature = {"signature": "-----BEGIN PGP SIGNATURE-----", "payload": f"tree {one.tree}"}
    return {"verified": True, "reason": "valid", **signature, "verified_at": stamp(one.committed_at)}
