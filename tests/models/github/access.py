"""Who asks, and what they may do.

- tokens and what they reach: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens
- scopes of classic tokens: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
- permissions of the others: https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
- an App's JWT: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import jwt

from .state import ROLES, Account, App, Repository, Role, Token, World
from .wire import Refusal, Request, not_found

JWT_SECONDS = 600
JWT_LEEWAY = 60
"""How far an App's clock may run ahead before its ``iat`` is refused, in seconds."""

_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_LEVELS = ("read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever shows a credential, or nobody (``account`` and ``app`` None)."""

    name: str
    """Whose limits count, as GitHub names it in refusals: all tokens of one user share theirs."""
    account: Account | None = None
    token: Token | None = None
    app: App | None = None
    """An App that shows its JWT: it may ask for itself and its installations only."""

    @property
    def login(self) -> str:
        return self.account.login if self.account else ""

    @property
    def bounded(self) -> bool:
        """Its token has permissions instead of scopes."""
        return self.token is not None and self.token.kind != "classic"


def identify(world: World, request: Request) -> Caller:
    """Raises Refusal: 401 for what is no valid credential, 403 for a suspended installation."""
    scheme, _, credential = request.header("authorization").partition(" ")
    if not scheme:
        return Caller("127.0.0.1")
    if scheme.lower() == "basic":
        credential = _password(credential)
    if _JWT.fullmatch(credential):
        app = _app(world, credential)
        return Caller(f"app ID {app.id}", app=app)
    token = world.tokens.get(credential)
    if token is None or token.revoked or (token.expires_at and token.expires_at <= world.now()):
        raise Refusal(401, "Bad credentials")
    if token.installation and world.installations[token.installation].suspended_at:
        raise Refusal(403, "This installation has been suspended")
    return Caller(_name(token), token.account, token)


def headers(caller: Caller, needs: Sequence[str]) -> dict[str, str]:
    """What an answer says about the credential. ``needs`` are the permissions of which one is enough."""
    token = caller.token
    if token is None:
        return {}
    said = {"github-authentication-token-expiration": token.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")} if token.expires_at else {}
    if token.kind == "classic":
        return {**said, "x-oauth-scopes": ", ".join(token.scopes), "x-accepted-oauth-scopes": "repo" if needs else ""}
    return {**said, "x-accepted-github-permissions": "; ".join(needs)} if needs else said


def sees(world: World, caller: Caller, repository: Repository) -> bool:
    """Whether a repository is there at all for somebody."""
    if not repository.private:
        return True
    if caller.token is None:
        return False
    if caller.token.kind == "classic":
        return "repo" in caller.token.scopes and world.role(caller.login, repository) is not None
    return _reaches(world, caller.token, repository)


def permit(world: World, caller: Caller, repository: Repository, needs: Sequence[str]) -> None:
    """Raises Refusal where none of ``needs`` (such as ``issues=write``) is held."""
    if not needs or _reads_in_public(repository, needs):
        return
    if caller.token is None:
        raise Refusal(401, "Requires authentication") if caller.app is None else not_found()
    if not caller.bounded:
        if repository.private or {"repo", "public_repo"} & set(caller.token.scopes):
            return
        raise not_found()
    held = caller.token.permissions if _reaches(world, caller.token, repository) else {}
    if not any(_holds(held, need) for need in needs):
        who = "personal access token" if caller.token.kind == "fine-grained" else "integration"
        raise Refusal(403, f"Resource not accessible by {who}")


def has_role(world: World, caller: Caller, repository: Repository, wanted: Role) -> bool:
    """Whether a person has a role; an App's token, whose permissions said what it may, counts as having any."""
    if caller.account is None:
        return False
    if caller.account.kind == "Bot":
        return True
    held = world.role(caller.login, repository)
    return held is not None and ROLES.index(held) >= ROLES.index(wanted)


def role(world: World, caller: Caller, repository: Repository) -> Role | None:
    """What GitHub shows as somebody's role: an App's token has none."""
    return world.role(caller.login, repository) if caller.account and caller.account.kind == "User" else None


def demand_role(world: World, caller: Caller, repository: Repository, wanted: Role) -> None:
    if not has_role(world, caller, repository, wanted):
        raise Refusal(403, "Must have push access to repository" if wanted == "write" else "Must have admin rights to Repository.")


def may_write_workflows(caller: Caller) -> bool:
    """https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps: ``workflow``"""
    token = caller.token
    return token is not None and ("workflow" in token.scopes or token.permissions.get("workflows") == "write")


def _name(token: Token) -> str:
    if token.kind == "actions":
        return f"repository ID {min(token.repositories or ())}"
    return f"installation ID {token.installation}" if token.installation else f"user ID {token.account.id}"


def _reaches(world: World, token: Token, repository: Repository) -> bool:
    mine = token.owner == repository.owner and (token.repositories is None or repository.id in token.repositories)
    return mine and (token.kind != "fine-grained" or world.role(token.account.login, repository) is not None)


def _reads_in_public(repository: Repository, needs: Sequence[str]) -> bool:
    return not repository.private and all(need.endswith("=read") for need in needs)


def _holds(held: Mapping[str, str], need: str) -> bool:
    name, _, level = need.partition("=")
    return name == "metadata" or (name in held and _LEVELS.index(held[name]) >= _LEVELS.index(level))


def _password(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(401, "Bad credentials") from None


def _app(world: World, credential: str) -> App:
    """The App that signed a JWT."""
    try:
        claims = jwt.decode(credential, options={"verify_signature": False})
        app = next((one for one in world.apps.values() if str(claims["iss"]) in (str(one.id), one.client_id)), None)
        if app is not None:
            jwt.api_jws.decode(credential, app.public_key, algorithms=["RS256"])  # the times are checked on GitHub's clock, below
    except (jwt.InvalidTokenError, KeyError):
        raise Refusal(401, "A JSON web token could not be decoded") from None
    if app is None:
        raise Refusal(404, "Integration not found")
    _check_times(claims.get("iat"), claims.get("exp"), world.now())
    return app


def _check_times(issued: object, expires: object, now: datetime) -> None:
    if not isinstance(issued, int) or issued > now.timestamp() + JWT_LEEWAY:
        raise Refusal(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
    if not isinstance(expires, int) or expires <= now.timestamp():
        wrong = "must be a numeric value representing the future time at which the assertion expires"
        raise Refusal(401, f"'Expiration time' claim ('exp') {wrong}")
    if expires > now.timestamp() + JWT_SECONDS:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
