"""What each answer of GitHub means: the table."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from triaged.core.github import classify, refused_fields
from world import NOON

ISSUE = b'{"number": 7}'


def said(message, **more):
    import json

    return json.dumps({"message": message, **more}).encode()


TABLE = [
    ("POST", 201, {}, ISSUE, "done"),
    ("GET", 200, {}, b"[]", "done"),
    ("DELETE", 204, {}, b"", "done"),
    ("GET", 304, {}, b"", "unchanged"),
    ("POST", 201, {}, b"<html>", "unknown"),
    ("POST", 200, {}, b'{"number": ', "unknown"),
    ("GET", 200, {}, b"<html>", "transient"),
    ("GET", 200, {}, b'[{"numb', "transient"),
    ("POST", 500, {}, b"", "unknown"),
    ("POST", 502, {}, b"<html>", "unknown"),
    ("PATCH", 504, {}, b"", "unknown"),
    ("POST", 525, {}, b"", "unknown"),
    ("GET", 503, {}, b"", "transient"),
    ("GET", 301, {"location": "https://api.github.com/repositories/1"}, b"{}", "moved"),
    ("POST", 307, {"location": "https://api.github.com/repositories/1/issues"}, b"{}", "moved"),
    ("POST", 401, {}, said("Bad credentials"), "credential"),
    ("POST", 403, {}, said("Resource not accessible by integration"), "configuration"),
    ("POST", 403, {"retry-after": "30"}, said("x"), "limited"),
    ("POST", 403, {}, said("You have exceeded a secondary rate limit"), "limited"),
    ("POST", 429, {}, b"", "limited"),
    ("GET", 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, said("API rate limit exceeded"), "limited"),
    ("GET", 404, {}, said("Not Found"), "absent"),
    ("POST", 404, {}, said("Not Found"), "configuration"),
    ("POST", 410, {}, said("Issues has been disabled in this repository."), "configuration"),
    ("POST", 451, {}, said("Repository access blocked"), "configuration"),
    ("POST", 422, {}, said("Validation Failed", errors=[{"resource": "Issue", "field": "body", "code": "custom"}]), "data"),
    ("POST", 422, {}, said("Reference already exists"), "exists"),
    ("POST", 422, {}, said("Validation Failed", errors=[{"message": "A pull request already exists for acme:x."}]), "exists"),
    ("POST", 400, {}, said("Problems parsing JSON"), "data"),
    ("POST", 200, {}, b'{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}', "limited"),
]


@pytest.mark.parametrize(("method", "status", "headers", "body", "meaning"), TABLE)
def test_every_signal_has_its_meaning(method, status, headers, body, meaning):
    assert classify(method, status, headers, body, NOON).meaning == meaning


def wait(**headers):
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return (classify("POST", 403, given, said("rate limit"), NOON).until - NOON).total_seconds()


def test_a_limit_is_waited_for_as_long_as_github_says():
    assert wait(retry_after="30") == 30
    assert wait() == 60  # none is named: the least there is
    reset = str(int((NOON + timedelta(minutes=10)).timestamp()))
    assert wait(x_ratelimit_remaining="0", x_ratelimit_reset=reset) == 600


def test_reset_is_on_githubs_clock_which_its_date_shows():
    ahead = NOON + timedelta(minutes=40)
    reset = str(int((ahead + timedelta(minutes=5)).timestamp()))
    assert wait(x_ratelimit_remaining="0", x_ratelimit_reset=reset, date=format_datetime(ahead, usegmt=True)) == 300


@pytest.mark.parametrize("odd", ["soon", "-5", "١٢", "9" * 400, "1e9", ""])
def test_an_odd_header_neither_crashes_nor_locks_us_out_for_ever(odd):
    assert 1 <= wait(retry_after=odd) <= 7200
    assert 1 <= wait(x_ratelimit_remaining="0", x_ratelimit_reset=odd, date=odd) <= 7200


def test_github_names_what_it_does_not_take():
    body = said(
        "Validation Failed", errors=[{"resource": "Label", "field": "name", "code": "invalid", "value": "x"}, {"field": "title"}, "odd"]
    )
    assert refused_fields(body) == {"labels": "x", "title": ""}
    assert refused_fields(b"<html>") == {}


def test_a_missing_permission_is_named():
    verdict = classify("POST", 403, {"x-accepted-github-permissions": "issues=write"}, said("Resource not accessible"), NOON)
    assert "issues=write" in verdict.reason
