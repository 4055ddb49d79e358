import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triaged import rulebook, yamlfile
from triaged.core import decide, facts, route, score, suggest
from triaged.core.decide import Limits, Rate
from triaged.core.model import Event
from triaged.errors import WrongConfig

DEFAULTS = Path(__file__).parents[1] / "rules"


@pytest.fixture
def folder(tmp_path):
    """A user's folder, before a few of the defaults: reading them all takes a quarter of a second."""
    few = tmp_path / "defaults"
    (few / "fixes").mkdir(parents=True)
    for name in (*rulebook.FILES, "fixes/python.yaml", "fixes/ruby.yaml"):
        shutil.copy(DEFAULTS / name, few / name)
    mine = tmp_path / "mine"
    mine.mkdir()
    return mine


def folders(folder):
    return [folder, folder.parent / "defaults"]


def write(folder, name, text):
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def load(folder):
    return rulebook.load(folders(folder))


def found(folder):
    return [str(finding).removeprefix(f"{folder}/") for finding in rulebook.findings(folders(folder))]


def only(folder):
    (finding,) = found(folder)
    return finding


# ----------------------------------------------------------------- the rules that ship


def test_the_default_rules_have_no_mistakes_and_their_cases_come_out():
    assert rulebook.findings([DEFAULTS]) == []


def test_the_default_rules_are_the_specification():
    book = rulebook.load([DEFAULTS])
    assert book.routes == ()
    assert book.limits == Limits(Rate(20, 600), Rate(1, 3600), 3)
    known = facts.given({"code.found": True, "stack.present": True, "logs.related": 3}, str)
    assert score.score(known, book.confidence).value == 0.9


def test_the_example_in_the_default_routing_file_works(folder):
    text = (DEFAULTS / "routing.yaml").read_text(encoding="utf-8")
    example = text[text.index("# routes:\n#   - name: noise") : text.index("routes: []")]
    write(folder, "routing.yaml", re.sub(r"^# ?", "", example, flags=re.MULTILINE))
    assert found(folder) == []
    assert [rule.name for rule in load(folder).routes] == ["noise", "production", "checkout", "shop"]


def test_every_default_fix_has_cases_that_must_fit_and_that_must_not():
    blocks = [block for file in sorted((DEFAULTS / "fixes").glob("*.yaml")) for block in yamlfile.read(file).data["fixes"]]
    assert len(blocks) >= 25
    assert [block["id"] for block in blocks if {case.get("fits", True) for case in block["cases"]} != {True, False}] == []


def test_every_default_hint_is_short_and_complete_for_each_of_its_cases():
    book = rulebook.load([DEFAULTS])
    for file in sorted((DEFAULTS / "fixes").glob("*.yaml")):
        for block in yamlfile.read(file).data["fixes"]:
            for case in block["cases"]:
                if case.get("fits", True):
                    hint = suggest.suggest(event(case["error"], block.get("language", "")), book.fixes).hint
                    assert 40 < len(hint) < 480, block["id"]
                    assert not re.search(r"  | \(\)|(?<!`)``(?!`)|\{[A-Z]+\}|\w [.,;:](\s|$)", hint), hint


def event(error, language):
    kind, _, message = error.partition(": ") if ": " in error else ("", "", error)
    return Event("sentry", datetime(2026, 1, 1, tzinfo=UTC), kind, message, "error", language, None, "bug")


@pytest.mark.parametrize(
    ("kind", "message", "language", "rule"),
    [
        ("AttributeError", "'NoneType' object has no attribute 'email'", "python", "python-none-attribute"),
        ("KeyError", "'user_id'", "python", "python-key-error"),
        ("TypeError", "Cannot read properties of undefined (reading 'total')", "javascript", "javascript-undefined-property"),
        ("TypeError", "undefined is not an object (evaluating 'cart.items')", "javascript", "javascript-undefined-property-safari"),
        ("Error", "connect ECONNREFUSED 127.0.0.1:5432", "javascript", "connection-refused"),
        ("java.lang.NullPointerException", "", "java", "java-null"),
        ("", "runtime error: invalid memory address or nil pointer dereference", "go", "go-nil-pointer"),
        ("psycopg2.errors.DeadlockDetected", "deadlock detected", "python", "deadlock"),
        ("OSError", "[Errno 28] No space left on device", "python", "disk-full"),
        ("TypeError", "Cannot read properties of null (reading 'x')", "", "javascript-undefined-property"),
    ],
)
def test_the_commonest_errors_get_their_hint(kind, message, language, rule):
    happened = Event("sentry", datetime(2026, 1, 1, tzinfo=UTC), kind, message, "error", language, None, "bug")
    assert suggest.suggest(happened, rulebook.load([DEFAULTS]).fixes).rule == rule


