"""Wrong rule files, each by one mistake that people make: what is said of it names line, column and what would be right."""

import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from triaged import rulebook

DEFAULTS = Path(__file__).parents[1] / "rules"
HELD = Path(__file__).parent / "data" / "wrong_rules.txt"
_SHOWN = str.maketrans({"␉": "\t", "␍": "\r", "␀": "\0", "␇": "\a", "␦": "\ufeff"})


class Wrong(NamedTuple):
    mistake: str
    file: str
    remedy: str
    text: str
    place: str
    """``FILE:LINE:COLUMN``, as it must be told."""


def wrong_files() -> list[Wrong]:
    parts = re.split(r"^=== (\S+): (.+)\n--- (.+)\n", HELD.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [_wrong(*parts[i : i + 4]) for i in range(0, len(parts), 4)]


def _wrong(file: str, mistake: str, remedy: str, marked: str) -> Wrong:
    before, marker, after = marked.partition("▸")
    line, column = before.count("\n") + 1, len(before.replace("␦", "")) - before.rfind("\n")
    if "␦" in before and line == 1:
        column = len(before.replace("␦", "")) + 1
    place = f"{file}:{line}:{column}" if marker else file.partition("/")[0]
    return Wrong(mistake, file, remedy, (before + after).translate(_SHOWN), place)


WRONG = wrong_files()


@pytest.fixture(scope="module")
def defaults(tmp_path_factory):
    """The shipped files but for the fixes, which have cases of their own."""
    folder = tmp_path_factory.mktemp("defaults")
    for name in rulebook.FILES:
        shutil.copy(DEFAULTS / name, folder / name)
    return folder


def test_there_are_more_than_a_hundred_of_them():
    assert len({wrong.mistake for wrong in WRONG}) == len(WRONG) > 100


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong.mistake for wrong in WRONG])
def test_a_wrong_file_is_told_with_its_line_its_column_and_the_remedy(wrong, defaults, tmp_path):
    file = tmp_path / wrong.file
    file.parent.mkdir(exist_ok=True)
    file.write_text(wrong.text, encoding="utf-8", newline="")
    finding, *follow = rulebook.findings([tmp_path, defaults])
    assert len(follow) <= 1  # what was meant to be inside, and stands beside it now
    assert finding.place == f"{tmp_path}/{wrong.place}", str(finding)
    assert wrong.remedy in str(finding)
