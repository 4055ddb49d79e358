"""The truth that redaction is measured against: is it as labelled, and does the measure see what it should?"""

import itertools
import re
from collections import Counter
from random import Random

import pytest

from redaction import inert, measure, truth, values

SECRET = [each for each in truth.formats() if each.kind == "secret"]


@pytest.fixture(scope="module")
def cases():
    return list(truth.cases(6, 1))


@pytest.fixture(scope="module")
def plains(cases):
    return list(truth.plains(6, len(cases)))


def test_the_same_seed_gives_the_same_texts_and_another_gives_other_secrets(cases):
    assert list(itertools.islice(truth.cases(6, 1), 500)) == cases[:500]
    assert all(one.secrets != other.secrets for one, other in zip(itertools.islice(truth.cases(7, 1), 500), cases, strict=False))


def test_there_are_more_than_a_hundred_formats_of_secrets_each_with_a_source_and_in_five_surroundings(cases):
    stood = Counter(case.format for case in cases)
    assert len(SECRET) > 100
    assert [each.name for each in truth.formats() if stood[each.name] < 5] == []
    assert [each.name for each in truth.formats() if not each.source.startswith("https://")] == []


def test_there_is_as_much_ordinary_text_as_text_with_secrets(cases, plains):
    assert len([each for each in plains if each.kind != truth.DOUBTFUL]) >= len(cases)


def test_every_secret_stands_in_its_text_and_nothing_of_it_beside_it(cases):
    for case in cases:
        assert case.secrets
        assert truth.survivors(case.secrets, case.text) == list(case.secrets), case
        assert truth.survivors(case.secrets, truth.cut(case.text, case.secrets)) == [], case


def test_cutting_out_just_the_secrets_is_measured_as_perfect(cases, plains):
    perfect = {case.text: truth.cut(case.text, case.secrets) for case in cases}
    measured = measure.measure(lambda text, where: perfect.get(text, text), cases, plains)
    assert (measured.recall, measured.false_marks, sum(each.lost for each in measured.tried)) == (1, 0, 0)


def test_leaving_all_as_it_is_is_measured_as_no_recall_and_no_false_mark(cases, plains):
    measured = measure.measure(lambda text, where: text, cases, plains)
    assert (measured.recall, measured.false_marks) == (0, 0)


def test_blanking_all_is_measured_as_full_recall_that_keeps_nothing(cases, plains):
    measured = measure.measure(lambda text, where: "[redacted]", cases, plains)
    assert (measured.recall, measured.false_marks) == (1, 1)
    assert all(each.lost for each in measured.tried if each.case.kept)


@pytest.mark.parametrize(
    ("output", "leaks"),
    [
        ("key=[redacted]", False),
        ("key=abcdefg[redacted]", False),
        ("key=abcdefgh[redacted]", True),
        ("key=[redacted]qrstuvwx", True),
    ],
)
def test_seven_characters_of_a_long_secret_may_survive_and_eight_may_not(output, leaks):
    assert bool(truth.survivors(("abcdefghijklmnopqrstuvwx",), output)) is leaks


def test_a_value_has_the_shape_that_its_pattern_says():
    rng = Random(1)
    for entry in truth.written("formats.yaml"):
        if "pattern" in entry:
            value = values.draw(entry["pattern"], rng)
            assert re.fullmatch(entry["pattern"], value.text), entry
            assert all(secret and secret in value.text for secret in value.secrets), entry


def test_what_is_committed_holds_no_value_that_a_format_describes():
    told_by_themselves = [
        re.compile(entry["pattern"]) for entry in truth.written("formats.yaml") if "pattern" in entry and entry["name"] in _SELF_TELLING
    ]
    for file in sorted(truth.HERE.iterdir()):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            assert [m[0] for pattern in told_by_themselves if (m := pattern.search(text))] == [], file.name


_SELF_TELLING = {each.name for each in SECRET if not each.named}


@pytest.mark.parametrize(("digits", "check"), [("7992739871", "3"), ("424242424242424", "2"), ("37828224631000", "5")])
def test_check_digits_are_those_of_luhn(digits, check):
    assert values.luhn_digit(digits) == check


def test_cards_and_ibans_pass_their_own_checks():
    rng = Random(2)
    for make in (name for name in values.MAKERS if "card" in name):
        assert values.luhn(re.sub(r"\D", "", values.MAKERS[make](rng).text)), make
    for _ in range(50):
        iban = values.iban(rng).text
        assert int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1, iban


def test_ordinary_text_holds_no_number_that_could_be_a_card(plains):
    for plain in plains:
        if plain.kind != truth.DOUBTFUL:
            assert not any(map(values.luhn, truth.digits_of_a_card(plain.text))), plain


# ------------------------------------------------------------------ attacks


def test_every_row_of_the_threats_to_published_text_has_attacks():
    attacks = inert.attacks()
    rows = Counter(attack.name[:4] for attack in attacks)
    assert sorted(rows) == [f"D-M{n}" for n in range(1, 9)]
    assert len(attacks) >= 150
    assert len({attack.name for attack in attacks}) == len(attacks)
    assert min(rows.values()) >= 15


def test_every_attack_says_what_it_must_not_bring_about_in_words_that_are_explained():
    for attack in inert.attacks():
        assert attack.must_not, attack
        assert {harm.partition(":")[0] for harm in attack.must_not} <= inert.HARMS, attack
        assert attack.where in inert.PLACES, attack
        assert all(word in attack.text for word in attack.keep.split()), attack