# ---------------------------------------------------------- a user's folder over the defaults


def test_a_users_file_stands_for_the_default_of_the_same_name_and_only_for_that(folder):
    mine = write(folder, "confidence.yaml", "confidence:\n  - {name: mine, set: 0.5}\n")
    book, defaults = load(folder), rulebook.load(folders(folder)[1:])
    assert [rule.name for rule in book.confidence] == ["mine"]
    assert book.limits == defaults.limits
    assert len(book.fixes) == len(defaults.fixes)
    assert rulebook.overrides(folders(folder)) == [(mine, folder.parent / "defaults/confidence.yaml")]


def test_files_of_fixes_are_overridden_one_by_one_and_a_users_come_first(folder):
    write(folder, "fixes/ruby.yaml", "fixes:\n  - {id: mine, language: ruby, error: boom, hint: mine}\n")
    write(folder, "fixes/shop.yaml", "fixes:\n  - {id: any-language, error: 'NoneType', hint: ours}\n")
    ids = [fix.id for fix in load(folder).fixes]
    assert ids[:2] == ["mine", "any-language"]
    assert "ruby-nil" not in ids
    assert "python-key-error" in ids
    assert found(folder) == []


def test_fixes_for_a_language_are_tried_before_those_for_any():
    languages = [bool(fix.languages) for fix in rulebook.load([DEFAULTS]).fixes]
    assert languages == sorted(languages, reverse=True)


def test_what_a_users_routing_leaves_out_has_its_default(folder):
    write(
        folder,
        "routing.yaml",
        "routes:\n  - {name: shop, repository: acme/shop, pull_request: {draft: false}}\nlimits: {new_issues: 5 per 1h}\n",
    )
    book = load(folder)
    assert book.limits == Limits(Rate(5, 3600), Rate(1, 3600), 3)
    sure = facts.given({"confidence": 0.9, "fix.present": True}, str)
    decision = decide.decide(sure, route.route(sure, book.routes, ""))
    assert (decision.action, decision.draft) == ("pull_request", False)


def test_an_empty_file_of_a_user_is_a_file_without_rules(folder):
    write(folder, "routing.yaml", "# nothing yet\n")
    assert load(folder).limits == Limits()


@pytest.mark.parametrize(("written", "rate"), [("1 per 30s", Rate(1, 30)), ("500 per 2h", Rate(500, 7200)), ("3 per 1d", Rate(3, 86400))])
def test_rates(folder, written, rate):
    write(folder, "routing.yaml", f"limits: {{pull_requests: {written}}}")
    assert load(folder).limits.pull_requests == rate


def test_the_digest_changes_with_what_decides_and_with_nothing_else(folder):
    def digest(text):
        write(folder, "routing.yaml", text)
        return load(folder).digest

    plain = digest("routes:\n  - {name: a, labels: [x]}\n")
    assert digest("# why\nroutes: [{labels: x, name: a}]\ncases: [{facts: {}, route: a}]") == plain
    assert digest("routes:\n  - {name: a, labels: [x]}\nlimits: {new_issues: 20 per 10m}\n") == plain
    assert digest("routes:\n  - {name: a, labels: [y]}\n") != plain
    assert digest("routes:\n  - {name: a, labels: [x]}\n  - {name: b}\n") != digest("routes:\n  - {name: b}\n  - {name: a, labels: [x]}\n")


def test_editors_leave_files_behind_that_are_no_rules(folder):
    for name in ("README.md", ".routing.yaml.swp", "routing.yaml~", "..data/routing.yaml", ".hidden.yaml", "fixes/.ruby.yaml"):
        write(folder, name, "}")
    assert found(folder) == []


