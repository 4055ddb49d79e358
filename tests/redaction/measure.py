"""Measures a redactor against the truth: ``make redaction``, or ``PYTHONPATH=daemon:tests python -m redaction.measure``.

Exits 0 within the reach, 1 outside of it.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from redaction import truth
from redaction.truth import Case, Plain

RECALL, FALSE_MARKS = 0.99, 0.01
"""The reach: at least so many secrets gone, and less than so many ordinary texts changed."""

PRIVATE = "private ip"
"""Marked in strict mode alone; in the other, it is in no measure."""

Redact = Callable[[str, Mapping[str, str]], str]
"""A text and where it stood (truth.Case.where), to what may be published."""


def shipped(*, strict: bool) -> Redact:
    """The redactor as triaged ships it. This is the one place that knows of it."""
    from triaged import rulebook, settings
    from triaged.core import redact

    redactor = redact.compile(rulebook.load([settings.data("rules")]).redaction)
    if strict:
        redactor = redactor.strict()

    def redacted(text: str, where: Mapping[str, str]) -> str:
        return redactor.labels({where["key"]: text})[where["key"]] if "key" in where else redactor.text(text)

    return redacted


@dataclass(frozen=True, slots=True)
class Tried:
    """A text with secrets, and what came of it."""

    case: Case
    output: str
    leaked: bool
    lost: bool
    """Words around the secret went with it."""


@dataclass(frozen=True, slots=True)
class Left:
    """An ordinary text, and what came of it."""

    plain: Plain
    output: str

    @property
    def changed(self) -> bool:
        return self.output != self.plain.text


@dataclass(frozen=True, slots=True)
class Measured:
    tried: tuple[Tried, ...]
    left: tuple[Left, ...]
    doubtful: tuple[Left, ...]

    @property
    def recall(self) -> float:
        return _recall(self.tried)

    @property
    def false_marks(self) -> float:
        return sum(each.changed for each in self.left) / len(self.left)

    @property
    def within_reach(self) -> bool:
        return self.recall >= RECALL and self.false_marks < FALSE_MARKS


def measure(redact: Redact, cases: Iterable[Case], plains: Iterable[Plain]) -> Measured:
    left = [Left(plain, redact(plain.text, {})) for plain in plains]
    return Measured(
        tried=tuple(_tried(case, redact(case.text, case.where)) for case in cases),
        left=tuple(each for each in left if each.plain.kind != truth.DOUBTFUL),
        doubtful=tuple(each for each in left if each.plain.kind == truth.DOUBTFUL),
    )


def _tried(case: Case, output: str) -> Tried:
    return Tried(case, output, leaked=bool(truth.survivors(case.secrets, output)), lost=bool(truth.lost(case.kept, output)))


def _recall(tried: Sequence[Tried]) -> float:
    return 1 - sum(each.leaked for each in tried) / len(tried)


# ------------------------------------------------------------------ the table


def lines(measured: Measured, worst: int) -> Iterator[str]:
    yield from _table("class", "formats", measured.tried, lambda each: each.case.kind, lambda each: each.case.format)
    yield from _table("surrounding", "formats", measured.tried, lambda each: each.case.surrounding, lambda each: each.case.format)
    yield from _worst_formats(measured.tried, worst)
    yield from _ordinary(measured.left)
    doubtful = sum(each.changed for each in measured.doubtful)
    yield f"doubtful texts, in no measure: {doubtful} of {len(measured.doubtful)} changed"
    yield ""
    yield f"recall      {measured.recall:.4f}   reach >= {RECALL}"
    yield f"false marks {measured.false_marks:.4f}   reach <  {FALSE_MARKS}"


def _table(heading: str, of: str, tried: Sequence[Tried], group: Callable[[Tried], str], member: Callable[[Tried], str]) -> Iterator[str]:
    yield f"{heading:<24}{of:>9}{'cases':>8}{'missed':>8}{'recall':>9}{'rest kept':>11}"
    for name, members in [*_grouped(tried, group), ("all", tried)]:
        missed, lost = sum(each.leaked for each in members), sum(each.lost for each in members)
        counts = f"{len({member(each) for each in members}):>9}{len(members):>8}{missed:>8}"
        yield f"{name:<24}{counts}{_recall(members):>9.4f}{1 - lost / len(members):>11.4f}"
    yield ""


def _worst_formats(tried: Sequence[Tried], worst: int) -> Iterator[str]:
    by_recall = sorted(_grouped(tried, lambda each: each.case.format), key=lambda item: _recall(item[1]))
    missed = [(name, members) for name, members in by_recall if _recall(members) < 1]
    yield f"formats with misses: {len(missed)} of {len(by_recall)}" + (f", the worst {worst}" if len(missed) > worst else "")
    for name, members in missed[:worst]:
        where = sorted({each.case.surrounding for each in members if each.leaked})
        yield f"  {_recall(members):.2f}  {name}: {', '.join(where)}"
    yield ""


def _ordinary(left: Sequence[Left]) -> Iterator[str]:
    yield f"{'ordinary texts':<32}{'texts':>9}{'changed':>9}{'share':>9}"
    groups: dict[str, list[Left]] = {}
    for each in left:
        groups.setdefault(each.plain.kind, []).append(each)
    for name, members in [*groups.items(), ("all", list(left))]:
        changed = sum(each.changed for each in members)
        yield f"{name:<32}{len(members):>9}{changed:>9}{changed / len(members):>9.4f}"
    yield ""


def _grouped(tried: Iterable[Tried], group: Callable[[Tried], str]) -> list[tuple[str, list[Tried]]]:
    groups: dict[str, list[Tried]] = {}
    for each in tried:
        groups.setdefault(group(each), []).append(each)
    return list(groups.items())


def shown(measured: Measured, count: int) -> Iterator[str]:
    """Up to ``count`` misses, false marks and losses each, a format or a kind once, with what came out."""
    for title, found in (
        ("missed", {each.case.format: (each.case.text, each.output) for each in measured.tried if each.leaked}),
        ("rest lost", {each.case.format: (each.case.text, each.output) for each in measured.tried if each.lost and not each.leaked}),
        ("changed", {each.output: (each.plain.text, each.output) for each in measured.left if each.changed}),
    ):
        for name, (text, output) in list(found.items())[:count]:
            yield f"--- {title}: {name.splitlines()[0][:60]}\n{text}\n=>\n{output}\n"


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="redaction", description="measures the redactor against the labelled truth")
    parser.add_argument("--seed", type=int, default=6, help="other texts of the same kinds")
    parser.add_argument("--rounds", type=int, default=1, help="texts for each format in each surrounding")
    parser.add_argument("--strict", action="store_true", help="as for public repositories: private addresses count too")
    parser.add_argument("--worst", type=int, default=30, help="how many formats with misses are named")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="prints N misses, losses and false marks each")
    arguments = parser.parse_args(words)
    cases = [case for case in truth.cases(arguments.seed, arguments.rounds) if arguments.strict or case.kind != PRIVATE]
    measured = measure(shipped(strict=arguments.strict), cases, truth.plains(arguments.seed, len(cases)))
    for line in (*shown(measured, arguments.show), *lines(measured, arguments.worst)):
        print(line)
    # for strangers, what an error happened with goes from ordinary texts, too
    return 0 if measured.within_reach or (arguments.strict and measured.recall >= RECALL) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
