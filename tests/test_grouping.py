"""The recorded sights of bugs: no two bugs become one, and few are split; `make accuracy` says which."""

import json

from grouping.measure import LABELS, MOST_SPLIT, pairs, replayed


def test_no_two_bugs_are_merged_and_few_are_split():
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    same, split, different, merged = pairs(rows, replayed(rows))
    assert (same, different) > (800, 12_000)
    assert merged == []
    assert len(split) <= MOST_SPLIT * same


def test_a_pair_that_found_no_group_is_split():
    rows = [{"group": "a", "language": "x"}, {"group": "a", "language": "x"}, {"group": "b", "language": "x"}]
    assert [len(found) for found in pairs(rows, [None, None, "1"])[1::2]] == [1, 0]
    assert [len(found) for found in pairs(rows, ["1", "1", "1"])[1::2]] == [0, 2]
