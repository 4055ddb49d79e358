"""The one gate: whatever a template or an event does, what leaves is harmless and within its sizes."""

import re

import pytest

from scanner import READERS, markdown
from triaged import rulebook, settings
from triaged.core import redact
from triaged.errors import WrongConfig
from triaged.pipeline import samples
from triaged.pipeline.render import MOST_BODY, Renderer

REDACTOR = redact.compile(rulebook.load([settings.data("rules")]).redaction, ["configured-s3cret"])
SHIPPED = Renderer([settings.data("templates")], REDACTOR, link_hosts=["sentry.io"])


def report(view, renderer=SHIPPED):
    return renderer.report(renderer.redacted(view), samples.TALLY, repository="acme/shop")


@pytest.mark.parametrize("view", samples.VIEWS)
def test_the_samples_render(view):
    made = report(view)
    assert made.title.startswith("[Auto] Error: ")
    assert "Occurrences: 3\n" in made.body


def test_what_stands_in_a_rich_ticket():
    made = report(samples.RICH)
    for text in (
        "### Message",
        "### Stack trace",
        "### Where",
        "### Suggestion",
        "### Confidence 0.85",
        "0.80 code and stack trace",
        "`triaged-0f0f0f0f`",
    ):
        assert text in made.body
    assert f"[shop/cart.py:42](https://github.com/acme/shop/blob/{'a' * 40}/shop/cart.py#L42)".replace("_", "\\_") in made.body.replace(
        "\\", ""
    )


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://sentry.io/organizations/acme/issues/1/", True),
        ("https://acme.sentry.io/issues/1/?project=2", True),
        ("http://sentry.io/x", False),
        ("https://evil.example/sentry.io/", False),
        ("https://sentry.io.evil.example/", False),
        ("https://sentry.io@evil.example/", False),
        ("https://notsentry.io/", False),
        ("javascript:alert(1)", False),
        ("https://sentry.io/x) ![](https://evil.example/p.png", False),
    ],
)
def test_a_payloads_url_is_a_link_only_where_its_host_is_a_configured_one(url, is_link):
    body = report({**samples.RICH, "links": {"Sentry": url}}).body
    assert (f"[Sentry]({url})" in body) == is_link
    assert "evil.example" not in body


def hostile(text):
    view = {**samples.RICH, "logs": [text], "candidates": [text], "why_place": text, "place": None}
    view["event"] = {**samples.RICH["event"], "kind": text, "message": text, "labels": {"service": text}, "text": text}
    view["culprit"] = {**samples.RICH["culprit"], "function": text, "path": text}
    return view


def test_a_secret_is_redacted_wherever_it_stands_and_has_one_mark():
    secret = "AKIAIOSFODNN7EXAMPQ2"
    made = report(hostile(f"failed with {secret} and configured-s3cret"))
    assert secret not in made.title + made.body
    assert "configured-s3cret" not in made.title + made.body
    marks = [part.partition("]")[0] for part in made.body.replace("\\", "").split("[redacted:aws")[1:]]
    assert len(marks) > 3
    assert len(set(marks)) == 1


def test_a_trace_of_a_thousand_frames_and_a_message_of_megabytes_fit():
    view = hostile("x")
    frames = [{**samples.RICH["stack"]["frames"][0], "path": "p" * 900, "context": "c" * 400} for _ in range(200)]
    view["stack"] = {**view["stack"], "frames": frames}
    view["event"] = {**view["event"], "message": "m" * 20_000, "text": "line\n" * 8_000}
    made = report(view)
    assert len(made.body) <= MOST_BODY
    assert "triaged-0f0f0f0f" in made.body


def own(tmp_path, text):
    (tmp_path / "issue.md.j2").write_text(text)
    return Renderer([tmp_path, settings.data("templates")], REDACTOR)


