"""Exactly one: histories of the whole daemon on virtual time, against a GitHub that loses, delays and repeats.

A failed one is told again by `make simulate SEEDS=1 FROM=<seed>`.
"""

from pathlib import Path
from random import Random

import pytest

from simulator import history, index, many, scenario, world
from simulator.loop import Loop, Stuck, Time
from simulator.mutants import MUTANTS

SEEDS = range(200)
ROOT = Path(__file__).parents[1]


def test_whatever_happens_each_accepted_error_ends_in_one_open_issue_that_counts_it():
    outcomes = list(many.each(many.seed, SEEDS))
    assert [str(outcome) for outcome in outcomes if outcome.verdict.wrong] == []
    total = history.summed(outcome.verdict for outcome in outcomes)
    assert total.errors >= len(SEEDS)  # something was filed at all


def test_every_fault_at_every_call_of_a_small_history_keeps_the_promises():
    cases = list(index.cases())
    assert len(cases) > 300
    assert [str(outcome) for outcome in many.each(many.fault, cases) if outcome.verdict.wrong] == []


def test_blind_retry_files_many_twice_in_the_same_histories():
    total = history.summed(outcome.blind for outcome in many.each(many.seed_and_blind, range(20)))
    assert total.transient / total.errors > 1_000 / 1e6
    assert total.duplicates > 0


def test_one_seed_is_one_history():
    first, second = (world.run(scenario.drawn(7), 7)[1] for _ in range(2))
    assert _without_folders(first) == _without_folders(second)
    assert len(first.trace.lines) > 20


def _without_folders(told):
    return [line for line in told.trace.lines if "/triaged.db" not in line]


# ------------------------------------------------------------------ the loop


def ran(work, seed=0):
    time = Time()
    loop = Loop(time, Random(seed))
    loop.run(work(loop))
    return time, loop


def test_time_jumps_to_the_next_timer():
    import asyncio

    async def work(loop):
        await asyncio.sleep(3600)

    time, _ = ran(work)
    assert time.seconds == 3600


def test_what_is_ready_runs_in_an_order_that_the_seed_decides():
    import asyncio

    def order(seed):
        done = []

        async def one(number):
            done.append(number)

        async def work(loop):
            await asyncio.gather(*(one(number) for number in range(8)))

        ran(work, seed)
        return tuple(done)

    assert order(1) == order(1)
    assert len({order(seed) for seed in range(5)}) > 1


def test_a_killed_process_makes_no_further_step():
    import asyncio

    done = []

    async def work(loop):
        loop.call_soon(loop.kill)
        try:
            await asyncio.sleep(1)
            done.append("went on")
        finally:
            await asyncio.sleep(0)
            done.append("cleaned up")

    ran(work)
    assert done == []


def test_waiting_for_what_nobody_does_is_an_error():
    async def work(loop):
        await loop.create_future()

    with pytest.raises(Stuck):
        ran(work)


# -------------------------------------------------------------- the checker


class Told:
    def __init__(self, event, answer=202, error="Tea", happened=0.0):
        self.error, self.event, self.answer, self.happened, self.memory = error, event, answer, happened, 0


class Issue:
    def __init__(self, count, state="open", error="Tea"):
        self.title, self.body, self.state = f"[Auto] Error: {error}Error: no tea", f"text\nOccurrences: {count}\n", state
        self.created_at = Time().now()


def judged(told, issues, **more):
    return [wrong[:2] for wrong in history.judge(told, history.End(issues, **more)).wrong]


def test_the_checker_accepts_what_is_right():
    assert judged([Told("a"), Told("a"), Told("b"), Told("c", 401)], [Issue(2), Issue(2, "closed")], excused=["Tea"]) == []
    assert judged([Told("a"), Told("b", None)], [Issue(1)]) == judged([Told("a"), Told("b", None)], [Issue(2)]) == []


@pytest.mark.parametrize(
    ("told", "issues", "more", "promise"),
    [
        ([Told("a")], [], {}, "P1"),
        ([Told("a")], [Issue(1, "closed")], {}, "P1"),
        ([Told("a")], [Issue(1), Issue(1)], {"excused": ["Tea"]}, "P2"),
        ([Told("a")], [Issue(1), Issue(1, "closed")], {}, "P2"),
        ([Told("a")], [Issue(1), Issue(1, error="Coffee")], {}, "P3"),
        ([Told("a")], [Issue(1)], {"left": {"pending": 1}}, "P3"),
        ([Told("a"), Told("b")], [Issue(1)], {}, "P4"),
        ([Told("a"), Told("a")], [Issue(2)], {}, "P4"),
        ([Told("a")], [Issue(1)], {"violations": ["POST"]}, "P8"),
        ([Told("a", error=f"Tea{number}") for number in range(21)], [Issue(1, error=f"Tea{number}") for number in range(21)], {}, "P8"),
    ],
)
def test_the_checker_sees_what_is_wrong(told, issues, more, promise):
    assert judged(told, issues, **more) == [promise]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_of_the_protocol_fits_the_code(mutant):
    assert (ROOT / "daemon" / "triaged" / mutant.file).read_text().count(mutant.old) == 1
