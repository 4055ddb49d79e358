"""What accuracy is measured with is itself right: recorded truths stand in their texts, wrappings keep the text, the judge tells right from wrong."""

import doctest
import json
from pathlib import Path
from random import Random

import pytest

from accuracy import judge, wrap
from accuracy.ordinary import applications

DATA = Path(__file__).parent / "accuracy" / "data"
CASES = [json.loads(line) for path in sorted(DATA.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
BY_ID = {case["id"]: case for case in CASES}
CHAINED, PLAIN, LOGGED = "python-chained_from-3.11", "javascript-timer-node", "java-Checkout-17"


def answer(case, **changed):
    """What a perfect program answers for a case without causes."""
    expected = case["expected"]
    event = {
        "type": expected["type"],
        "message": expected["message"],
        "frames": expected["frames"][::-1],
        "culprit": case["in_app_frame"],
        **changed,
    }
    return {"events": [{"fingerprint": "v1:1", **event}]}


def test_every_case_has_an_id_of_its_own_and_a_source():
    assert len(BY_ID) == len(CASES)
    assert all(case["source"] and case["kind"] == "text" for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_a_truth_states_stands_in_its_text(case):
    place = case["in_app_frame"]
    assert place is None or any(wrap.is_at(line, place) for line in case["text"].split("\n"))
    for link in case.get("chain") or [case["expected"]]:
        said = (link["message"] or "").strip().split("\n")[0]
        assert " ".join(said.split()) in " ".join(case["text"].split())
        for frame in link["frames"] or ():
            assert frame["line"] is None or frame["file"] is None or any(wrap.is_at(line, frame) for line in case["text"].split("\n"))


def test_no_recorded_text_tells_of_the_machine_it_was_made_on():
    assert not [case["id"] for case in CASES if "triaged" in case["text"] or "/root/" in case["text"]]


def test_a_wrapped_case_has_the_truth_of_the_plain_one():
    case = BY_ID[PLAIN]
    for made in wrap.wrapped(case):
        assert made["noise"].startswith("cut") or (made["expected"], made["in_app_frame"]) == (case["expected"], case["in_app_frame"])


def test_the_same_seed_wraps_the_same_way():
    assert list(wrap.wrapped(BY_ID[CHAINED])) == list(wrap.wrapped(BY_ID[CHAINED]))


def test_loggers_of_one_language_are_not_put_around_another():
    around = {made["noise"] for made in wrap.wrapped(BY_ID[LOGGED])}
    assert "logstash encoder" in around
    assert not around & {"pino", "serilog compact", "lambda python", "monolog json"}


def test_a_stack_begins_at_the_name_of_the_error_and_ends_at_its_last_frame():
    first, *_, last = wrap.stack(BY_ID[LOGGED]).split("\n")
    assert first.startswith("java.lang.NullPointerException: Cannot invoke")
    assert last.strip() == "at Checkout.main(Checkout.java:25)"


def test_a_cut_trace_is_judged_by_what_is_left():
    cut = wrap.survived({**BY_ID[LOGGED], "text": BY_ID[LOGGED]["text"][:150]})
    assert (cut["expected"]["type"], cut["expected"]["frames"], cut["in_app_frame"]) == ("java.lang.NullPointerException", None, None)


def test_a_perfect_answer_is_right_in_everything():
    assert set(judge.judged(BY_ID[PLAIN], answer(BY_ID[PLAIN])).values()) == {True}


@pytest.mark.parametrize(
    ("aspect", "changed"),
    [
        ("type", {"type": "TypeError"}),
        ("message", {"message": "lease 43 ran out"}),
        ("in_app", {"culprit": {"file": "/app/timer.js", "line": 3}}),
        ("in_app", {"culprit": None}),
        ("frames", {"frames": []}),
    ],
)
def test_a_wrong_answer_is_wrong_in_that_alone(aspect, changed):
    verdict = judge.judged(BY_ID[PLAIN], answer(BY_ID[PLAIN], **changed))
    assert [name for name, right in verdict.items() if right is False] == [aspect]


def test_an_error_told_twice_counts_as_two_unless_both_are_one_group():
    event = answer(BY_ID[PLAIN])["events"][0]
    assert judge.judged(BY_ID[PLAIN], {"events": [event, event]})["events"]
    assert not judge.judged(BY_ID[PLAIN], {"events": [event, {**event, "fingerprint": "v1:2"}]})["events"]
    assert not judge.judged(BY_ID[PLAIN], None)["events"]


def test_of_an_error_with_causes_one_list_of_frames_whole_is_right():
    case = BY_ID[CHAINED]
    outer, root = (link["frames"] for link in case["chain"])
    right = [
        judge.judged(case, answer({**case, "expected": {**case["expected"], "frames": frames}}))
        for frames in (outer, root, root + outer, outer[1:])
    ]
    assert [verdict["frames"] for verdict in right] == [True, True, True, False]


def test_the_rules_of_comparison_are_as_their_examples_say():
    assert doctest.testmod(judge).failed == 0


def test_ordinary_lines_come_in_the_number_asked_for_and_the_same_again():
    made = dict(applications.lines(7, 200))
    assert sum(map(len, made.values())) == 200
    assert made == dict(applications.lines(7, 200))
    assert all(json.loads(line) for line in made["pino"])
    assert applications.saying(Random(1)) != applications.saying(Random(2))
