"""The one gate: whatever a template or an event does, what leaves is harmless and within its sizes."""

import pytest

from scanner import markdown
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
