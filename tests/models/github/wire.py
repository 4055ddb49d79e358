"""A request, an answer and a refusal as values; no socket is anywhere near.

Refusals look as https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api describes them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

RATE_LIMIT_DOCS = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(frozen=True, slots=True)
class Request:
    """As it arrived. ``target`` is path and query as sent, ``headers`` have their names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def path(self) -> str:
        """Still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return _query(self.target)


@lru_cache(1_000)
def _query(target: str) -> dict[str, str]:
    return dict(parse_qsl(target.partition("?")[2], keep_blank_values=True))


@dataclass(slots=True)
class Response:
    """An answer, and how it is sent."""

    status: int
    payload: Any = None
    """The JSON value that ``body`` holds; None where the body is empty or no JSON."""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    lost: bool = False
    """The connection is closed and nothing is sent."""
    hangs: bool = False
    """Nothing is sent, and the connection stays open until the client gives up."""
    sent: int | None = None
    """Only so many bytes of the body are sent before the connection breaks; None: all."""
    pace: float | None = None
    """Bytes a second at which the body is sent; None: at once."""


LOST = 0
"""The status of an answer that never came."""


def answer(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, payload, body, {"content-type": "application/json; charset=utf-8", **(headers or {})})


def raw(body: bytes, media: str, status: int = 200) -> Response:
    """An answer that is no JSON."""
    return Response(status, None, body, {"content-type": media})


def lost() -> Response:
    return Response(LOST, lost=True)


class Refusal(Exception):
    """GitHub says no. ``errors`` are the entries beside a "Validation Failed"."""

    def __init__(
        self, status: int, message: str, *errors: dict[str, Any], docs: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors, self.docs, self.headers = status, message, errors, docs, dict(headers or {})

    def response(self, docs: str = "https://docs.github.com/rest") -> Response:
        said: dict[str, Any] = {"message": self.message}
        if self.errors:
            said["errors"] = list(self.errors)
        if "location" in self.headers:
            said["url"] = self.headers["location"]
        response = answer({**said, "documentation_url": self.docs or docs, "status": str(self.status)}, self.status)
        response.headers.update(self.headers)
        return response


def invalid(resource: str, field: str, code: str = "invalid", **more: Any) -> Refusal:
    """A 422 about one field. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed"""
    return Refusal(422, "Validation Failed", {**more, "resource": resource, "field": field, "code": code})


def not_found() -> Refusal:
    return Refusal(404, "Not Found")
