"""Whatever an event says, everything that leaves because of it only shows it. ``make fuzz`` tries a hundred thousand events."""

import time

import pytest
from hypothesis import given, settings

import scanner
from fuzz import judge
from fuzz.harms import Attempt
from fuzz.hostile import TEXTS, WORDS
from fuzz.leaving import AT, FINGERPRINT, OUR_ID, REDACTOR, RENDERER, REPOSITORY, leaving
from redaction import inert as attacks
from triaged.core import inert, view
from triaged.core.marker import marked
from triaged.core.model import Event, Fingerprint, Frame, Point, Score, StackTrace, Tally

ATTACKS = attacks.attacks()


@settings(max_examples=250, deadline=None)
@given(WORDS)
def test_whatever_an_event_says_nothing_that_leaves_does_more_than_show_it(words):
    assert judge.findings(words) == []


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_known_attack_brings_about_what_it_must_not(attack):
    attempt = Attempt(attack.text)
    assert [harm for harm in attack.must_not if attempt.brought(harm)] == []
    assert attempt.findings == set()
    assert attack.where == "branch" or attack.keep in attempt.readable(attack.where)


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.where == "branch"], ids=lambda attack: attack.name)
def test_no_branch_is_named_by_an_event(attack):
    with pytest.raises(ValueError, match="is no fingerprint"):
        inert.branch(attack.text)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_a_message_stands_in_its_ticket_word_for_word_but_for_redaction_joints_and_escapes(text):
    said = inert.visible(REDACTOR.text(text)).strip("\n")
    for reader in scanner.READERS:
        (_, fence), *_ = reader(leaving([text]).bare.body).fences
        assert fence.removesuffix("\n").replace(inert.JOINT, "") == said


FRAMES = tuple(Frame(f"method_{n}", f"/srv/shop/module_{n}.py", n, context="return price * self.count") for n in range(1, 1_001))
TRACE = "".join(f'  File "/srv/shop/module_{n}.py", line {n}, in method_{n}\n    return price * self.count\n' for n in range(500))


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        (f"ValueError: total\n{TRACE}", FRAMES[:200]),
        (TRACE, FRAMES),
        ("x" * 5_000_000, ()),
        ("a line\n" * 700_000, ()),
        ("@a #1 " * 900_000, ()),
        ("\u202e" * 5_000_000, ()),
        ("\ud800" * 5_000_000, ()),
        ("`" * 5_000_000, ()),
        ("| a " * 10_000 + "\n" + "|---" * 10_000, FRAMES[:20]),
    ],
    ids=["60 KB", "1,000 frames", "5 MB", "lines", "calls", "shapeless", "halves", "backticks", "columns"],
)
def test_a_text_of_any_size_becomes_a_ticket_in_a_fifth_of_a_second(text, frames):
    trace = StackTrace("python", text, text, frames)
    event = Event("sentry", AT, text, text, "error", "python", trace, "value", {"release": text}, {"Sentry": text}, (text, text), text=text)
    times = []
    for _ in range(3):
        began = time.process_time()
        redacted = RENDERER.redacted(seen(event))
        report = RENDERER.report(redacted, Tally(1, AT, AT, releases=(text,)), repository=REPOSITORY, note=text)
        times.append(time.process_time() - began)
    assert min(times) < 0.2
    assert len(marked(report)) <= 65_536
    assert 100 < len(report.title) <= 256
    assert report.body.endswith(f"{OUR_ID} · grouped by text")


def seen(event):
    score = Score(0.3, (Point("nothing found", 0.3, "set"),))
    nothing = {"culprit": None, "why_culprit": "", "place": None, "candidates": (), "suggestion": None, "labels": (), "assignees": ()}
    fingerprint = Fingerprint(FINGERPRINT.value, "", "text")
    return view.view(event, fingerprint, why_place="none", score=score, action="issue", why_action="new", **nothing)
