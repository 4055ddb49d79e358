"""A model of GitHub: what we use of it, as its documentation and its own OpenAPI description have it, wrong on request.

    async with served(github) as url: ...      # on a real socket, for a real client
    github.handle(Request(...)) -> Response    # without one, with any clock, for a simulator

One file a concern:

- ``wire``      requests, answers and refusals as values
- ``schema``    GitHub's OpenAPI description: every request and every answer is held against it (``cut_openapi.py`` cuts ``openapi.json``)
- ``gitrepo``   a real bare git repository, which trees, blobs, commits and refs are read from and written to
- ``state``     accounts, repositories, issues, pull requests, Apps, tokens; what people do to them by hand
- ``access``    who asks, and what they may: classic, fine-grained, App and Actions tokens, an App's JWT
- ``limits``    primary and secondary limits, their headers, and who does not heed them
- ``faults``    what a test can switch on: lost answers, late ones, empty lists, limits, 5xx, HTML, broken and slow bodies, redirects
- ``routes``, ``issues``, ``code``, ``pulls``, ``search``, ``accounts``, ``graphql``   the operations
- ``shapes``    GitHub's JSON
- ``model``     the whole: lag, conditional requests, redirects of renamed repositories, the log, findings
- ``server``    the socket

Each file says in its docstring where its behaviour is documented or was reported. What no document says and we had to choose: edits of
issues, comments and pull requests count as content, where GitHub only speaks of "content-generating requests"; a token that does not
reach a public repository reads it and is refused (403) where it writes; a private one is not there (404).

Not modelled: the limit by CPU time, milestones, issue types, reactions, projects, teams, forks, reviews, the ``html``, ``text``,
``full``, ``patch`` and ``object`` forms, version 2026-03-10 of the API, and whatever is not in ``openapi.json``: who uses them gets a
finding, and ``served`` ends with it.
"""

from . import faults
from .gitrepo import GitRepo, Link, Person
from .limits import Limits, Violation
from .model import Entry, GitHub, Lag
from .schema import WrongModel, WrongRequests
from .server import served
from .state import EVERYTHING, CheckRun, Comment, HookDelivery, Issue, Repository, Token
from .wire import Refusal, Request, Response

__all__ = [
    "EVERYTHING",
    "CheckRun",
    "Comment",
    "Entry",
    "GitHub",
    "GitRepo",
    "HookDelivery",
    "Issue",
    "Lag",
    "Limits",
    "Link",
    "Person",
    "Refusal",
    "Repository",
    "Request",
    "Response",
    "Token",
    "Violation",
    "WrongModel",
    "WrongRequests",
    "faults",
    "served",
]
