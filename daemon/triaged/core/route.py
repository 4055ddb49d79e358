"""Facts to a route: which repository an event goes to, with which labels, to which receivers, and when a pull request may be opened.

A payload can only choose among what is configured: no repository is ever taken from an event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triaged.core import rules
from triaged.core.facts import Facts
from triaged.core.rules import ALWAYS, Matcher

SURE = rules.compile({"confidence": {"gt": 0.8}, "fix.present": True}, str)
"""When a route that does not say otherwise opens a pull request: the specification's rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One route of ``rules/routing.yaml``."""

    name: str
    match: Matcher = ALWAYS
    action: Literal["issue", "drop", ""] = ""
    """Empty: it does not say."""
    repositories: tuple[str, ...] = ()
    """``owner/name`` each; empty: it does not say."""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    """Logins of people who are told of a new issue by being assigned to it."""
    receivers: tuple[str, ...] = ()
    pull_request: Matcher | None = None
    """When to open one; None: it does not say."""
    draft: bool = True
    """Whether its pull requests are drafts."""
    goes_on: bool = False
    """Later routes are asked too, for what this one does not say."""


@dataclass(frozen=True, slots=True)
class Routed:
    """Where an event goes."""

    names: tuple[str, ...]
    """The routes that matched, in order; ``default`` where none did."""
    action: Literal["issue", "drop"]
    repository: str
    """``owner/name``; empty where it is dropped, or where none is configured."""
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    receivers: tuple[str, ...]
    pull_request: Matcher
    """When to open one instead of an issue."""
    draft: bool
    reasons: tuple[str, ...]


def route(facts: Facts, routes: Sequence[Rule], default: str) -> Routed:
    """The first route that matches, and those after it as long as each goes on: labels, assignees and receivers add up, else the first to say wins.

    ``default`` is where an event goes that no route sends elsewhere and whose code was found in no repository that is configured: the
    setting, or the name of the local checkout.
    """
    matched = _matched(facts, routes)
    names = tuple(rule.name for rule in matched) or ("default",)
    reasons = [f"route `{rule.name}`: {rule.match.why(facts)}" for rule in matched] or ["no route matches"]
    dropped = next((rule.action for rule in matched if rule.action), "") == "drop"
    repository = ""
    if not dropped:
        repository, reason = _repository(facts, matched, routes, default)
        reasons.append(reason)
    asks = next((rule for rule in matched if rule.pull_request is not None), None)
    return Routed(
        names=names,
        action="drop" if dropped else "issue",
        repository=repository,
        labels=tuple(dict.fromkeys(label for rule in matched for label in rule.labels)),
        assignees=tuple(dict.fromkeys(login for rule in matched for login in rule.assignees)),
        receivers=tuple(dict.fromkeys(receiver for rule in matched for receiver in rule.receivers)),
        pull_request=asks.pull_request if asks and asks.pull_request else SURE,
        draft=asks.draft if asks else True,
        reasons=tuple(reasons),
    )


def repositories(routes: Sequence[Rule], default: str) -> tuple[str, ...]:
    """Every repository that is configured: the only ones an event can reach, and the ones its code is looked for in."""
    named = (repository for rule in routes for repository in rule.repositories)
    return tuple(dict.fromkeys([*named, *([default] if default else [])]))


def _matched(facts: Facts, routes: Sequence[Rule]) -> list[Rule]:
    matched: list[Rule] = []
    for rule in routes:
        if rule.match.holds(facts):
            matched.append(rule)
            if not rule.goes_on:
                break
    return matched


def _repository(facts: Facts, matched: Sequence[Rule], routes: Sequence[Rule], default: str) -> tuple[str, str]:
    found = facts["repository"]
    said = next((rule for rule in matched if rule.repositories), None)
    if said is not None and len(said.repositories) == 1:
        return said.repositories[0], f"route `{said.name}` names {said.repositories[0]}"
    if said is not None:
        if found in said.repositories:
            return found, f"the code was found in {found}, one of those that route `{said.name}` names"
        return said.repositories[
            0
        ], f"the code was found in none of those that route `{said.name}` names; {said.repositories[0]} is the first"
    if found and (found == default or any(found in rule.repositories for rule in routes)):
        return found, f"the code was found in {found}"
    return default, f"{default} is the default" if default else "no repository is configured"