# ------------------------------------------------------------------------------ mistakes


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        (
            "routing.yaml",
            "routes:\n  - name: a\n    mach: {service: x}\n",
            "routing.yaml:3:5: no key is called `mach` here; did you mean `match`?",
        ),
        ("routing.yaml", "routs: []\n", "routing.yaml:1:1: no key is called `routs` here; did you mean `routes`?"),
        (
            "routing.yaml",
            "routes:\n  - {name: a, continu: true}\n",
            "routing.yaml:2:15: no key is called `continu` here; did you mean `continue`?",
        ),
        (
            "routing.yaml",
            "routes:\n  - {name: a, pull_request: {drft: true}}\n",
            "routing.yaml:2:30: no key is called `drft` here; did you mean `draft`?",
        ),
        (
            "routing.yaml",
            "routes:\n  - name: a\n    match:\n      servce: x\n",
            "routing.yaml:4:7: no fact is called `servce` here; did you mean `service`?",
        ),
        (
            "routing.yaml",
            "routes:\n  - name: a\n    pull_request: {when: {confidence: {gt: high}}}\n",
            'routing.yaml:3:40: `confidence` is a number, and here stands "high"',
        ),
        ("routing.yaml", "routes:\n  - {match: {service: x}}\n", "routing.yaml:2:5: `name` is missing; write it here"),
        (
            "routing.yaml",
            "routes:\n  - {name: a, repository: shop}\n",
            'routing.yaml:2:15: `repository` should be `owner/name`; here stands "shop"',
        ),
        (
            "routing.yaml",
            "routes:\n  - {name: a, repository: [acme/shop, '{{service}}/x']}\n",
            'routing.yaml:2:39: `repository` should be `owner/name`; here stands "{{service}}/x"',
        ),
        (
            "routing.yaml",
            "routes:\n  - {name: a, action: close}\n",
            'routing.yaml:2:15: `action` should be `issue` or `drop`; here stands "close"',
        ),
        (
            "routing.yaml",
            "routes:\n  - {name: a, continue: yes}\n",
            'routing.yaml:2:15: `continue` should be true or false; here stands "yes"',
        ),
        ("routing.yaml", "routes:\n  - {name: a, match: }\n", "routing.yaml:2:15: `match` should be a mapping; here stands nothing"),
        ("routing.yaml", "routes:\n  - {name: a}\n  - {name: a}\n", "routing.yaml:3:6: `a` stands at "),
        (
            "routing.yaml",
            "limits: {new_issues: 20}\n",
            "routing.yaml:1:10: `new_issues` should be a rate such as `20 per 10m` (s, m, h or d); here stands 20",
        ),
        (
            "routing.yaml",
            "limits: {new_isues: 2 per 1h}\n",
            "routing.yaml:1:10: no key is called `new_isues` here; did you mean `new_issues`?",
        ),
        ("routing.yaml", "- a\n", "routing.yaml:1:1: `the file` should be a mapping; here stands a list"),
        ("routing.yaml", "routes: [\n", "routing.yaml:2:1: not valid YAML"),
        (
            "confidence.yaml",
            "confidence:\n  - {name: a, when: {confidence: 1}, set: 1}\n",
            "confidence.yaml:2:22: no fact is called `confidence` here",
        ),
        ("confidence.yaml", "confidence:\n  - {name: a}\n", "confidence.yaml:2:5: the rule `a` should either set the score or add to it"),
        (
            "confidence.yaml",
            "confidence:\n  - {name: a, set: 80}\n",
            "confidence.yaml:2:15: `set` should be between 0 and 1; here stands 80",
        ),
        (
            "confidence.yaml",
            "confidence:\n  - {name: a, set: true}\n",
            "confidence.yaml:2:15: `set` should be a number; here stands true",
        ),
        ("confidence.yaml", "", "confidence.yaml:1:1: `confidence` is missing"),
        ("redaction.yaml", "- x\n", "redaction.yaml:1:1: a rule file is a mapping of keys"),
        ("fixes/a.yaml", "fixes:\n  - {id: a, error: '(?=x)', hint: h}\n", "fixes/a.yaml:2:13: RE2 has no look-around"),
        ("fixes/a.yaml", "fixes:\n  - {id: a, error: [ok, '('], hint: h}\n", "fixes/a.yaml:2:25: not a pattern that RE2 can read"),
        (
            "fixes/a.yaml",
            "fixes:\n  - {id: a, error: '(?P<KEY>x)', hint: 'no {KYE}'}\n",
            "fixes/a.yaml:2:34: the hint shows `{KYE}`, which `error` does not capture; write `(?P<KYE>...)` there",
        ),
        (
            "fixes/a.yaml",
            "fixes:\n  - {id: Not Good, error: x, hint: h}\n",
            "fixes/a.yaml:2:6: `id` should be of small letters, digits and dashes",
        ),
        ("fixes/a.yaml", "fixes:\n  - {id: ruby-nil, error: x, hint: h}\n", "a fix `ruby-nil` stands at "),
        ("fixes/a.yaml", "fixes:\n  - {id: a, error: x}\n", "fixes/a.yaml:2:5: `hint` is missing"),
        ("fixes/a.yml", "fixes: []\n", "fixes/a.yml: rule files end in `.yaml`; rename it to `a.yaml`"),
        ("routes.yaml", "routes: []\n", "routes.yaml: no rule file is called `routes.yaml`; did you mean `routing.yaml`?"),
        ("routing.yml", "routes: []\n", "routing.yml: rule files end in `.yaml`; rename it to `routing.yaml`"),
        ("fix/a.yaml", "fixes: []\n", "fix: no folder of rules is called `fix`; the only one is `fixes`"),
        ("grouping.yaml", "fingerprints:\n  - {name: a, when: {code.found: true}, fingerprint: x}", "no fact is called `code.found` here"),
        ("grouping.yaml", "fingerprints:\n  - {name: a, when: {type: X}, fingerprint: 'x {servce}'}", "did you mean `service`?"),
        ("grouping.yaml", "masks:\n  - {name: a, pattern: '('}", "grouping.yaml:2:15: not a pattern that RE2 can read"),
        ("grouping.yaml", "in_app:\n  - {when: {in_app: true}, in_app: false}", "no fact is called `in_app` here"),
    ],
)
def test_a_mistake_is_found_with_its_place_and_what_would_be_right(folder, name, text, finding):
    write(folder, name, text)
    assert finding in only(folder)
    with pytest.raises(WrongConfig) as caught:
        load(folder)
    assert finding in str(caught.value)


