"""Cuts GitHub's OpenAPI description down to what the model answers, and writes it to ``openapi.json`` beside this file.

    npm pack @octokit/openapi && tar -xzf octokit-openapi-*.tgz
    python tests/models/github/cut_openapi.py package

``package`` is the unpacked npm package: MIT, its licence is kept beside the copy as ``openapi.LICENSE``. It holds GitHub's own
description, https://github.com/github/rest-api-description (MIT too), with Octokit's notes. What goes: operations that we never call,
schemas that none of ours leads to, and what is meant for readers (descriptions, examples, titles); an operation keeps its link to the
documentation, because GitHub's refusals carry it.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

OPERATIONS = frozenset(
    [
        "apps/create-installation-access-token",
        "apps/get-authenticated",
        "apps/get-repo-installation",
        "checks/list-for-ref",
        "git/create-ref",
        "git/delete-ref",
        "git/get-blob",
        "git/get-commit",
        "git/get-ref",
        "git/get-tree",
        "issues/add-labels",
        "issues/check-user-can-be-assigned",
        "issues/create",
        "issues/create-comment",
        "issues/create-label",
        "issues/get",
        "issues/get-label",
        "issues/list-comments",
        "issues/list-for-repo",
        "issues/list-labels-for-repo",
        "issues/update",
        "issues/update-comment",
        "meta/get",
        "pulls/create",
        "pulls/get",
        "pulls/list",
        "pulls/request-reviewers",
        "pulls/update",
        "rate-limit/get",
        "repos/compare-commits",
        "repos/compare-commits-with-basehead",
        "repos/get",
        "repos/get-branch",
        "repos/get-combined-status-for-ref",
        "repos/get-commit",
        "repos/get-content",
        "repos/list-commits",
        "repos/list-webhook-deliveries",
        "search/code",
        "search/issues-and-pull-requests",
        "users/get-authenticated",
    ]
)
_PROSE = frozenset({"description", "summary", "example", "examples", "title", "tags", "default", "deprecated", "x-github-breaking-changes"})
_NAMED = frozenset({"properties", "schemas", "parameters", "responses", "headers", "content", "mapping"})
"""Keys whose values are maps by name: a property called ``title`` is not prose."""


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """The part of an OpenAPI document that ``OPERATIONS`` need. Ends the process where one of them is not described."""
    paths: dict[str, dict[str, Any]] = {}
    for path, item in whole["paths"].items():
        for method, operation in item.items():
            if operation.get("operationId") in OPERATIONS:
                paths.setdefault(path, {})[method] = _operation(operation)
    missing = OPERATIONS - {operation["operationId"] for item in paths.values() for operation in item.values()}
    if missing:
        sys.exit(f"not described: {', '.join(sorted(missing))}")
    components: dict[str, dict[str, Any]] = {}
    wanted = sorted(_references(paths))
    while wanted:
        kind, name = wanted.pop().removeprefix("#/components/").split("/", 1)
        if name not in components.setdefault(kind, {}):
            components[kind][name] = _plain(whole["components"][kind][name])
            wanted.extend(sorted(_references(components[kind][name])))
    info = {key: whole["info"][key] for key in ("title", "version", "license")}
    components = {kind: dict(sorted(named.items())) for kind, named in sorted(components.items())}
    return {"openapi": whole["openapi"], "info": info, "paths": dict(sorted(paths.items())), "components": components}


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    kept = _plain({key: operation[key] for key in ("operationId", "parameters", "requestBody", "responses") if key in operation})
    return {**kept, "externalDocs": {"url": operation["externalDocs"]["url"]}}


def _plain(node: Any, *, named: bool = False) -> Any:
    """``node`` without prose. ``named``: its keys are names that somebody chose, not words of OpenAPI."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = node if named else {key: value for key, value in node.items() if key not in _PROSE}
    return {key: _plain(value, named=not named and key in _NAMED) for key, value in kept.items()}


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_references, node))
    if not isinstance(node, dict):
        return set()
    mine = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return mine.union(*map(_references, node.values()))


def _text(document: dict[str, Any]) -> str:
    """JSON with a line for each path and each component, so that two versions can be compared."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def block(named: dict[str, Any], indent: str) -> str:
        return "{\n" + ",\n".join(f"{indent}{line(name)}: {line(value)}" for name, value in named.items()) + "\n" + indent[1:] + "}"

    components = ",\n".join(f"  {line(kind)}: {block(named, '   ')}" for kind, named in document["components"].items())
    head = "".join(f" {line(key)}: {line(document[key])},\n" for key in ("openapi", "info"))
    return f'{{\n{head} "paths": {block(document["paths"], "  ")},\n "components": {{\n{components}\n }}\n}}\n'


def main(package: Path, here: Path) -> None:
    whole = json.loads((package / "generated" / "api.github.com.json").read_text())
    (here / "openapi.json").write_text(_text(cut(whole)))
    shutil.copyfile(package / "LICENSE", here / "openapi.LICENSE")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
