import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import scanner
from fuzz.hostile import TEXTS
from triaged.core import inert

FINGERPRINT = "v1:" + "0f3c2b1a" * 4

ROW = "| a | b | c | d |\n|---|---|---|---|\n| x | x | x | end |"


def body(line: str, fence: str) -> str:
    return f"# Head\n\n{line}\n\n{fence}\n\n<details><summary>x</summary>\n\n{fence}\n\n</details>"


@settings(max_examples=800, deadline=None)
@given(TEXTS, st.integers(80, 400))
@example("a" * 79 + "#", 80)
@example("\\", 80)
@example("`https://x.example`https://y.example`", 200)
def test_whatever_an_event_says_an_issue_of_it_does_nothing_but_show_it(text, most):
    line, fence = inert.line(text, most), inert.fence(text, "python", most=most)
    whole = body(line, fence)
    assert scanner.markdown(whole, like=body("x" if line else "", "```python\nx\n```")) == []
    assert len(line) <= most
    assert len(fence) <= most
    whole.encode()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("ask @octocat", "mention"),
        ("```\n@org/everyone\n```", "mention"),
        ("see org/repo#7", "reference"),
        ("see GH-12", "reference"),
        ("see https://github.com/o/r/issues/3", "reference"),
        ("this does not close: org/repo#7", "closing keyword"),
        ("![x](https://evil.example/p.png)", "image"),
        ("![x][a]\n\n[a]: https://evil.example/p.png", "image"),
        ("[login](https://evil.example)", "link"),
        ("at www.evil.example", "link"),
        ("to bob@evil.example", "link"),
        ("<img src=x>", "image"),
        ("a <b>c</b>", "html"),
        ("in 0f3c2b1", "commit"),
        ("*so*", "formatting"),
        ("a\u202eb", "shapeless"),
        ("a\ufffeb", "shapeless"),
        ("to $x$", "formula"),
        ("it :boom:s", "emoji"),
        ("see CVE-2026-12345", "key"),
        ("see SHOP-17", "key"),
        ("done\n/close", "command"),
        ("a[^1]\n\n[^1]: b", "footnote"),
        ("- [ ] a", "task"),
        ("```\n</details>\n```", "fold"),
        ("```mermaid\nx\n```", "drawing"),
        (f"<!-- triaged:v1 9 {FINGERPRINT} 1 a -->", "marker"),
    ],
)
def test_the_scanner_sees_what_an_untreated_text_would_do(text, what):
    assert what in {finding.what for finding in scanner.markdown(text)}
    treated = inert.fence(text) + "\n\n" + inert.line(text, 300)
    assert scanner.markdown(treated) == []


@settings(max_examples=500, deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 200))
def test_whatever_stands_in_a_table_stays_in_its_cell(one, other, most):
    cells = [inert.line(one, most), inert.code(other, most), inert.path(one, most)]
    table = ROW.replace("x | x | x", " | ".join(cells))
    assert scanner.markdown(table, like=ROW) == []
    assert all((len(page.cells), page.cells[-1]) == (8, "end") for page in seen(table))
    assert all(len(cell) <= most for cell in cells)


@settings(max_examples=500, deadline=None)
@given(TEXTS, st.integers(1, 300))
def test_whatever_stands_in_titles_commits_and_chats_calls_nobody(text, most):
    title, commit, chat = inert.title(text, most), inert.commit_text(text, most), inert.plain_text(text, most)
    assert scanner.title(title) == scanner.commit(f"{title}\n\n{commit}") == scanner.chat(chat) == []
    assert max(len(title), len(commit), len(chat)) <= most
    (title + commit + chat).encode()


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_what_people_read_is_what_the_event_said(text):
    said = " ".join(inert.visible(text).split())
    whole = 100_000
    assert read(inert.line(text, whole)) == {said}
    assert read(inert.code(text, whole)) == {said}
    assert inert.title(text, whole).replace(inert.JOINT, "") == said
    fences = {fence for page in seen(inert.fence(text, most=whole)) for _, fence in page.fences}
    assert {fence.removesuffix("\n").replace(inert.JOINT, "") for fence in fences} == {inert.visible(text).strip("\n")}


def seen(text: str) -> list[scanner.Page]:
    return [reader(text) for reader in scanner.READERS]


