"""From a frame to a file, and what the file says about the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.locate import Tree, check, segments
from triaged.core.model import Frame

TREE = Tree(
    ["shop/cart.py", "shop/api/cart.py", "web/src/cart/index.js", "web/src/index.js", "README.md", "services/pay/app/main.py", "naïve.py"]
)


@pytest.mark.parametrize(
    ("frame", "file"),
    [
        ("shop/cart.py", "shop/cart.py"),
        ("/srv/app/shop/cart.py", "shop/cart.py"),
        ("/usr/src/app/shop/api/cart.py", "shop/api/cart.py"),
        ("C:\\build\\shop\\cart.py", "shop/cart.py"),
        ("webpack:///./web/src/cart/index.js?1a2b", "web/src/cart/index.js"),
        ("file:///app/web/src/index.js", "web/src/index.js"),
        ("/app/README.md", "README.md"),
        ("app/main.py", "services/pay/app/main.py"),
        ("/build/nai\u0308ve.py", "naïve.py"),
    ],
)
def test_a_frames_path_finds_its_file(frame, file):
    assert TREE.match(frame).paths == (file,)


def test_equally_likely_files_are_shown_and_none_is_guessed():
    tree = Tree(["a/handlers/user.py", "b/handlers/user.py"])
    assert tree.match("/app/handlers/user.py").paths == ("a/handlers/user.py", "b/handlers/user.py")


@pytest.mark.parametrize("frame", ["lib/other.py", "/app/lib/cart.py", "<stdin>", "", "native", "cart.py\0"])
def test_a_file_that_is_not_there_is_not_found(frame):
    assert TREE.match(frame).paths == ()


@pytest.mark.parametrize("frame", ["../../.github/workflows/ci.yml", "/etc/passwd", "shop/../../etc/passwd"])
def test_a_path_that_climbs_finds_nothing(frame):
    assert TREE.match(frame).paths == ()


@given(st.text())
def test_whatever_the_path_what_is_found_stands_in_the_tree(path):
    tree = Tree(["a.py", "b/a.py", "b/c/a.py"])
    assert set(tree.match(path).paths) <= {"a.py", "b/a.py", "b/c/a.py"}
    assert ".." not in segments(path)


TEXT = "import x\n\n\ndef total(items):\n    tax = rate(items)\n    return sum(items) + tax\n"


def frame(line, context="", function="total"):
    return Frame(function=function, path="shop/cart.py", line=line, context=context)


def test_a_line_that_reads_as_quoted_is_confirmed():
    line = check(frame(6, "return sum(items) + tax"), TEXT)
    assert (line.state, line.line) == ("confirmed", 6)
    assert (6, "    return sum(items) + tax") in line.quote


def test_a_line_that_stands_elsewhere_has_moved():
    line = check(frame(3, "tax = rate(items)"), TEXT)
    assert (line.state, line.line) == ("moved", 5)


def test_a_line_that_reads_differently_is_stale():
    assert check(frame(6, "return sum(items)"), TEXT).state == "stale"


def test_a_line_beyond_the_end_is_missing():
    assert check(frame(60, "return 1"), TEXT).state == "missing"
    assert check(frame(60), TEXT).state == "missing"


def test_without_a_quoted_line_the_function_around_it_confirms():
    assert check(frame(6), TEXT).state == "confirmed"
    assert check(frame(6, function="other"), TEXT).state == "unchecked"


def test_a_file_that_cannot_be_read_leaves_the_line_unchecked():
    assert check(frame(6), None).state == "unchecked"
