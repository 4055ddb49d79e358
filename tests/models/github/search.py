"""Search: late for what is new, later for labels, and never the whole truth.

https://docs.github.com/en/rest/search/search, and https://docs.github.com/en/search-github/searching-on-github/searching-code for what
code search leaves out: every branch but the default one, files of 384 KB and more, punctuation.
"""

import re
from dataclasses import dataclass
from typing import TypeVar

from . import access, shapes
from .gitrepo import Entry
from .routes import Call, page, route
from .state import Issue, Repository
from .wire import Refusal, Response, answer, invalid

LONGEST_QUERY, MOST_OPERATORS, MOST_RESULTS, LARGEST_FILE = 256, 5, 1000, 384_000

# repo:acme/shop  -label:"good first issue"  "total is None"  cart
_TERM = re.compile(r'(?P<no>-)?(?:(?P<name>[a-z_]+):)?(?:"(?P<quoted>[^"]*)"|(?P<word>\S+))')
_WORD = re.compile(r"\w+")


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Query:
    """What is looked for: words that all must occur, and qualifiers by name."""

    words: tuple[str, ...]
    qualifiers: tuple[tuple[str, str], ...]

    def asks(self, name: str) -> list[str]:
        return [value for key, value in self.qualifiers if key == name]


@route("search/issues-and-pull-requests")
def search_issues(call: Call) -> Response:
    query = _read(call, {"repo", "is", "type", "state", "author", "label", "in"})
    kinds = {value.replace("pull-request", "pr") for name in ("is", "type") for value in query.asks(name)}
    if not kinds & {"issue", "pr"}:
        raise _refused("Query must include 'is:issue' or 'is:pull-request'")
    found = [(repo, one) for repo in _searched(call, query) for one in _indexed(call, repo, query) if _fits(query, kinds, repo, one)]
    found.sort(key=lambda pair: (pair[1].created_at, pair[1].number), reverse=call.ask("order") != "asc")
    shown, headers = _page(call, found)
    items = [{**shapes.issue(call.github, repo, one), "body": one.body or "", "score": 1.0} for repo, one in shown]
    return answer({"total_count": len(found), "incomplete_results": False, "search_type": "lexical", "items": items}, headers=headers)


def _indexed(call: Call, repo: Repository, query: _Query) -> list[Issue]:
    """Issues as the index has them; one that is asked for by its label waits for the label to be indexed."""
    return call.github.index(repo.issues, by_label=bool(query.asks("label")))


def _fits(query: _Query, kinds: set[str], repo: Repository, one: Issue) -> bool:
    fields = set(query.asks("in")) or {"title", "body", "comments"}
    texts = [one.title] if "title" in fields else []
    texts += [one.body or ""] if "body" in fields else []
    if "comments" in fields:
        texts += [comment.now.body for comment in repo.comments.values() if comment.now and comment.now.number == one.number]
    states = set(query.asks("state")) | (kinds & {"open", "closed"})
    authors = {value.lower().removeprefix("app/") for value in query.asks("author")}
    return (
        ("pr" if one.pull else "issue") in kinds
        and states <= {one.state}
        and {value.lower() for value in query.asks("label")} <= {name.lower() for name in one.labels}
        and (not authors or one.author.lower().removesuffix("[bot]") in {author.removesuffix("[bot]") for author in authors})
        and all(_holds(texts, word) for word in query.words)
    )


@route("search/code")
def search_code(call: Call) -> Response:
    if call.caller.token is None:
        raise Refusal(401, "Requires authentication")
    query = _read(call, {"repo", "path", "filename", "extension", "in"})
    if not query.words:
        raise _refused("Must include at least one search term")
    found = [(repo, one) for repo in _searched(call, query) for one in _files(call, repo, query)]
    shown, headers = _page(call, found)
    items = [_hit(call, repo, one) for repo, one in shown]
    return answer({"total_count": len(found), "incomplete_results": False, "items": items}, headers=headers)


def _files(call: Call, repo: Repository, query: _Query) -> list[Entry]:
    """Files of the default branch that hold every word."""
    head = repo.git.resolve(repo.default_branch)
    if head is None:
        return []
    blobs = [one for one in repo.git.tree(head, recursive=True) if one.kind == "blob" and (one.size or 0) < LARGEST_FILE]
    named = [
        one
        for one in blobs
        if all(value.strip("/") in one.path for value in query.asks("path"))
        and all(one.path.rpartition("/")[2] == value for value in query.asks("filename"))
        and all(one.path.endswith(f".{value}") for value in query.asks("extension"))
    ]
    return [one for one in named if all(_holds([(repo.git.blob(one.sha) or b"").decode(errors="replace")], word) for word in query.words)]


def _hit(call: Call, repo: Repository, one: Entry) -> shapes.Json:
    head = repo.git.resolve(repo.default_branch) or ""
    shown = shapes.content(call.github, repo, one, head)
    wanted = {name: shown[name] for name in ("name", "path", "sha", "url", "git_url", "html_url")}
    return {**wanted, "repository": shapes.repository(call.github, repo, None), "score": 1.0}


def _read(call: Call, known: set[str]) -> _Query:
    text = call.ask("q")
    if not text.strip():
        raise invalid("Search", "q", "missing")
    if len(text) > LONGEST_QUERY:
        raise _refused(f"The search is longer than {LONGEST_QUERY} characters.")
    if len(re.findall(r"\b(?:AND|OR|NOT)\b", text)) > MOST_OPERATORS:
        raise _refused(f"More than {MOST_OPERATORS} AND / OR / NOT operators were used.")
    words, qualifiers = [], []
    for m in _TERM.finditer(text):
        value = m["quoted"] if m["quoted"] is not None else m["word"]
        if m["no"] or (m["name"] and m["name"] not in known) or value in ("AND", "OR", "NOT"):
            call.gap(f"the search term {m[0]!r}")
        elif m["name"]:
            qualifiers.append((m["name"], value))
        else:
            words.append(value)
    return _Query(tuple(words), tuple(qualifiers))


def _searched(call: Call, query: _Query) -> list[Repository]:
    """The repositories that a query names, or all that the caller sees."""
    named = [call.github.find(*value.split("/", 1)) for value in query.asks("repo") if "/" in value]
    if any(repo is None or not access.sees(call.github, call.caller, repo) for repo in named):
        hidden = "because the resources do not exist or you do not have permission to view them."
        raise _refused(f"The listed users and repositories cannot be searched either {hidden}")
    all_of_them = [repo for repo in call.github.repositories.values() if access.sees(call.github, call.caller, repo)]
    return [repo for repo in named if repo] if named else all_of_them


def _page(call: Call, found: list[T]) -> tuple[list[T], dict[str, str]]:
    shown, headers = page(call, found[:MOST_RESULTS], most=MOST_RESULTS)
    if not shown and found and int(call.ask("page", "1")) * int(call.ask("per_page", "30")) > MOST_RESULTS:
        raise Refusal(422, "Only the first 1000 search results are available")
    return list(shown), headers


def _holds(texts: list[str], wanted: str) -> bool:
    """Whether words follow each other in a text; neither case nor punctuation matters."""
    words = " ".join(_WORD.findall(wanted.lower()))
    return any(f" {words} " in f" {' '.join(_WORD.findall(text.lower()))} " for text in texts)


def _refused(message: str) -> Refusal:
    return Refusal(422, "Validation Failed", {"message": message, "resource": "Search", "field": "q", "code": "invalid"})
