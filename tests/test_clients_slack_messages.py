"""What Slack messages say, whichever of their parts they say it in."""

import time

import msgspec
import pytest

from triaged.clients import slack_messages
from triaged.clients.slack_messages import Message

TRACE = """\
Traceback (most recent call last):
  File "/app/shop/wsgi.py", line 9, in <module>
    total(cart)
ZeroDivisionError: division by zero"""
ESCAPED = TRACE.replace("<", "&lt;").replace(">", "&gt;")


def message(**said):
    return msgspec.convert(said, Message)


def said(**parts):
    return slack_messages.without_signs(slack_messages.said(message(**parts)))


def section(text, **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def rich(*parts):
    return [{"type": "rich_text", "elements": list(parts)}]


def run(*leaves, type_="rich_text_section"):
    return {"type": type_, "elements": [{"type": "text", "text": leaf} if isinstance(leaf, str) else leaf for leaf in leaves]}


@pytest.mark.parametrize(
    "text",
    [
        f"it fails:\n```{ESCAPED}```",
        f"it fails:\n```\n{ESCAPED}\n```",
        f"it fails: ```python\n{ESCAPED}\n```",
        f"it fails:\n```{ESCAPED}",
        "*it fails:*\n&gt; " + ESCAPED.replace("\n", "\n&gt; "),
        f":rotating_light: it fails:\n{ESCAPED}",
        f"\U0001f6a8 it fails:\n{ESCAPED}",
        f"<@U012AB3CD> `it fails:`\n{ESCAPED}",
    ],
)
def test_a_stack_trace_comes_out_of_its_wrapping_line_by_line(text):
    assert said(text=text).replace("it fails: \n", "it fails:\n") == f"it fails:\n{TRACE}"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a &amp;&amp; b &lt; c", "a && b < c"),
        ("&amp;lt; and &copy;", "&lt; and &copy;"),
        ("at f (<https://shop.example/app.js:10:5>)", "at f (https://shop.example/app.js:10:5)"),
        ("at <http://cart.py|cart.py>:41", "at cart.py:41"),
        ("<https://sentry.io/1|View in Sentry>", "View in Sentry"),
        ("ask <mailto:ops@shop.example|ops@shop.example> or <@U012AB3CD|sam>", "ask ops@shop.example or sam"),
        ("<!here> see <#C012AB3CD|general>", "@here see #general"),
        ("since <!date^1392734382^{date_num} {time_secs}|2014-02-18 06:39>", "since 2014-02-18 06:39"),
        ("in <module> of List<String>", "in <module> of List<String>"),
        ("*TypeError*: `x` of *args and __init__", "TypeError: x of *args and __init__"),
        ("cart.rb:3:in `total': undefined method `rate' for nil", "cart.rb:3:in `total': undefined method `rate' for nil"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("```js\nerror\n at f```", "error\n at f"),
        ("```error\n at f```", "error\n at f"),
    ],
)
def test_markup_goes_and_what_only_looks_like_it_stays(text, plain):
    assert said(text=text) == plain


def test_rich_text_is_taken_as_it_is():
    blocks = rich(
        run("look ", {"type": "emoji", "name": "eyes"}, " at ", {"type": "link", "url": "https://x/y", "text": "this"}, "\n"),
        run(TRACE, type_="rich_text_preformatted"),
        {"type": "rich_text_list", "elements": [run("one"), run("two ", {"type": "user", "user_id": "U012AB3CD"})]},
    )
    assert said(blocks=blocks) == f"look :eyes: at this\n{TRACE}\none\ntwo @U012AB3CD"


def test_blocks_are_read_but_not_their_buttons():
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Checkout is down"}},
        {"type": "divider"},
        section(f"```{ESCAPED}```"),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "seen *3* times"}, {"type": "image", "alt_text": "logo"}]},
        {"type": "markdown", "text": "see the *runbook*"},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}}]},
    ]
    assert said(blocks=blocks) == f"Checkout is down\n{TRACE}\nseen 3 times\nsee the runbook"


@pytest.mark.parametrize(
    "parts",
    [
        {"text": f"down\n```{ESCAPED}```", "blocks": [section("down"), section(f"```{ESCAPED}```")]},
        {"text": f"*down*\n```{ESCAPED}```", "blocks": rich(run("down\n"), run(TRACE, type_="rich_text_preformatted"))},
        {"text": "down", "blocks": [section("down"), section(f"```{ESCAPED}```")]},
        {"text": f"down\n```{ESCAPED[:-40]}```", "blocks": [section("down"), section(f"```{ESCAPED}```")]},
        {"text": "down", "attachments": [{"fallback": "down: ZeroDivisionError", "text": ESCAPED}]},
        {"text": "", "attachments": [{"title": "down", "text": ESCAPED, "blocks": []}]},
        {"text": "This content can't be displayed.", "blocks": [section("down"), section(f"```{ESCAPED}```")]},
    ],
)
def test_what_is_said_in_two_places_is_said_once(parts):
    assert said(**parts) == f"down\n{TRACE}"


