"""What the documents say, held against the code."""

import dataclasses
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from triaged import cli, plugins, rulebook, settings
from triaged.boundary import Config
from triaged.core import category, redact, rules, view
from triaged.core.facts import FACTS, FRAME_FACTS
from triaged.core.model import Commit, Event, Fingerprint, Frame, Place, Point, Score, StackTrace, Suggestion, Tally
from triaged.metrics import Metrics
from triaged.pipeline import samples
from triaged.pipeline.render import Back, Renderer
from triaged.web import monitor, trigger
from triaged.web.page import Page

TOP = Path(__file__).parent.parent
README, CONTRIBUTING, RULES, TEMPLATES = (
    (TOP / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md", "docs/rules.md", "docs/templates.md")
)
WORKFLOW = (TOP / "deploy" / "github-actions.yml").read_text(encoding="utf-8")
SHIPPED = settings.data("rules")


def rows(text, first_column):
    """The cells of every row of a table whose head begins so; ``\\|`` is a pipe."""
    found, within = [], False
    for line in text.splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if not within:
            within = bool(cells) and cells[0] == first_column
        elif not cells:
            within = False
        elif set(cells[0]) != {"-"}:
            found.append(cells)
    return found


def code(cell):
    return re.match(r"`([^`]+)`", cell)[1]


def fenced(language, *texts):
    return [block for text in texts for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


# ------------------------------------------------------------------ settings


def settings_in_code():
    """Each with its default as a person would write it; empty where there is none."""
    own = {settings.PREFIX + name.upper(): field.default for name, field in settings.Settings.model_fields.items()}
    for family in ("sources", "sinks"):
        for plugin in plugins.names(family):
            config: type[Config] = plugins.load(family, plugin).Config
            for key, field in config.model_fields.items():
                own.setdefault(settings.variable(plugin, key), "" if field.is_required() else field.default)
    return {name: "" if default is None else str(default).lower() if default is False else str(default) for name, default in own.items()}


def test_every_setting_stands_in_the_readme_with_its_default_and_no_other():
    assert {code(name): default.strip("`") for name, default, _ in rows(README, "setting")} == settings_in_code()


def test_no_document_speaks_of_a_setting_that_there_is_not():
    told = set(re.findall(r"TRIAGED_[A-Z_]*[A-Z]", README + CONTRIBUTING + RULES + TEMPLATES + WORKFLOW))
    read_first = set(re.findall(r'os\.environ\.get\("(TRIAGED_\w+)"', Path(settings.__file__).read_text(encoding="utf-8")))
    assert told - set(settings_in_code()) == read_first


# ---------------------------------------------------- what operators deal with


def test_every_metric_stands_in_the_readme_with_its_labels_and_no_other():
    kept = set()
    for metric in vars(Metrics()).values():
        for described in metric.describe() if hasattr(metric, "labels") else ():
            labels = ",".join(metric._labelnames)
            kept.add(f"{described.name}{'_total' if described.type == 'counter' else ''}" + (f"{{{labels}}}" if labels else ""))
    assert {code(name) for name, _ in rows(README, "metric")} == kept


def test_every_command_stands_in_the_readme_as_the_help_tells_it_and_no_other():
    assert {code(name): does for name, does in rows(README, "command")} == {f"triaged {name}": does for name, does in cli.COMMANDS.items()}


def test_what_is_to_be_typed_can_be_typed():
    typed = "\n".join([*fenced("sh", README, CONTRIBUTING, RULES, TEMPLATES), *re.findall(r"`([^`\n]+)`", README), WORKFLOW])
    assert set(re.findall(r"(?:^|[ /])triaged (?!triaged)([a-z]+)\b", typed, re.MULTILINE)) <= set(cli.COMMANDS)
    targets = set(re.findall(r"^([a-z-]+):.*##", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", typed, re.MULTILINE)) <= targets


def test_every_endpoint_stands_in_the_readme_and_no_other():
    page = Page(list, list, list, dict, tokens=["token"], loopback=False)
    routes = [*monitor.routes(dict, bool, Metrics(), dict), *page.routes()]
    ours = {f"GET {route.path}" for route in routes} | {f"POST {route.path}" for route in trigger.routes(bool, ["token"])}
    ours |= {f"POST /webhook/{name}" for name in plugins.names("sources") if hasattr(plugins.load("sources", name), "signed")}
    assert {endpoint for told, _ in rows(README, "endpoint") for endpoint in re.findall(r"`([^`]+)`", told)} == ours


def test_the_readme_gives_the_points_of_the_shipped_rules():
    shipped = yaml.safe_load((SHIPPED / "confidence.yaml").read_text(encoding="utf-8"))["confidence"]
    assert [float(points) for _, points in rows(README, "rule")] == [rule.get("set", rule.get("add")) for rule in shipped]


def test_links_lead_to_what_is_there():
    for name in ("README.md", "CONTRIBUTING.md", "docs/rules.md", "docs/templates.md"):
        text = re.sub(r"^(`{3,}).*?^\1$", "", (TOP / name).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for path, _, part in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link):
            there = (TOP / name).parent / path if path else TOP / name
            assert there.exists(), f"{name}: {path}"
            heads = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE) if part else []
            assert not part or part in [head.lower().replace(" ", "-") for head in heads], f"{name}: {path}#{part}"


# --------------------------------------------------------------------- rules


@pytest.mark.parametrize("table", [FACTS, FRAME_FACTS])
def test_every_fact_stands_in_the_guide_as_the_code_has_it(table):
    part = RULES.partition("### Facts of a frame")[0 if table is FACTS else 2]
    values = {name: ": " + ", ".join(f"`{value}`" for value in fact.values if value) for name, fact in table.items() if fact.values}
    expected = [[f"`{name}`", fact.called, fact.doc + values.get(name, "")] for name, fact in table.items()]
    assert rows(part, "fact") == expected


def test_categories_and_languages_are_those_of_the_code():
    (categories, languages) = re.search(r"`category` is one of (.*?)\. `language` is one of (.*?);", RULES, re.DOTALL).groups()
    assert tuple(re.findall(r"`([^`]+)`", categories)) == category.CATEGORIES
    parsers = {plugins.load("parsers", name).LANGUAGE for name in plugins.names("parsers")}
    assert set(re.findall(r"`([^`]+)`", languages)) == parsers


def test_the_conditions_of_the_guide_can_be_read():
    (block,) = (block for block in fenced("yaml", RULES) if block.startswith("# conditions\n"))
    conditions = yaml.safe_load(block)
    assert len(conditions) == 7
    for condition in conditions:
        assert rules.mistakes(condition, str) == []


def test_the_rule_files_of_the_guide_are_right_together_and_their_cases_come_true(tmp_path):
    files = {re.match(r"# (\S+)\n", block)[1]: block for block in fenced("yaml", README, RULES)}
    del files["conditions"], files["redaction.yaml"]
    assert set(files) == {"confidence.yaml", "routing.yaml", "receivers.yaml", "grouping.yaml", "fixes/shop.yaml"}
    for name, block in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(block, encoding="utf-8")
    assert [str(finding) for finding in rulebook.findings([tmp_path, SHIPPED])] == []
    assert [theirs.name for theirs, _ in rulebook.overrides([tmp_path, SHIPPED])] == [
        "confidence.yaml",
        "grouping.yaml",
        "receivers.yaml",
        "routing.yaml",
    ]


def test_the_redaction_of_the_guide_does_what_its_cases_say_when_it_is_added_to_the_shipped_file():
    (block,) = (block for block in fenced("yaml", RULES) if block.startswith("# redaction.yaml\n"))
    added, shipped = yaml.safe_load(block), yaml.safe_load((SHIPPED / "redaction.yaml").read_text(encoding="utf-8"))
    whole = {
        "classes": {**shipped["classes"], **added["classes"]},
        "keys": {**shipped["keys"], "surely": shipped["keys"]["surely"] + added["keys"]["surely"]},
        "patterns": shipped["patterns"] + added["patterns"],
        "cases": added["cases"],
    }
    assert redact.wrong_cases(whole, redact.compile(whole)) == []


# ----------------------------------------------------------------- templates


def renderer(*folders):
    return Renderer([*folders, settings.data("templates")], redact.compile({}), link_hosts=["sentry.io"])


def names(value, prefix):
    """Dotted names of everything in a view; ``[]`` is a list, and a mapping by free names is one name."""
    if isinstance(value, list):
        yield from names(value[0], prefix + "[]")
    elif isinstance(value, dict) and not prefix.endswith(("labels", "links")):
        yield from (name for key, inner in value.items() for name in names(inner, f"{prefix}.{key}"))
    else:
        yield prefix


def test_every_variable_of_templates_stands_in_the_guide_and_no_other():
    at, frame = datetime(2026, 3, 4, 12, tzinfo=UTC), Frame("total", "cart.py", 2)
    trace = StackTrace("python", "KeyError", "'tea'", (frame,), (StackTrace("python", "ValueError", "no price", (frame,)),))
    full = view.view(
        Event("sentry", at, "KeyError", "'tea'", "error", "python", trace, "missing key", logs=("a line",)),
        Fingerprint("v1:" + "0f" * 16, "", ""),
        culprit=frame,
        why_culprit="",
        place=Place("cart.py", 2, "total", Commit("acme/shop", "a" * 40, ""), "confirmed", "", ((2, "line"),)),
        why_place="",
        candidates=("cart.py",),
        score=Score(0.8, (Point("rule", 0.8, "set"),)),
        suggestion=Suggestion("hint", "rule"),
        labels=("triaged",),
        assignees=("ann",),
        action="issue",
        why_action="",
    )
    ours = {name for key, value in full.items() for name in names(value, key)}
    ours |= {f"{name}.{field.name}" for name, kind in (("tally", Tally), ("back", Back)) for field in dataclasses.fields(kind)}
    ours |= {f"errors[].{name}" for name in ("title", "short", "tally", "place")} | {"waiting", "more", "repository", "limit"}
    ours |= {"budget", "note", "stack", "culprit", "place", "suggestion"}
    assert {code(name) for name, *_ in rows(TEMPLATES, "variable")} == ours


def test_every_filter_of_templates_stands_in_the_guide_and_no_other():
    assert {code(name) for name, *_ in rows(TEMPLATES, "filter")} == set(renderer().filters)


def test_every_template_stands_in_the_guide_and_no_other():
    shipped = settings.data("templates")
    assert {code(name) for name, _ in rows(TEMPLATES, "template")} == {str(path.relative_to(shipped)) for path in shipped.rglob("*.j2")}


def body(folder, text, **event):
    (folder / "issue.md.j2").write_text(text, encoding="utf-8")
    sample = {**samples.RICH, "event": {**samples.RICH["event"], **event}}
    return renderer(folder).report(sample, samples.TALLY, repository="acme/shop").body


def test_the_filters_of_the_guide_can_be_used_as_it_shows(tmp_path):
    for _, example, _ in rows(TEMPLATES, "filter"):
        assert body(tmp_path, f'{{% set url = "https://sentry.io/issues/1/" %}}{example.strip("`")}')


def test_the_template_of_the_guide_takes_the_place_of_the_shipped_one(tmp_path):
    (block,) = fenced("jinja", TEMPLATES)
    (tmp_path / "issue").mkdir()
    (tmp_path / re.match(r"\{# (\S+) #\}\n", block)[1]).write_text(block, encoding="utf-8")
    assert samples.mistakes(renderer(tmp_path)) == []
    of_a_database = body(tmp_path, '{% include "issue/footer.md.j2" %}', category="database")
    assert of_a_database == "Databases have a [runbook](https://wiki.example/runbooks/database). Service: `shop`.\n\n`triaged-0f0f0f0f`"
    assert body(tmp_path, '{% include "issue/footer.md.j2" %}') == "`triaged-0f0f0f0f`"


# ------------------------------------------------------------------ to be copied


def test_the_workflow_to_copy_is_yaml_with_no_more_permissions_than_it_needs():
    workflow = yaml.safe_load(WORKFLOW)
    assert workflow["permissions"] == {"contents": "read", "issues": "write", "id-token": "write"}
    (scan,) = (step for step in workflow["jobs"]["scan"]["steps"] if "triaged scan" in step.get("run", ""))
    assert set(scan["env"]) == {"GITHUB_TOKEN", "TRIAGED_LOG_GROUPS"}