def test_all_mistakes_of_all_files_are_found_at_once(folder):
    write(folder, "routing.yaml", "routes:\n  - {name: a, match: {servce: x, code.line: y}}\n  - {nam: b}\n")
    write(folder, "confidence.yaml", "confidence:\n  - {name: a, when: {cod.found: true}, set: 1}\n  - {name: b}\n")
    write(folder, "fixes/a.yaml", "fixes:\n  - {id: a, error: '(', hint: h}\n")
    write(folder, "grouping.yaml", "cases: [")
    places = [finding.split(": ")[0] for finding in found(folder)]
    assert places == [
        "confidence.yaml:2:22",
        "confidence.yaml:3:5",
        "routing.yaml:3:5",
        "routing.yaml:3:6",
        "fixes/a.yaml:2:13",
        "grouping.yaml:2:1",
    ]


def test_a_finding_has_its_place_what_is_wrong_and_what_would_be_right(folder):
    write(folder, "routing.yaml", "routs: []\n")
    (finding,) = rulebook.findings(folders(folder))
    assert finding.place == f"{folder}/routing.yaml:1:1"
    assert finding.what == "no key is called `routs` here"
    assert finding.remedy == "did you mean `routes`?"


def test_a_folder_that_is_not_there_is_a_mistake(folder):
    (finding,) = rulebook.findings([folder / "missing", DEFAULTS])
    assert str(finding).startswith(f"{folder}/missing: this folder of rules cannot be read: No such file or directory")


def test_without_the_defaults_their_files_are_missed(folder):
    assert len(rulebook.findings([folder])) == len(rulebook.FILES)


def test_a_file_that_cannot_be_read_is_a_mistake(folder):
    (folder / "routing.yaml").symlink_to("/proc/self/mem")  # fails on reading, for root too
    assert only(folder).startswith("routing.yaml: it cannot be read: Input/output error; the user that runs triaged needs to")


