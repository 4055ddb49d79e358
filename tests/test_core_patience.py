"""How long a caller is waited for."""

import pytest

from triaged.core import patience


@pytest.mark.parametrize(
    ("stage", "seconds", "received", "why"),
    [
        ("head", 4.9, 0, ""),
        ("head", 5.1, 0, "longer than 5 s"),
        ("body", 4.9, 5, ""),
        ("body", 5.1, 5, "slower than 1,000 bytes a second"),
        ("body", 9.9, 10_000, ""),
        ("body", 10.1, 4_000_000, "longer than 10 s"),
        ("answer", 600, 0, ""),
        ("idle", 61, 0, ""),
        ("idle", 76, 0, "longer than 75 s"),
        ("rest", 2.1, 0, "longer than 2 s"),
    ],
)
def test_each_stage_has_its_time_and_a_body_its_least_rate(stage, seconds, received, why):
    said = patience.overdue(stage, seconds, received)
    assert (why in said) if why else not said


def test_the_slowest_is_neither_who_has_just_come_nor_who_sends_much():
    just_come, fast, idle, trickling = ((0.05, 0), (3, 3_000_000), (20, 0), (4, 4))
    assert sorted([just_come, fast, idle, trickling], key=lambda one: patience.pace(*one)) == [idle, trickling, just_come, fast]
