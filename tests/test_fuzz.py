"""Whatever an event says, everything that leaves because of it only shows it. ``make fuzz`` tries a hundred thousand events."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

import scanner
from fuzz import judge
from fuzz.harms import Attempt
from fuzz.hostile import TEXTS, WORDS
from fuzz.leaving import REDACTOR, leaving
from redaction import inert as attacks
from triaged.core import inert

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
