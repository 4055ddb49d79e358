"""Who we are and what is left of our limits: users, Apps and their installations, webhooks' deliveries.

https://docs.github.com/en/rest/users/users, https://docs.github.com/en/rest/apps/apps, https://docs.github.com/en/rest/rate-limit/rate-limit,
https://docs.github.com/en/rest/repos/webhooks
"""

from datetime import timedelta

from . import access, shapes
from .access import Caller
from .routes import Call, route
from .state import App, Installation, Repository, stamp
from .wire import Refusal, Response, answer, invalid, not_found

TOKEN_LIFE = timedelta(hours=1)


@route("users/get-authenticated")
def get_user(call: Call) -> Response:
    if call.caller.token is None:
        raise Refusal(401, "Requires authentication")
    if call.caller.account is None or call.caller.account.kind == "Bot":
        raise Refusal(403, "Resource not accessible by integration")
    return answer(shapes.myself(call.github, call.caller.account, stamp(call.github.second()) or ""))


@route("rate-limit/get")
def get_rate_limit(call: Call) -> Response:
    """Costs nothing."""
    if call.github.meter.limits is None:
        raise Refusal(404, "Rate limiting is not enabled.")
    names = ("core", "search", "code_search", "graphql")
    resources = {name: call.github.meter.state(call.caller, name, call.github.now()) for name in names}
    return answer({"resources": resources, "rate": resources["core"]})


@route("meta/get")
def get_meta(call: Call) -> Response:
    version = {"installed_version": call.github.enterprise} if call.github.enterprise else {}
    return answer({"verifiable_password_authentication": bool(version), **version})


@route("apps/get-authenticated")
def get_app(call: Call) -> Response:
    return answer(shapes.integration(call.github, _app(call.caller)))


@route("apps/get-repo-installation")
def get_installation(call: Call) -> Response:
    app = _app(call.caller)
    found = [one for one in call.github.installations.values() if one.app == app and _covers(one, call.repo)]
    if not found:
        raise not_found()
    return answer(shapes.installation(call.github, found[0]))


@route("apps/create-installation-access-token")
def create_token(call: Call) -> Response:
    """A token for an hour, for all that the installation may, or for a part of it."""
    app, body = _app(call.caller), call.body or {}
    one = call.github.installations.get(int(call.params["installation_id"]))
    if one is None or one.app != app:
        raise not_found()
    if one.suspended_at:
        raise Refusal(403, "This installation has been suspended")
    permissions = {**one.permissions, "metadata": "read"} if not body.get("permissions") else body["permissions"]
    if not permissions.items() <= {**one.permissions, "metadata": "read"}.items():
        raise Refusal(422, "The permissions requested are not granted to this installation.")
    reach = _chosen(call, one)
    expires = call.github.second() + TOKEN_LIFE
    token = call.github.installation_token(one, permissions, reach, expires)
    selection = "all" if reach is None else "selected"
    made = {"token": token.value, "expires_at": stamp(expires), "permissions": permissions, "repository_selection": selection}
    if reach is not None:
        made["repositories"] = [shapes.repository(call.github, call.github.repositories[each], None) for each in sorted(reach)]
    return answer(made, 201)


@route("repos/list-webhook-deliveries", "repository_hooks=read")
def list_deliveries(call: Call) -> Response:
    """Newest first; the ``cursor`` of the next page stands in the ``link`` header."""
    access.demand_role(call.github, call.caller, call.repo, "admin")
    deliveries = call.repo.hooks.get(int(call.params["hook_id"]))
    if deliveries is None:
        raise not_found()
    newest = sorted(deliveries, key=lambda one: one.id, reverse=True)
    wanted = call.ask("status")
    newest = [one for one in newest if not wanted or (200 <= one.status_code < 300) == (wanted == "success")]
    rest = [one for one in newest if not call.ask("cursor") or one.id <= int(call.ask("cursor").removeprefix("v1_"))]
    size = min(int(call.ask("per_page", "30")), 100)
    place = f"{call.github.api}{call.request.path}?per_page={size}"
    link = {"link": f'<{place}&cursor=v1_{rest[size].id}>; rel="next"'} if len(rest) > size else {}
    return answer([shapes.hook_delivery(call.repo, one) for one in rest[:size]], headers=link)


def _app(caller: Caller) -> App:
    if caller.app is None:
        raise Refusal(401, "A JSON web token could not be decoded")
    return caller.app


def _covers(one: Installation, repo: Repository) -> bool:
    return one.account == repo.owner and (one.repositories is None or repo.id in one.repositories)


def _chosen(call: Call, one: Installation) -> frozenset[int] | None:
    """The repositories that a token is asked for. Raises Refusal for one that the installation does not cover."""
    body = call.body or {}
    names, ids = body.get("repositories"), body.get("repository_ids")
    if names is None and ids is None:
        return one.repositories
    found = [repo for repo in call.github.repositories.values() if repo.name in (names or ()) or repo.id in (ids or ())]
    if len(found) < len(names or ()) + len(ids or ()) or not all(_covers(one, repo) for repo in found):
        raise invalid("IntegrationInstallation", "repositories")
    return frozenset(repo.id for repo in found)