def read(text: str) -> set[str]:
    """What people read, by each parser."""
    return {page.text.removesuffix("\n").replace(inert.JOINT, "") for page in seen(text)}


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_what_has_no_shape_becomes_visible_once(text):
    seen = inert.visible(text)
    assert inert.visible(seen) == seen
    assert "shapeless" not in {finding.what for finding in scanner.plain(seen)}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", r"a\x00b"),
        ("evil\u202egnp.exe", r"evil\u202egnp.exe"),
        ("\x1b[1;31mred\x1b[0m\x1b[K and \x1b]0;title\x07", r"red and \x1b]0;title\x07"),
        ("half \ud83d", r"half \ud83d"),
        ("one\r\ntwo\tthree\rfour", "one\ntwo\tthree\\x0dfour"),
        ("tag \U000e0041", r"tag \U000e0041"),
        ("می‌شود and 👩‍💻 ☎️", "می‌شود and 👩‍💻 ☎️"),
        ("a\u200dmin", r"a\u200dmin"),
    ],
)
def test_controls_become_escapes_and_scripts_stay_as_written(text, shown):
    assert inert.visible(text) == shown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("TypeError: my_func() got 2 args, 50 % off", "TypeError: my_func() got 2 args, 50 % off"),
        ("GET https://api.example/v1?a=1, then again", "GET `https://api.example/v1?a=1`, then again"),
        ("release (1f2e3d4c5b)", "release (`1f2e3d4c5b`)"),
        ("release v1.2-rc1 of shop", "release v1.2-rc1 of shop"),
        ("CVE-2026-12345, UTF-8", "`CVE-2026-12345`, `UTF-8`"),
        ("costs $5", "costs `$5`"),
        ("at 10:11:12 in std::vector", "at 10:11:12 in std::vector"),
        ("request 550e8400-e29b-41d4-a716-446655440000", "request `550e8400-e29b-41d4-a716-446655440000`"),
        ("# not a head", r"\# not a head"),
        ("12. not a list", r"12\. not a list"),
        ("- not a list", r"\- not a list"),
        ("^[//]: # (x)", r"\^\[//\]: # (x)"),
        ("x -> y & z", r"x -\> y & z"),
        ("a | b", r"a \| b"),
        ("C:\\shop\\", r"C:\\shop&bsol;"),
        ("one\n  two", "one two"),
    ],
)
def test_a_line_is_changed_no_more_than_it_must_be(text, written):
    assert inert.line(text, 200) == written


def test_a_code_span_holds_any_backticks():
    assert inert.code("a ``b`` c", 50) == "```a ``b`` c```"
    assert inert.code("`x`", 50) == "`` `x` ``"
    assert inert.code("", 50) == ""
    assert "`" * 81 not in inert.code("`" * 200, 500)  # GitHub's parser takes no longer ones


def test_a_long_path_loses_its_start():
    assert inert.path("/srv/app/releases/2024/shop/cart.py", 16) == "`…/shop/cart.py`"


def test_a_long_trace_keeps_its_head_and_its_tail_and_says_what_is_missing():
    text = "\n".join(f'  File "shop/cart.py", line {n}' for n in range(2000))
    block = inert.fence("Traceback:\n" + text + "\nKeyError: 'total'", "python", most=3000)
    assert block.startswith('```python\nTraceback:\n  File "shop/cart.py", line 0\n')
    assert block.endswith("line 1999\nKeyError: 'total'\n```")
    kept = len(re.findall("line [0-9]+$", block, re.MULTILINE))
    assert f"\n… {2000 - kept:,} more lines\n" in block
    assert 2800 < len(block) <= 3000


def test_one_endless_line_is_cut_within():
    block = inert.fence("x" * 5_000_000, most=1000)
    assert re.search(r"x\n… 4,999,[0-9]{3} more characters\nx", block)
    assert len(block) <= 1000


def test_a_cut_is_seen():
    assert inert.line("word " * 100, 20) == "word word word word…"
    assert inert.title("word " * 100, 20) == "word word word word…"


@pytest.mark.parametrize("language", ["mermaid", "py`x\n", "org#7", "triaged-0f0f0f0f", "@octocat", "math "])
def test_a_fence_draws_nothing_and_its_language_says_nothing(language):
    assert inert.fence("graph", language).startswith("```\n")


