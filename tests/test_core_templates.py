"""What messages have in common, learned as they come."""

import pytest

from triaged.core.templates import Templates, worded

NAMES = ("ann", "bob", "cleo", "dan", "eve", "fay", "gus")


def login(name):
    return f"login of {name} was refused by the directory"


def test_data_that_show_themselves_make_no_second_template():
    learned = Templates()
    assert learned.learn("took job 7 from 10.0.0.1:5432 in 8.8 KB")[0] == learned.learn("took job 12 from 10.0.0.99:80 in 384 B")[0]


def test_a_place_in_which_many_words_have_stood_holds_data():
    learned = Templates()
    numbers = [learned.learn(login(name))[0] for name in NAMES]
    assert len({learned.root(number) for number in numbers}) == 1
    assert learned.learn(login("zoe"))[0] == learned.root(numbers[0])


def test_a_few_different_words_are_different_messages():
    learned = Templates()
    assert learned.learn("the shop was opened by the clerk")[0] != learned.learn("the shop was closed by the clerk")[0]


def test_templates_that_become_one_keep_the_oldest_ones_number():
    learned = Templates()
    oldest = learned.learn(login(NAMES[0]))[0]
    assert [learned.learn(login(name))[0] for name in NAMES][-1] == oldest


def test_short_messages_of_many_kinds_do_not_become_one():
    learned = Templates()
    assert len({learned.learn(f"{verb} 7")[0] for verb in ("opened", "closed", "moved", "sold", "bought", "lost", "found")}) == 7


def test_what_was_learned_outlives_a_restart():
    learned = Templates()
    for name in NAMES[:5]:
        learned.learn(login(name))
    again = Templates(learned.state())
    number = learned.learn(login(NAMES[0]))[0]
    assert {again.learn(login(name))[0] for name in NAMES[5:]} == {number}
    assert Templates(again.state()).learn(login("zoe"))[0] == number


def test_what_is_kept_holds_no_word_of_a_message():
    learned = Templates()
    learned.learn("password hunter is wrong for the directory")
    assert "hunter" not in learned.state()


@pytest.mark.parametrize("kept", ["", "nonsense", "[]", '{"leads": "AAAA"}', '{"open": 3}'])
def test_of_what_cannot_be_read_nothing_is_known(kept):
    assert Templates(kept).learn("a b c")[0] == Templates().learn("a b c")[0]


def test_what_is_kept_is_bounded():
    learned = Templates()
    words = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676 % 26)}{chr(97 + n // 17576)}" for n in range(130_000)]
    for word in words:
        learned.learn(f"{word} {word[::-1]}")
    assert len(learned.state()) < 4_000_000


@pytest.mark.parametrize(
    ("message", "wording"),
    [
        ("read /var/log/shop/x.log, and/or less", "read <*>, and/or less"),
        ("proxy.example.org:5070 close, 1190 bytes (1.16 KB) sent", "<*> close, <*> sent"),
        ('lock=166, tag="View Lock", held= true', "lock=<*>, tag=<*>, held= <*>"),
        ("ports 1, 2, 3 are open\nand more", "ports <*> are open"),
        ("illegal instruction......1", "illegal instruction......<*>"),
    ],
)
def test_what_shows_itself_as_data_is_taken_out(message, wording):
    assert worded(message) == wording
