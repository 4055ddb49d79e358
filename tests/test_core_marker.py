"""The marker that makes a ticket ours."""

from triaged.core import marker
from triaged.core.model import Marker, Report

MARK = Marker("v1:" + "0f" * 16, 2, "a1b2", "9" * 32)


def report(body):
    return Report("acme/shop", MARK, "title", body)


REPORT = report("the numbers")


def test_what_is_written_is_read_back():
    assert marker.read(marker.marked(REPORT)) == MARK
    assert marker.read("text\n" + marker.opening(Marker("v1:" + "0f" * 16)) + "\ntext") == Marker("v1:" + "0f" * 16)


def test_a_body_without_a_marker_is_not_ours():
    assert marker.read("<!-- triaged:v1 something else -->") is None


def test_only_our_part_is_replaced():
    body = "a person's words\n\n" + marker.marked(REPORT) + "\n\nmore of them"
    new = marker.marked(Report("acme/shop", MARK, "title", "other numbers"))
    assert marker.splice(body, new) == "a person's words\n\n" + new + "\n\nmore of them"


def test_where_a_person_has_removed_the_markers_nothing_of_theirs_is_lost():
    new = marker.marked(REPORT)
    assert marker.splice("a person's words", new) == "a person's words\n\n" + new
    assert marker.splice("", new) == new


def test_the_count_is_read_back_from_a_ticket():
    ours = marker.marked(report("### Occurrences\n\nOccurrences: 17\n\n- first seen"))
    assert marker.occurrences(f"Occurrences: 99, says ann\nOccurrences: 98\n{ours}") == 17
    assert marker.occurrences(marker.marked(report("Occurrences: many\nOther Occurrences: 5")) + "\nOccurrences: 97") == 0
    assert marker.occurrences("Occurrences: 96") == 0


def test_a_signature_fits_one_repository_and_one_error():
    key = "k" * 20
    signed = marker.signature(key, "acme/shop", MARK)
    assert signed == marker.signature(key, "Acme/Shop", MARK)
    assert signed != marker.signature(key, "acme/other", MARK)
    assert signed != marker.signature("other", "acme/shop", MARK)
    assert signed != marker.signature(key, "acme/shop", Marker(MARK.fingerprint, 3))
