"""Log files that grow, are rotated, cut short and come back."""

import os

import pytest

from triaged import parsers
from triaged.core import normalize
from triaged.core.model import Delivery
from triaged.metrics import Metrics
from triaged.ports import Tools
from triaged.sources import file
from world import NOON, TurnedClock

pytestmark = pytest.mark.anyio

TRACE = """Traceback (most recent call last):
  File "/srv/shop/cart.py", line 7, in total
    return PRICES[item]
KeyError: 'scone'"""


class Log:
    """One file, and the source that follows it with the cursor that is stored between two sweeps."""

    def __init__(self, folder):
        self.path = folder / "shop.log"
        self.clock = TurnedClock()
        self.cursor = ""
        self.source = self.restarted(str(folder / "*.log"))

    def restarted(self, paths=None):
        self.paths = paths or self.paths
        self.source = file.Files(file.Config(paths=self.paths), Tools(None, self.clock, Metrics()))
        return self.source

    def write(self, text, mode="a"):
        with self.path.open(mode) as lines:
            lines.write(text)
        self.touched()

    def touched(self):
        os.utime(self.path, (self.clock.now().timestamp(), self.clock.now().timestamp()))

    async def sweep(self):
        found = []
        more = True
        while more:
            sweep = await self.source.sweep(self.cursor)
            self.cursor, more = sweep.cursor, sweep.more
            found += sweep.deliveries
        return found

    async def errors(self):
        return [record.text.splitlines()[-1] for delivery in await self.sweep() for record in self.source.read(delivery)]


@pytest.fixture
def log(tmp_path):
    log = Log(tmp_path)
    log.write("12:00:00 INFO started\n", "w")
    return log


async def test_an_error_that_comes_is_found_and_ordinary_lines_are_not(log):
    assert await log.errors() == []
    log.write(f"12:00:01 INFO order 1\n{TRACE}\n12:00:02 INFO order 2\n")
    assert await log.errors() == ["KeyError: 'scone'"]
    assert await log.errors() == []


async def test_the_lines_before_it_come_along_and_say_where_it_was(log):
    await log.sweep()
    log.write(f"12:00:01 INFO order 1\n12:00:01 INFO paying\n{TRACE}\n12:00:02 INFO order 2\n")
    (delivery,) = await log.sweep()
    (record,) = log.source.read(delivery)
    (event,) = normalize.normalize(record, parsers.parse)
    assert event.logs[-2:] == ("12:00:01 INFO order 1", "12:00:01 INFO paying")
    assert event.labels == {"service": "shop", "file": str(log.path)}


async def test_what_stood_there_before_we_came_is_old(log):
    log.write(f"{TRACE}\n")
    log.clock.turn(60)
    assert await log.errors() == []


async def test_a_trace_that_is_still_being_written_is_waited_for(log):
    await log.sweep()
    head, last = TRACE.rsplit("\n", 1)
    log.write(head + "\n")
    assert await log.errors() == []
    log.write(last + "\n")
    assert await log.errors() == []  # it may go on
    log.clock.turn(3)
    assert await log.errors() == ["KeyError: 'scone'"]
    assert await log.errors() == []


async def test_half_a_line_is_waited_for(log):
    await log.sweep()
    log.write(TRACE[:-4])
    assert await log.errors() == []
    log.write(TRACE[-4:] + "\n12:00:02 INFO next\n")
    assert await log.errors() == ["KeyError: 'scone'"]


async def test_a_restart_at_any_moment_repeats_nothing_and_misses_nothing(log):
    await log.sweep()
    text = "".join(f"12:00:{number:02} INFO order\n{TRACE}{number}\n" for number in range(20)) + "12:01:00 INFO end\n"
    found = {}
    for start in range(0, len(text), 37):
        log.write(text[start : start + 37])
        for delivery in await log.sweep():
            found.setdefault(delivery.key, delivery)
        log.restarted()
    log.clock.turn(5)
    for delivery in await log.sweep():
        found.setdefault(delivery.key, delivery)
    lasts = [record.text.splitlines()[-1] for delivery in found.values() for record in log.source.read(delivery)]
    assert lasts == [f"KeyError: 'scone'{number}" for number in range(20)]


async def test_a_file_that_is_rotated_by_renaming_is_followed_in_its_new_form(log):
    await log.sweep()
    log.path.rename(log.path.with_suffix(".log.1"))
    log.write(f"{TRACE}\n12:00:02 INFO next\n", "w")
    assert await log.errors() == ["KeyError: 'scone'"]


async def test_a_file_that_is_cut_short_is_read_from_its_start_even_for_an_error_at_the_same_place(log):
    await log.sweep()
    log.write(f"{TRACE}\n12:00:02 INFO next\n", "w")
    first = await log.sweep()
    log.write("", "w")
    await log.sweep()
    log.write(f"{TRACE}2\n12:00:02 INFO next\n", "w")
    second = await log.sweep()
    assert len(first) == len(second) == 1
    assert first[0].key != second[0].key


async def test_a_file_that_appears_later_is_read_from_its_start(log, tmp_path):
    await log.sweep()
    other = tmp_path / "web.log"
    other.write_text(f"{TRACE}\n12:00:02 INFO next\n")
    assert await log.errors() == ["KeyError: 'scone'"]


async def test_a_file_of_many_megabytes_is_read_in_pieces(log):
    await log.sweep()
    filler = "12:00:00 INFO " + "x" * 200 + "\n"
    log.write(filler * 12_000 + f"{TRACE}\n" + filler * 12_000)
    sweep = await log.source.sweep(log.cursor)
    assert sweep.more
    assert await log.errors() == ["KeyError: 'scone'"]


async def test_one_endless_line_does_not_stop_the_reading(log):
    await log.sweep()
    log.write("x" * 2_500_000 + f"\n{TRACE}\n12:00:02 INFO next\n")
    assert await log.errors() == ["KeyError: 'scone'"]


async def test_our_own_log_lines_are_not_read(log):
    await log.sweep()
    log.write(
        '{"at": "2026-03-04T12:00:00Z", "level": "error", "log": "triaged", "message": "a delivery became a dead letter"}\n12:00 INFO x\n'
    )
    assert await log.errors() == []


async def test_recorded_log_text_is_read_too(log):
    text = f"12:00:00 INFO started\n{TRACE}\n12:00:02 ERROR payment refused\n"
    (record,) = log.source.read(Delivery("file", "k", NOON, text.encode()))
    (event,) = normalize.normalize(record, parsers.parse)
    assert (event.kind, event.frames[-1].line) == ("KeyError", 7)


async def test_no_file_yet_is_no_mistake(tmp_path):
    log = Log(tmp_path)
    assert await log.errors() == []
    log.write(f"{TRACE}\n12:00:02 INFO next\n")
    assert await log.errors() == ["KeyError: 'scone'"]
