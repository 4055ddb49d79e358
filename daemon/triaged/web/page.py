"""The page for people: what was seen, what was filed, and each ticket as its readers see it."""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triaged.core.model import Group, Report
from triaged.web import markdown

Groups = Sequence[tuple[Group, Mapping[str, Any]]]

MOST = 200
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Page:
    """``token`` opens it; without one it answers only requests that name a loopback host, and only while bound to loopback."""

    def __init__(
        self,
        groups: Callable[[int], Groups],
        by_short: Callable[[str], tuple[Group, Mapping[str, Any]] | None],
        report: Callable[[Group, Mapping[str, Any]], Report],
        health: Callable[[], Mapping[str, Any]],
        *,
        tokens: Sequence[str],
        loopback: bool,
    ) -> None:
        self._groups = groups
        self._by_short = by_short
        self._report = report
        self._health = health
        self._tokens = tokens
        self._loopback = loopback
        folder = Path(str(resources.files("triaged.web") / "pages"))
        self._style = (folder / "page.css").read_bytes()
        self._templates = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)

    def routes(self) -> list[Route]:
        if not self._tokens and not self._loopback:
            return []
        return [Route("/", self._list), Route("/ticket/{short}", self._ticket), Route("/page.css", self._css)]

    async def _list(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        rows = [(group, view, self._report(group, view).title) for group, view in self._groups(MOST)]
        return self._html("list.html.j2", rows=rows, health=self._health(), most=MOST)

    async def _ticket(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        found = self._by_short(request.path_params["short"])
        if found is None:
            return self._html("missing.html.j2", 404)
        report = self._report(*found)
        return self._html("ticket.html.j2", group=found[0], report=report, body=markdown.to_html(report.body))

    async def _css(self, request: Request) -> Response:
        return Response(self._style, media_type="text/css", headers={"X-Content-Type-Options": "nosniff"})

    def _html(self, template: str, status: int = 200, **values: Any) -> Response:
        return Response(self._templates.get_template(template).render(values), status, headers=_HEADERS, media_type="text/html")

    def _refused(self, request: Request) -> Response | None:
        if self._tokens:
            given = _token(request.headers.get("authorization", "")).encode()
            if any(hmac.compare_digest(given, token.encode()) for token in self._tokens):
                return None
            return Response(
                "the admin token opens this page\n",
                401,
                headers={"WWW-Authenticate": 'Basic realm="triaged: the admin token is the password"'},
            )
        host = request.headers.get("host", "").lower()
        name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        if name in _LOOPBACK:
            return None
        return Response("without TRIAGED_ADMIN_TOKEN this page is for this machine alone\n", 403)


def _token(authorization: str) -> str:
    """Of ``Bearer TOKEN``, or the password of ``Basic``, which browsers can send."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode("utf-8", "replace").partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return ""
