"""GitHub's own description of its API (``openapi.json``): which operation a request means, and whether request and answer fit it.

The description is OpenAPI 3.0; what JSON Schema lacks of it is ``nullable`` alone. The real GitHub ignores what it does not know in a
query or a body; here that is a finding, because a name that GitHub ignores does nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from .wire import Request, Response

_ANYWHERE = {200: "", 202: "", 301: "basic-error", 302: "", 304: "", 307: "basic-error"} | dict.fromkeys(
    (400, 401, 403, 404, 406, 409, 410, 415, 422, 429, 500, 502, 503, 504), "basic-error"
)
"""Statuses that any operation may answer with, though the description does not repeat them at each:
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api and best-practices-for-using-the-rest-api beside it."""


class WrongModel(AssertionError):
    """The model said something that GitHub could not have said."""


class WrongRequests(AssertionError):
    """A client asked for what GitHub does not know, or in a way that GitHub does not take as it is meant."""


@dataclass(frozen=True)
class Operation:
    """One operation, such as ``issues/create``."""

    id: str
    method: str
    template: str
    docs: str
    pattern: re.Pattern[str]
    node: Mapping[str, Any]
    document: "Description"

    def findings(self, request: Request, params: Mapping[str, str], body: Any) -> Iterator[str]:
        """What is wrong with a request that GitHub might let pass. ``body`` is None where there is none."""
        here = f"{self.method} {self.template}"
        known = {(one["in"], one["name"]): one["schema"] for one in self.parameters}
        for where, given in (("path", params), ("query", request.query)):
            for name, value in given.items():
                schema = known.get((where, name))
                if schema is None:
                    yield f"{here}: GitHub knows no {where} parameter {name!r}"
                elif complaint := _complaint(self.document.validator(schema), _typed(value, schema)):
                    yield f"{here}: {where} parameter {name!r}: {complaint}"
        for (where, name), _ in known.items():
            if where == "query" and name not in request.query and (where, name) in self.required:
                yield f"{here}: query parameter {name!r} is missing"
        if body is not None and self.body_schema is None:
            yield f"{here}: GitHub reads no body here"
        elif body is not None and not self.body_errors(body) and (complaint := _complaint(self._strict_body, body)):
            yield f"{here}: body: {complaint}"

    def body_errors(self, body: Any) -> list[Any]:
        """What makes GitHub refuse a body, unknown names aside."""
        return list(self._body.iter_errors(body)) if self.body_schema is not None else []

    def check(self, response: Response) -> None:
        """Raises WrongModel where an answer does not fit the description."""
        described = self.node["responses"].get(str(response.status))
        if described is None and response.status not in _ANYWHERE:
            raise WrongModel(f"{self.id} never answers {response.status}")
        if response.payload is None:
            return
        schema = self._answer_schema(response, described)
        if schema is not None and (complaint := _complaint(self.document.validator(schema), response.payload)):
            raise WrongModel(f"{self.id} {response.status}: {complaint}")

    def _answer_schema(self, response: Response, described: Any) -> Any:
        content = self.document.resolve(described or {}).get("content")
        if content is None:
            name = _ANYWHERE[response.status]
            return {"$ref": f"#/components/schemas/{name}"} if name else None
        media = response.headers["content-type"].partition(";")[0]
        return content.get(media, content.get("application/json", {})).get("schema")

    @cached_property
    def parameters(self) -> list[Mapping[str, Any]]:
        return [self.document.resolve(one) for one in self.node.get("parameters", ())]

    @cached_property
    def required(self) -> frozenset[tuple[str, str]]:
        return frozenset((one["in"], one["name"]) for one in self.parameters if one.get("required"))

    @cached_property
    def body_schema(self) -> Any:
        return self.node.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")

    @cached_property
    def _body(self) -> Any:
        return self.document.validator(self.body_schema)

    @cached_property
    def _strict_body(self) -> Any:
        return self.document.validator(_strict(self.body_schema))


class Description:
    """The whole of ``openapi.json``."""

    def __init__(self) -> None:
        self._document = json.loads(Path(__file__).with_name("openapi.json").read_text())
        self._components = {"schemas": {k: _json_schema(v) for k, v in self._document["components"]["schemas"].items()}}
        self._validators: dict[str, Any] = {}
        found = [
            self._operation(template, method, node) for template, item in self._document["paths"].items() for method, node in item.items()
        ]
        self.operations = sorted(found, key=_generality)

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a method and a percent-encoded path mean, with the path's parameters decoded."""
        for operation in self.operations:
            if operation.method == method and (m := operation.pattern.fullmatch(path)):
                return operation, {name: unquote(value) for name, value in m.groupdict().items()}
        return None

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in node:
            return node
        _, kind, name = node["$ref"].removeprefix("#/").split("/")
        found: Mapping[str, Any] = self._document["components"][kind][name]
        return found

    def validator(self, schema: Any) -> Any:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {"allOf": [_json_schema(schema)], "components": self._components}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[key]

    def _operation(self, template: str, method: str, node: Mapping[str, Any]) -> Operation:
        wide = {one["name"] for one in map(self.resolve, node.get("parameters", ())) if one.get("x-multi-segment")}
        numbers = {one["name"] for one in map(self.resolve, node.get("parameters", ())) if one["schema"].get("type") == "integer"}

        def group(m: re.Match[str]) -> str:
            return f"(?P<{m[1]}>{'.+' if m[1] in wide else '[0-9]+' if m[1] in numbers else '[^/]+'})"

        pattern = re.sub(r"\\{(\w+)\\}", group, re.escape(template))
        docs = node["externalDocs"]["url"]
        return Operation(node["operationId"], method.upper(), template, docs, re.compile(pattern), node, self)


def _generality(operation: Operation) -> tuple[int, bool]:
    """The more literal segments a template has, the earlier it is tried: ``commits/{ref}/status`` before ``commits/{ref}``."""
    return -sum(not part.startswith("{") for part in operation.template.split("/")), ".+" in operation.pattern.pattern


def _json_schema(node: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` as JSON Schema says it."""
    if isinstance(node, list):
        return [_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _json_schema(value) for key, value in node.items() if key != "nullable" or isinstance(value, dict)}
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") is True else made


def _strict(node: Any) -> Any:
    """The same schema, but an object may have no other names than those it lists."""
    if isinstance(node, list):
        return [_strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _strict(value) for key, value in node.items()}
    return {**made, "additionalProperties": False} if isinstance(node.get("properties"), dict) and node.get("type") == "object" else made


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    """A parameter's text as the type that its schema asks for, where it can be read so."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    return {"true": True, "false": False}.get(value, value) if schema.get("type") == "boolean" else value


def _complaint(validator: Any, value: Any) -> str:
    error = next(iter(validator.iter_errors(value)), None)
    return f"{'/'.join(map(str, error.instance_path))}: {error.message}"[:500] if error else ""
