"""How operations are answered: ``@route`` names the operation, what it needs, and the function that answers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from . import access
from .access import Caller
from .schema import Operation
from .state import Issue, Repository
from .wire import Refusal, Request, Response, answer, invalid, not_found

if TYPE_CHECKING:
    from .model import GitHub

T = TypeVar("T")
MOST_A_PAGE = 100
"""https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api"""

# /repos/acme/shop/issues, /repositories/12/issues
PLACE = re.compile(r"/(?:repos/[^/]+/[^/]+|repositories/(?P<id>\d+))(?P<rest>/.*)?")

# application/json, application/vnd.github+json, application/vnd.github.v3.raw+json, */*
_MEDIA = re.compile(r"(?:\*|application)/(?:\*|json|vnd\.github(?:\.v3)?(?:\.(?P<form>[\w-]+))?(?:\+json)?)")


@dataclass(slots=True)
class Call:
    """One request on its way to its answer."""

    github: "GitHub"
    request: Request
    operation: Operation
    params: dict[str, str]
    caller: Caller
    body: Any = None
    repo: Repository = field(default=None)  # type: ignore[assignment]
    """Set by the model before a handler of a path that names one is called; the other handlers do not look at it, and thus the ignored type."""
    form: str = ""
    """What the ``accept`` header asks for besides JSON: ``raw``, ``sha``, ``diff``; empty: JSON."""

    def ask(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query.get(name, default)

    def gap(self, what: str) -> None:
        """Notes that a client uses what GitHub has and the model has not."""
        self.github.findings.append(f"the model does not know {what} of {self.operation.id}")

    def issue(self, name: str = "issue_number") -> Issue:
        """The issue that the path names, as it is. Raises Refusal: 404, 410 where it was deleted, 301 where it moved away."""
        number = int(self.params[name])
        if number in self.repo.transferred:
            to, new = self.repo.transferred[number]
            rest = self.request.target.partition(f"/{number}")[2]
            raise moved(301, f"{self.github.api}/repositories/{to.id}/issues/{new}{rest}")
        if number not in self.repo.issues:
            raise not_found()
        issue = self.repo.issues[number].now
        if issue is None:
            raise Refusal(410, "This issue was deleted")
        return issue

    def needs(self, *permissions: str) -> None:
        """Raises Refusal where the caller holds none of them."""
        access.permit(self.github, self.caller, self.repo, permissions)


Handler = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Route:
    handler: Handler
    needs: tuple[str, ...]
    """Permissions of which one is enough; empty: any credential, or none."""
    forms: frozenset[str]
    """What it can answer with besides JSON."""


ROUTES: dict[str, Route] = {}


def route(operation: str, *needs: str, forms: Sequence[str] = ()) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        ROUTES[operation] = Route(handler, needs, frozenset(forms))
        return handler

    return register


def below_repository(path: str) -> str:
    """What follows the repository in a path: ``/issues/12``."""
    m = PLACE.fullmatch(path)
    return (m["rest"] or "") if m else ""


def accepted_form(request: Request) -> str | None:
    """What an ``accept`` header asks for; None where GitHub cannot serve it at all."""
    for one in (request.header("accept") or "*/*").split(","):
        if m := _MEDIA.fullmatch(one.partition(";")[0].strip().lower()):
            return m["form"] or ""
    return None


def moved(status: int, place: str) -> Refusal:
    return Refusal(status, "Moved Permanently", headers={"location": place})


def page(call: Call, items: Sequence[T], *, most: int | None = None) -> tuple[Sequence[T], dict[str, str]]:
    """The page that the request asks for, and its ``link`` header; addresses in it are by id, as GitHub's are."""
    size = min(max(_number(call, "per_page", 30), 1), MOST_A_PAGE)
    here = max(_number(call, "page", 1), 1)
    last = max(-(-min(len(items), most or len(items)) // size), 1)
    places = {"prev": here - 1, "first": 1} if here > 1 else {}
    places |= {"next": here + 1, "last": last} if here < last else {}
    link = ", ".join(f'<{_address(call, number)}>; rel="{rel}"' for rel, number in places.items())
    return items[(here - 1) * size : here * size], {"link": link} if link else {}


def listed(call: Call, items: Sequence[T], shape: Callable[[T], Any]) -> Response:
    """A page of a plain list."""
    shown, headers = page(call, items)
    return answer([shape(one) for one in shown], headers=headers)


def demand_text(resource: str, name: str, text: str | None, most: int) -> None:
    """Raises Refusal where a text is longer than GitHub takes, in characters."""
    if text is not None and len(text) > most:
        raise invalid(resource, name, "custom", message=f"{name} is too long (maximum is {most} characters)")


def _number(call: Call, name: str, default: int) -> int:
    text = call.ask(name)
    return int(text) if re.fullmatch(r"\d{1,9}", text) else default


def _address(call: Call, number: int) -> str:
    path = call.github.inside(call.request.path)
    if call.repo is not None:
        path = f"/repositories/{call.repo.id}{below_repository(path)}"
    return f"{call.github.api}{path}?{urlencode({**call.request.query, 'page': number})}"