def test_a_text_too_long_for_a_ticket_is_cut_at_a_line_and_what_is_open_there_is_closed(tmp_path):
    loop, end = "{% for _ in event.labels.n %}" * 2, "{% endfor %}" * 2
    one = "<details><summary>x</summary>\n\n```text\n{{ event.message | line }}\n{{ event.message | line }}\n```\n\n</details>\n\n"
    for length in range(98, 102):
        view = {**samples.RICH, "event": {**samples.RICH["event"], "message": "@octocat " * length, "labels": {"n": "x" * 8}}}
        body = report(view, own(tmp_path, loop + one + end)).body
        (page, *_) = [reader(body) for reader in READERS]
        assert len(body) <= MOST_BODY
        assert page.shape[-1] == "p"
        assert page.text.rstrip().endswith("(cut: the whole is longer than a ticket may be)")
        assert page.tags.count("details") == page.tags.count("/details") > 10
        assert markdown(body, like=re.sub("@\u200boctocat.*", "x", body)) == []


@pytest.mark.parametrize(
    ("hint", "written"),
    [
        ("The key `a` is missing: use `.get`", "The key `a` is missing: use `.get`"),
        ("The key `a`b` is missing", "The key \\`a\\`b\\` is missing"),
        ("The key `a`https://x.example`b` is missing", "The key `a`\u200b`https://x.example`\u200b`b` is missing"),
        ("The key `a`\n\n`b` is missing", "The key `a` `b` is missing"),
    ],
)
def test_backquotes_in_a_hint_mark_code_whatever_was_filled_in(hint, written):
    body = report({**samples.RICH, "suggestion": {"hint": hint, "rule": "r", "diff": ""}}).body
    assert f"### Suggestion\n\n{written}\n" in body


def test_a_title_names_what_was_redacted_and_masks_the_rest():
    view = {**samples.RICH, "event": {**samples.RICH["event"], "message": "no mail to ann@acme.com and bob@acme.com, 17 times"}}
    assert report(view).title == "[Auto] Error: TypeError: no mail to [redacted:email] and [redacted:email], <number> times"


def test_a_path_too_long_loses_its_start():
    candidate = "a/" * 200 + "cart.py"
    assert "/a/cart.py`\n" in report({**samples.RICH, "place": None, "candidates": [candidate]}).body


def test_one_part_of_a_template_is_overridden_by_one_file(tmp_path):
    (tmp_path / "issue").mkdir()
    (tmp_path / "issue" / "footer.md.j2").write_text("Our runbook: {{ event.category }}")
    made = report(samples.RICH, Renderer([tmp_path, settings.data("templates")], REDACTOR))
    assert made.body.endswith("Our runbook: type")
    assert "### Where" in made.body


@pytest.mark.parametrize(
    "text",
    [
        "{{ event.message }}",
        "{{ event.message | upper }}",
        "{{ event.message | safe }}",
        "{% raw %}{{ 7*7 }}{% endraw %} {{ event.message }}",
    ],
)
def test_a_template_cannot_let_an_events_text_act(tmp_path, text):
    try:
        body = report(hostile("@octocat fixes #1 <b>x</b> {{ 7 * 7 }}"), own(tmp_path, text)).body
    except WrongConfig:
        return  # a filter that does not exist here
    assert markdown(body.replace("`triaged-0f0f0f0f`", "")) == []
    assert "49" not in body


WRONG = ["{{ evnt.kind }}", "{{ ''.__class__ }}", "{{ event | attr('x') }}", "{% include '/etc/passwd' %}", "{% for", "{{ 1 + 'a' }}"]
HUGE = ["{{ 'a' * 10**9 }}", "{{ range(10**9) }}", "{{ 'a'.center(300000000) }}", "{{ 'a'.format(1) }}"]


@pytest.mark.parametrize("text", WRONG + HUGE)
def test_a_template_that_is_wrong_or_dangerous_is_refused_with_its_place(tmp_path, text):
    with pytest.raises(WrongConfig) as refused:
        report(samples.RICH, own(tmp_path, f"first line\n{text}\n"))
    assert refused.value.place.endswith(":2:1")