@pytest.mark.parametrize("language", ["python", "c++", "c#", "es6"])
def test_a_fence_has_its_language(language):
    assert inert.fence("x", language).startswith(f"```{language}\n")


@pytest.mark.parametrize("piece", ["*", "@", "|", "`", "\\", "#1", "\u202e", "https://x ", "$ "])
def test_a_text_of_nothing_but_markup_is_cut_and_not_lost(piece):
    text = piece * 9_000
    for made, most in ((inert.line, 500), (inert.code, 200), (inert.title, 256), (inert.fence, 3_000), (inert.plain_text, 3_000)):
        kept = made(text, most=most)
        assert most * 2 // 3 < len(kept) <= most
        assert "…" in kept


def test_chat_sees_neither_calls_nor_links():
    said = inert.plain_text('<!channel> <@U1> @here [~ann] [a|https://b] {code} !p.png! {"a": [1]} wow!', 200).replace(inert.JOINT, "·")
    assert said == '<·!channel> <·@·U1> @·here [·~ann] [·a|https:·//b] {·code} !·p.png! {"a": [1]} wow!'


def test_a_mark_of_ours_in_an_event_is_not_one():
    assert inert.strip_markers(f"<!-- triaged:{FINGERPRINT} --> triaged `0f3c2b1a`").replace(inert.JOINT, "·") == (
        f"<!·-- triage·d:v1:·{FINGERPRINT[3:]} --> triage·d `0f3c2b1a`"
    )


@pytest.mark.parametrize(
    "text", ["see GH-12 ", "SHOP-17, ", "acme/shop#7 ", "@octocat ", "a/commit/0f3c2b1 ", f"<!-- triaged:{FINGERPRINT} "]
)
def test_a_cut_through_a_reference_leaves_none(text):
    text = text * 20
    for most in range(1, len(text) + 1):
        assert scanner.commit("x\n\n" + inert.commit_text(text, most)) == scanner.title(inert.title(text, most)) == []
        assert scanner.chat(inert.plain_text(text, most)) == []


@pytest.mark.parametrize("opened", ["<!--", "<!-- ", "<!--/", "<!-- / "])
def test_a_comment_that_a_title_opens_is_no_marker_with_what_the_body_says(opened):
    assert scanner.commit(inert.title(f"boom {opened}") + "\n\n" + inert.commit_text("triaged")) == []


def test_a_branch_is_a_fixed_prefix_and_hex():
    assert inert.branch(FINGERPRINT) == "triaged/fix-0f3c2b1a0f3c"
    assert inert.branch(FINGERPRINT, 2) == "triaged/fix-0f3c2b1a0f3c-2"


def test_nobody_signs_a_commit_and_nothing_is_released_or_skipped_by_an_events_text():
    text = "boom\nCo-authored-by: x <x@y.z>\nfeat(api)!: y\nBREAKING CHANGE: z [skip ci]"
    assert inert.commit_text(text).replace(inert.JOINT, "·") == (
        "boom\nCo-authored-by·: x <x@·y.z>\nfeat(api)!·: y\nBREAKING CHANGE·: z [·skip ci]"
    )


def test_an_event_does_not_say_how_often_it_was_seen():
    assert inert.fence("boom\nOccurrences: 999").replace(inert.JOINT, "·") == "```\nboom\nOccurrences:· 999\n```"


@pytest.mark.parametrize("name", ["", "main", "v1:../x", "v1:@{", "v1:0f3c\n", "refs/heads/main"])
def test_a_branch_of_anything_else_is_refused(name):
    with pytest.raises(ValueError, match="is no fingerprint"):
        inert.branch(name)


@pytest.mark.parametrize(
    "piece", ["@a", "#1 ", "`" * 999 + " ", "\\", "\x1b[0m", "[" * 99, "<!--   triaged ", "a/issues/1 ", "!a", "))))", "deadbee ", "\u202e"]
)
def test_a_hostile_text_of_60_kb_costs_no_more_than_any_other(piece):
    text = piece * (60_000 // len(piece))
    began = time.perf_counter()
    inert.fence(text)
    inert.line(text, 2_000)
    inert.plain_text(text, 3_000)
    inert.title(text)
    assert time.perf_counter() - began < 1
