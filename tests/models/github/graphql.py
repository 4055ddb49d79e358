"""GraphQL, as far as ``createCommitOnBranch`` goes: one commit, many files, only onto the head that is expected.

https://docs.github.com/en/graphql/reference/commits, https://github.blog/changelog/2021-09-13-a-simpler-api-for-authoring-commits; the text
of a stale head: https://github.com/planetscale/ghcommit/pull/153. An answer is 200 even where it is an error.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import access
from .gitrepo import Person
from .routes import Call, route
from .state import Repository, node_id, stamp, unpacked
from .wire import Refusal, Response, answer

GITHUB = Person("GitHub", "noreply@github.com")
WORKFLOWS = ".github/workflows/"

_TYPES: Mapping[str, Mapping[str, str]] = {
    "Mutation": {"createCommitOnBranch": "CreateCommitOnBranchPayload"},
    "CreateCommitOnBranchPayload": {"clientMutationId": "", "commit": "Commit", "ref": "Ref"},
    "Commit": dict.fromkeys(("id", "oid", "abbreviatedOid", "url", "commitUrl", "messageHeadline", "message", "committedDate"), ""),
    "Ref": {"id": "", "name": "", "prefix": "", "target": "GitObject"},
    "GitObject": dict.fromkeys(("id", "oid", "abbreviatedOid", "commitUrl"), ""),
}
_INPUTS: Mapping[str, Mapping[str, str]] = {
    "CreateCommitOnBranchInput": {
        "branch": "CommittableBranch!",
        "clientMutationId": "String",
        "expectedHeadOid": "GitObjectID!",
        "fileChanges": "FileChanges",
        "message": "CommitMessage!",
    },
    "CommittableBranch": {"id": "ID", "repositoryNameWithOwner": "String", "branchName": "String"},
    "FileChanges": {"additions": "[FileAddition]", "deletions": "[FileDeletion]"},
    "FileAddition": {"path": "String!", "contents": "Base64String!"},
    "FileDeletion": {"path": "String!"},
    "CommitMessage": {"headline": "String!", "body": "String"},
}

# mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }
_TOKEN = re.compile(r'[\s,]+|#[^\n]*|(?P<text>"(?:[^"\\]|\\.)*")|(?P<name>\$?[A-Za-z_]\w*|-?\d+)|(?P<sign>[!(){}\[\]:=@]|\.\.\.)')


class _Wrong(Exception):
    """An error as GraphQL reports it."""

    def __init__(self, message: str, **more: Any) -> None:
        super().__init__(message)
        self.error = {**more, "message": message}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    alias: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple["_Field", ...] = ()


@route("graphql")
def graphql(call: Call) -> Response:
    if call.caller.token is None:
        raise Refusal(401, "This endpoint requires you to be authenticated.")
    body = call.body or {}
    if "query" not in body:
        raise Refusal(400, "A query attribute must be specified and must be a string.")
    try:
        kind, fields = _parsed(body["query"], body.get("variables") or {})
        if kind != "mutation":
            call.gap(f"a {kind}")
            raise _Wrong("Something went wrong while executing your query.")
        for one in fields:
            _demand_fields(one, "Mutation", ("mutation",))
        return answer({"data": {one.alias: _project(_commit(call, one), one) for one in fields}})
    except _Wrong as wrong:
        return answer({**({"data": {"createCommitOnBranch": None}} if "type" in wrong.error else {}), "errors": [wrong.error]})


def _commit(call: Call, asked: _Field) -> dict[str, Any]:
    given: Any = asked.arguments.get("input")
    _demand_input(given, "CreateCommitOnBranchInput", "")
    repo, branch = _branch(call, given["branch"])
    head = repo.git.refs().get(f"refs/heads/{branch}")
    if head is None:
        raise _refused("NOT_FOUND", f"Could not resolve to a Branch with the name '{branch}'.")
    if head != given["expectedHeadOid"]:
        raise _refused("STALE_DATA", f'Expected branch to point to "{given["expectedHeadOid"]}" but it did not.  Pull and try again.')
    if branch in repo.protected:
        raise _refused("UNPROCESSABLE", "Changes must be made through a pull request.")
    files = _files(call, given.get("fileChanges") or {}, {one.path for one in repo.git.tree(head, recursive=True)}, head)
    message = "\n\n".join(filter(None, (given["message"]["headline"], given["message"].get("body"))))
    account = call.caller.account
    assert account
    author = Person(account.login, account.email)
    oid = repo.git.write(branch, files, message, author=author, committer=GITHUB, at=call.github.now())
    repo.verified.add(oid)
    return {**_payload(call, repo, branch, oid, message), "clientMutationId": given.get("clientMutationId")}


def _branch(call: Call, given: Mapping[str, str]) -> tuple[Repository, str]:
    """Where a commit is to go. Raises _Wrong where the caller may not."""
    if "id" in given:
        number, _, name = ":".join(unpacked(given["id"])).partition(":")
        repo = call.github.repositories.get(int(number)) if number.isdigit() else None
        branch = name.removeprefix("refs/heads/")
    else:
        owner, _, name = given.get("repositoryNameWithOwner", "").partition("/")
        repo, branch = call.github.find(owner, name), given.get("branchName", "").removeprefix("refs/heads/")
    if repo is None or not access.sees(call.github, call.caller, repo):
        raise _refused("NOT_FOUND", f"Could not resolve to a Repository with the name '{given.get('repositoryNameWithOwner')}'.")
    try:
        access.permit(call.github, call.caller, repo, ("contents=write",))
        access.demand_role(call.github, call.caller, repo, "write")
    except Refusal as refusal:
        raise _refused("FORBIDDEN", refusal.message) from None
    return repo, branch


def _files(call: Call, changes: Mapping[str, Any], present: set[str], head: str) -> dict[str, bytes | None]:
    files: dict[str, bytes | None] = {}
    for one in changes.get("deletions") or ():
        if one["path"] not in present:
            message = f"A path was requested for deletion which does not exist as of commit oid `{head}`"
            raise _refused("NOT_FOUND", message)
        files[one["path"]] = None
    for one in changes.get("additions") or ():
        try:
            files[one["path"]] = base64.b64decode(one["contents"], validate=True)
        except binascii.Error:
            raise _Wrong("Base64String provided invalid value for contents") from None
    for path in files:
        if path.startswith("/") or any(part in ("", ".", "..", ".git") for part in path.split("/")):
            raise _refused("UNPROCESSABLE", f"A path was provided that is malformed: {path}")
        if path.startswith(WORKFLOWS) and not access.may_write_workflows(call.caller):
            refusing = "refusing to allow a GitHub App to create or update workflow"
            raise _refused("FORBIDDEN", f"{refusing} `{path}` without `workflows` permission")
    return files


def _payload(call: Call, repo: Repository, branch: str, oid: str, message: str) -> dict[str, Any]:
    place = f"{call.github.web}/{repo.full_name}/commit/{oid}"
    target = {"id": node_id("C", oid), "oid": oid, "abbreviatedOid": oid[:7], "commitUrl": place}
    said = {"messageHeadline": message.partition("\n")[0], "message": message, "committedDate": stamp(call.github.now())}
    ref = {"id": node_id("REF", repo.id, f"refs/heads/{branch}"), "name": branch, "prefix": "refs/heads/", "target": target}
    return {"commit": {**target, "url": place, **said}, "ref": ref}


def _project(value: Mapping[str, Any], asked: _Field) -> dict[str, Any]:
    """Of a value, what was asked for."""
    return {one.alias: _project(value[one.name], one) if one.fields else value[one.name] for one in asked.fields}


def _demand_fields(asked: _Field, kind: str, path: tuple[str, ...]) -> None:
    """Raises _Wrong for a field that a type has not, and for an object of which nothing is asked."""
    here = (*path, asked.alias)
    if asked.name not in _TYPES[kind]:
        extensions = {"code": "undefinedField", "typeName": kind, "fieldName": asked.name}
        raise _Wrong(f"Field '{asked.name}' doesn't exist on type '{kind}'", path=list(here), extensions=extensions)
    inner = _TYPES[kind][asked.name]
    if inner and not asked.fields:
        hint = f"Did you mean '{asked.name} {{ ... }}'?"
        raise _Wrong(f"Field must have selections (field '{asked.name}' returns {inner} but has no selections. {hint})")
    for one in asked.fields:
        _demand_fields(one, inner, here)


def _demand_input(given: Any, kind: str, path: str) -> None:
    """Raises _Wrong for what an input object lacks or has too much."""
    known = _INPUTS[kind]
    problems = [(name, f"Field is not defined on {kind}") for name in given or () if name not in known]
    problems += [(name, "Expected value to not be null") for name in known if known[name].endswith("!") and (given or {}).get(name) is None]
    if problems:
        name, why = problems[0]
        raise _Wrong(f"Variable $input of type CreateCommitOnBranchInput! was provided invalid value for {path}{name} ({why})")
    for name, value in given.items():
        inner = known[name].strip("[]!")
        for index, one in enumerate(value if isinstance(value, list) else [value]):
            if inner in _INPUTS and one is not None:
                _demand_input(one, inner, f"{path}{name}.{index}." if isinstance(value, list) else f"{path}{name}.")


def _refused(kind: str, message: str) -> _Wrong:
    return _Wrong(message, type=kind, path=["createCommitOnBranch"], locations=[{"line": 1, "column": 1}])


# ---------------------------------------------------------------- the language, as much of it as a mutation needs


def _parsed(text: str, variables: Mapping[str, Any]) -> tuple[str, tuple[_Field, ...]]:
    """The kind of the one operation in a document, and what it asks for. Raises _Wrong."""
    tokens = _Tokens(text)
    kind = tokens.next() if tokens.peek() != "{" else "query"
    if kind not in ("query", "mutation"):
        raise _unexpected(kind)
    while tokens.peek() != "{":  # the name, and the variables with their types
        if tokens.next() == "(":
            while tokens.next() != ")":
                pass
    return kind, tuple(_selections(tokens, variables))


class _Tokens:
    def __init__(self, text: str) -> None:
        self._tokens = [m[0] for m in _lexed(text)]
        self._tokens.append("")

    def peek(self) -> str:
        return self._tokens[0]

    def next(self) -> str:
        if len(self._tokens) == 1:
            raise _unexpected("end of file")
        return self._tokens.pop(0)

    def take(self, wanted: str) -> None:
        if (found := self.next()) != wanted:
            raise _unexpected(found)


def _lexed(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        m = _TOKEN.match(text, at)
        if m is None:
            raise _unexpected(text[at])
        at = m.end()
        if m.lastgroup:
            yield m


def _selections(tokens: _Tokens, variables: Mapping[str, Any]) -> Iterator[_Field]:
    tokens.take("{")
    while tokens.peek() != "}":
        alias = name = tokens.next()
        if tokens.peek() == ":":
            tokens.take(":")
            name = tokens.next()
        arguments = _arguments(tokens, variables) if tokens.peek() == "(" else {}
        fields = tuple(_selections(tokens, variables)) if tokens.peek() == "{" else ()
        yield _Field(name, alias, arguments, fields)
    tokens.take("}")


def _arguments(tokens: _Tokens, variables: Mapping[str, Any], start: str = "(", end: str = ")") -> dict[str, Any]:
    made = {}
    tokens.take(start)
    while tokens.peek() != end:
        name = tokens.next()
        tokens.take(":")
        made[name] = _value(tokens, variables)
    tokens.take(end)
    return made


def _value(tokens: _Tokens, variables: Mapping[str, Any]) -> Any:
    first = tokens.peek()
    if first == "{":
        return _arguments(tokens, variables, "{", "}")
    if first == "[":
        tokens.take("[")
        made = []
        while tokens.peek() != "]":
            made.append(_value(tokens, variables))
        tokens.take("]")
        return made
    token = tokens.next()
    if token.startswith("$"):
        return variables.get(token[1:])
    plain = {"true": True, "false": False, "null": None}
    return token[1:-1].encode().decode("unicode_escape") if token.startswith('"') else plain.get(token, token)


def _unexpected(token: str) -> _Wrong:
    return _Wrong(f'Parse error on "{token}"', locations=[{"line": 1, "column": 1}])
