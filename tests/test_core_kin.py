"""Whether an error is known, by whatever name."""

from triaged.core import former, kin
from triaged.core.fingerprint import fingerprint
from triaged.core.model import Event, Frame, Group, StackTrace, Tally
from world import NOON


class Memory:
    """Groups and their other names, as a store keeps them."""

    def __init__(self, *fingerprints):
        self.groups = {value: Group(value, Tally(1, NOON, NOON)) for value in fingerprints}
        self.names = {}

    def known(self, name):
        return self.groups.get(name) or self.groups.get(self.names.get(name, ""))

    def tell(self, event):
        found = kin.find(fingerprint(event), event, self.known)
        self.groups.setdefault(found.fingerprint, Group(found.fingerprint, Tally(1, NOON, NOON)))
        for name in found.names:
            self.names.setdefault(name, found.fingerprint)
        return found.fingerprint


def with_frames(function="total", message="order 17 is closed now"):
    trace = StackTrace("python", "Closed", message, (Frame(function, "shop/cart.py", 3),))
    return Event("sentry", NOON, "Closed", message, "error", "python", trace, "other")


def without(message="order 17 is closed now", kind="Closed"):
    return Event("slack", NOON, kind, message, "error", "", None, "other")


def test_an_alert_without_frames_joins_the_error_that_says_the_same():
    memory = Memory()
    assert memory.tell(with_frames()) == memory.tell(without("order 99 is closed now"))


def test_an_error_joins_the_alert_that_told_of_it_before_its_frames_were_known():
    memory = Memory()
    assert memory.tell(without()) == memory.tell(with_frames()) == memory.tell(with_frames(message="order 3 is closed now"))


def test_a_log_line_that_says_the_message_and_not_the_type_joins_too():
    memory = Memory()
    assert memory.tell(with_frames()) == memory.tell(without(kind=""))


def test_two_errors_that_say_the_same_stay_two_whichever_is_told_first():
    for first in ([], [without()]):
        memory = Memory()
        for event in first:
            memory.tell(event)
        assert memory.tell(with_frames()) != memory.tell(with_frames("refund"))


def test_an_alert_that_two_errors_could_have_made_joins_neither():
    memory = Memory()
    told = {memory.tell(with_frames()), memory.tell(with_frames("refund"))}
    alone = memory.tell(without())
    assert alone not in told
    assert memory.tell(without()) == alone


def test_what_was_filed_under_a_former_version_is_not_filed_again():
    old = former.first(with_frames())
    memory = Memory(old)
    assert memory.tell(with_frames()) == old
    assert memory.tell(without()) == old
    assert memory.tell(with_frames("refund")) != old


def test_former_fingerprints_never_change():
    assert former.first(with_frames()) == "v1:737260dad7ba286f9f06fb51cdfb9ff0"
    assert former.first(without()) == "v1:51c684fcbe777bcc862917ae4783157a"