def test_different_words_in_different_places_are_all_kept():
    assert (
        said(text="TypeError: x is not a function", attachments=[{"text": "    at f (app.js:1:2)"}])
        == "TypeError: x is not a function\n    at f (app.js:1:2)"
    )


def test_a_trace_that_was_split_over_blocks_is_one_again():
    head, tail = ESCAPED.rsplit("\n", 1)
    assert said(blocks=[section(f"```{head}```"), section(f"```{tail}```")]) == TRACE


def test_a_fallback_is_read_where_there_is_nothing_else():
    assert said(attachments=[{"fallback": "disk full on web-1"}]) == "disk full on web-1"


def test_fields_and_snippets_are_read():
    attachments = [
        {"title": "down", "fields": [{"title": "Culprit", "value": "shop.cart"}, {"title": "Environment", "value": "production"}]}
    ]
    assert said(attachments=attachments, files=[{"preview": "at f", "mode": "snippet"}]) == "down\nCulprit\nshop.cart\nat f"


def test_the_view_of_a_linked_page_is_not_what_was_said_but_a_message_passed_on_is():
    assert said(text="see", attachments=[{"text": "boom", "from_url": "https://x/"}, {"text": "bang", "is_app_unfurl": True}]) == "see"
    assert said(text="see", attachments=[{"text": "boom", "from_url": "https://x/", "is_msg_unfurl": True}]) == "see\nboom"


@pytest.mark.parametrize(
    "parts",
    [
        {
            "attachments": [
                {
                    "fields": [
                        {"title": "Service", "value": "checkout"},
                        {"title": "ENV", "value": "production"},
                        {"title": "Version:", "value": "1.4.2"},
                        {"title": "Hostname", "value": "web-1"},
                    ]
                }
            ]
        },
        {
            "blocks": [
                {
                    "type": "section",
                    "fields": [
                        {"type": "mrkdwn", "text": text}
                        for text in ("*Service:*\ncheckout", "*Environment*\nproduction", "*Release:* 1.4.2", "Host: web-1")
                    ],
                }
            ]
        },
    ],
)
def test_fields_that_say_where_it_runs_become_labels(parts):
    assert slack_messages.labels(message(**parts)) == {
        "service": "checkout",
        "environment": "production",
        "release": "1.4.2",
        "host": "web-1",
    }


def level(text, **parts):
    found = message(text=text, **parts)
    return slack_messages.level(found, slack_messages.said(found))


@pytest.mark.parametrize(
    "text",
    [
        ":rotating_light: checkout is down",
        "\U0001f6a8 checkout is down",
        "[FIRING:1] HighErrorRate",
        "ERROR in checkout",
        "Error: no stock",
        "*ValueError*: no stock",
        "Unhandled rejection",
        TRACE,
    ],
)
def test_an_apps_alarm_is_an_error_and_a_persons_words_are_left_open(text):
    assert level(text, subtype="bot_message") == "error"
    assert level(text, bot_profile={"app_id": "A1"}) == "error"
    assert level(text, user="U012AB3CD") == ""


@pytest.mark.parametrize("text", ["deploy finished, 0 errors", "Merged: Fix error handling in cart", "terror and mirrors", ""])
def test_an_app_that_only_mentions_errors_raises_no_alarm(text):
    assert level(text, bot_id="B1") == ""


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("danger", "error"),
        ("#E03E2F", "error"),
        ("d63232", "error"),
        ("good", ""),
        ("#2eb886", ""),
        ("#ffffff", ""),
        ("\u0661" * 6, ""),
        (7, ""),
    ],
)
def test_red_is_an_alarm(color, expected):
    assert level("checkout", bot_id="B1", attachments=[{"color": color, "text": "down"}]) == expected


@pytest.mark.parametrize(
    "text", ["[RESOLVED] HighErrorRate ERROR", ":white_check_mark: Resolved: Error rate", "[OK] checkout", "\u2705 Recovered: ERROR rate"]
)
def test_an_all_clear_is_no_error(text):
    assert level(text, bot_id="B1", attachments=[{"color": "danger", "text": "ERROR"}]) == "info"


@pytest.mark.parametrize(
    "text",
    [
        "<http://" * 60_000,
        "`" * 400_000,
        "*a " * 150_000,
        "\n" * 400_000,
        ":a:" * 150_000,
        ":" * 400_000,
        "\U0001f6a8" * 100_000,
        "a" * 400_000,
        "> " * 200_000,
        "&lt;" * 100_000,
    ],
)
def test_a_hostile_message_takes_no_more_time_than_its_size(text):
    begun = time.perf_counter()
    found = message(
        text=text, subtype="bot_message", blocks=[section(text[: len(text) // 2])], attachments=[{"text": "x\n" * 9, "title": "y"}] * 500
    )
    slack_messages.level(found, slack_messages.without_signs(slack_messages.said(found)))
    assert time.perf_counter() - begun < 5
