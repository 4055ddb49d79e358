import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triaged import yamlfile
from triaged.errors import WrongConfig


def refused(text):
    with pytest.raises(WrongConfig) as caught:
        yamlfile.load(text, "rules.yaml")
    return str(caught.value)


def test_plain_data_comes_out():
    text = "name: shop\nlimits: {new: 20, share: 0.80, least: -.5}\non: true\nnone: ~\nlist:\n  - a\n  - 'b'\ntext: |\n  two\n  lines\n"
    assert yamlfile.load(text, "f").data == {
        "name": "shop",
        "limits": {"new": 20, "share": 0.8, "least": -0.5},
        "on": True,
        "none": None,
        "list": ["a", "b"],
        "text": "two\nlines\n",
    }


@pytest.mark.parametrize(
    "written", ["on", "off", "yes", "no", "010", "1_000", "12:30", "1e3", "0x1f", "2026-01-02", "1.2.3", "9" * 30, ".inf"]
)
def test_what_yaml_1_1_would_turn_into_something_else_stays_text(written):
    assert yamlfile.load(f"release: {written}", "f").data == {"release": written}


@pytest.mark.parametrize("written", ["'true'", '"12"', "'~'"])
def test_quotes_make_text(written):
    assert yamlfile.load(f"release: {written}", "f").data == {"release": written[1:-1]}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_holds_nothing(text):
    assert yamlfile.load(text, "f").data is None


def test_every_key_and_item_has_its_place():
    document = yamlfile.load('é: 1\nroutes:\n  - name: a\n  - {name: b, match: {"ü": x, y: [1, 2]}}\n', "routing.yaml")
    assert document.place(()) == "routing.yaml:1:1"
    assert document.place(("routes",)) == "routing.yaml:2:1"
    assert document.place(("routes", 1)) == "routing.yaml:4:5"
    assert document.place(("routes", 1, "match", "y")) == "routing.yaml:4:31"
    assert document.place(("routes", 1, "match", "y", 1)) == "routing.yaml:4:38"
    assert document.under("routes", 1)(("name",)) == "routing.yaml:4:6"


def test_a_key_that_is_missing_stands_where_it_should_have_been():
    assert yamlfile.load("routes:\n  - name: a\n", "f").place(("routes", 0, "match", "x")) == "f:2:5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: !!python/object/apply:os.system [ls]",
            "rules.yaml:1:4: the tag `tag:yaml.org,2002:python/object/apply:os.system` is not allowed",
        ),
        ("a: !!str 5", "rules.yaml:1:4: the tag"),
        ("a: ! 5", "rules.yaml:1:4: the tag"),
        ("a: &x 1", "rules.yaml:1:4: anchors and aliases"),
        ("a: [&x [1]]", "rules.yaml:1:5: anchors and aliases"),
        ("a: 1\nb: *a", "rules.yaml:2:4: anchors and aliases"),
        ("&x a: 1", "rules.yaml:1:1: a key must be plain text"),
        ("a: 1\nb: 2\na: 3", "rules.yaml:3:1: the key `a` stands here a second time (first in line 1)"),
        ("x: {a: 1, 'a': 2}", "rules.yaml:1:11: the key `a` stands here a second time"),
        ("404: x", "rules.yaml:1:1: the key `404` is no text; put it in quotes"),
        ("true: x", "rules.yaml:1:1: the key `true` is no text"),
        ("? [a, b]\n: x", "rules.yaml:1:3: a key must be plain text"),
        ("a: 1\n---\nb: 2", "rules.yaml:2:1: a second document begins here"),
        ("a:\n\t- b", "rules.yaml:2:1: a tab stands where YAML wants spaces"),
        ("message: timeout: 5", "rules.yaml:1:17: not valid YAML: mapping values are not allowed in this context; a value with `: `"),
        ("a: [1,\nb: 2", "that begins in line 1; close the bracket"),
        ("a: 'x", "close the quote"),
        ("a: \x07", "rules.yaml:1:4: the character U+0007"),
        ("a: \ud800", "rules.yaml:1:4: the character U+D800"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_place(text, message):
    assert message in refused(text)


def test_twenty_levels_are_read_and_one_more_is_refused():
    assert yamlfile.load("[" * 20 + "]" * 20, "f").data
    assert refused("[" * 21 + "]" * 21) == "rules.yaml:1:21: this is nested more than 20 levels deep; rules need far fewer"


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 50_000, "? " * 50_000])
def test_deep_nesting_ends_in_a_message_and_not_in_a_recursion_error(text):
    refused(text)


def test_an_alias_bomb_is_refused_at_its_first_anchor():
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert refused(bomb).startswith("rules.yaml:1:4: anchors")


def test_more_than_a_mebibyte_is_refused():
    assert "larger than 1 MiB" in refused("a: " + "x" * 1024 * 1024)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="ab:-[]{}&*!|>'\"#%?,\n\t ~0", max_size=60)))
def test_any_text_is_read_or_refused(text):
    try:
        place = yamlfile.load(text, "f").place(("no", "such", 0))
    except WrongConfig as error:
        place = error.place
    assert place.startswith("f")


def test_a_file_is_read_from_disk(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("a: é", encoding="utf-8")
    assert yamlfile.read(file).data == {"a": "é"}


def test_a_file_that_is_no_utf_8_is_refused_with_its_place(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(WrongConfig, match=r"a\.yaml:2:7: this is no UTF-8"):
        yamlfile.read(file)


def test_a_missing_file_a_folder_and_a_huge_file_are_refused(tmp_path):
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (1024 * 1024 + 1))
    for file, message in [(tmp_path / "no.yaml", "no such file"), (tmp_path, "no regular file"), (huge, "larger than 1 MiB")]:
        with pytest.raises(WrongConfig, match=message):
            yamlfile.read(file)