def test_a_link_that_leads_nowhere_is_a_mistake(folder):
    (folder / "routing.yaml").symlink_to("gone.yaml")
    assert only(folder) == "routing.yaml: there is no such file"


# -------------------------------------------------------------------------------- cases


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        (
            "confidence.yaml",
            "confidence:\n  - {name: base, set: 0.3}\n  - {name: logs, when: {logs.related: {gt: 0}}, add: 0.1}\n"
            "cases:\n  - {facts: {logs.related: 1}, confidence: 0.4}\n  - {facts: {logs.related: 1}, confidence: 0.5}\n",
            "confidence.yaml:6:5: the score of this case is 0.4 (base +0.3, logs +0.1) and not 0.5; mend the rules or the case",
        ),
        (
            "confidence.yaml",
            "confidence:\n  - {name: base, set: 0.3}\ncases:\n  - {facts: {log.related: 1}, confidence: 0.3}\n",
            "confidence.yaml:4:14: no fact is called `log.related` here; did you mean `logs.related`?",
        ),
        (
            "routing.yaml",
            "routes:\n  - {name: shop, match: {service: shop}, repository: acme/shop}\ncases:\n"
            "  - {facts: {service: shop}, route: shop, repository: acme/shop, action: issue}\n  - {facts: {service: cart}, route: shop}\n",
            "routing.yaml:5:30: the route of this case is default and not shop; mend the routes or the case (no route matches",
        ),
        (
            "routing.yaml",
            "cases:\n  - {facts: {confidence: 0.8, fix.present: true}, action: pull_request}\n",
            "the action of this case is issue and not pull_request; mend the routes or the case",
        ),
        (
            "routing.yaml",
            "cases:\n  - {facts: {}}\n",
            "routing.yaml:2:5: this case expects nothing; say one of route, action, repository, labels, assignees",
        ),
        (
            "fixes/a.yaml",
            "fixes:\n  - {id: a, error: boom, hint: a hint, cases: [{error: 'E: boom', hint: a hint}, {error: 'E: bang'}]}\n",
            "fixes/a.yaml:2:82: `a` does not fit this error; mend `error` or the case",
        ),
        (
            "fixes/a.yaml",
            "fixes:\n  - {id: a, error: boom, hint: a hint, cases: [{error: 'E: boom', hint: other}]}\n",
            'the hint has no "other" in it; it reads: a hint',
        ),
        (
            "fixes/a.yaml",
            "fixes:\n  - {id: a, error: boom, hint: a hint, cases: [{error: 'E: boom', fits: false}]}\n",
            "`a` fits this error and should not; make `error` more exact",
        ),
        (
            "fixes/a.yaml",
            "fixes:\n  - {id: a, error: bo, hint: h}\n  - {id: b, error: boom, hint: h, cases: [{error: boom}]}\n",
            "fixes/a.yaml:3:43: `a`, which stands before `b`, answers this error",
        ),
    ],
)
def test_a_case_that_does_not_come_out_is_found(folder, name, text, finding):
    write(folder, name, text)
    assert finding in only(folder)


def test_cases_do_not_keep_the_daemon_from_starting(folder):
    write(folder, "confidence.yaml", "confidence:\n  - {name: base, set: 0.3}\ncases:\n  - {facts: {}, confidence: 0.9}\n")
    assert len(load(folder).confidence) == 1


def test_a_users_fixes_do_not_spoil_the_cases_of_the_defaults(folder):
    write(folder, "fixes/shop.yaml", "fixes:\n  - {id: everything, error: '.', hint: ours}\n")
    assert found(folder) == []


@pytest.mark.parametrize(
    ("case", "finding"),
    [
        ("{same: ['A: x', 'B: x']}", "these are 2 errors and should be one"),
        ("{different: ['A: x 1', 'A: x 2']}", "these are one error and should not be: A: x 1, A: x 2"),
        ("{same: ['A: x'], different: ['A: y']}", "either errors that are the `same` or errors that are `different`"),
    ],
)
def test_a_case_of_grouping_that_does_not_come_true_is_a_mistake(folder, case, finding):
    write(folder, "grouping.yaml", f"cases:\n  - {case}\n")
    assert finding in only(folder)
