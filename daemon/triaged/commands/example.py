"""An example of every config block: sources and sinks with their settings, and the rule files. With NAME only that one."""

import argparse

import yaml

from triaged import plugins, settings
from triaged.errors import WrongUse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="a source, a sink or a rule file such as routing; without it: what there is"
    )


def run(arguments: argparse.Namespace) -> int:
    examples = {**_plugins("sources"), **_plugins("sinks"), **_rules()}
    if arguments.name is None:
        print("\n".join(examples))
        return 0
    if arguments.name not in examples:
        raise WrongUse(f"there is no example called {arguments.name!r}; there are: {', '.join(examples)}")
    print(examples[arguments.name], end="")
    return 0


def _plugins(family: str) -> dict[str, str]:
    found = {}
    for name in plugins.names(family):
        example = plugins.load(family, name).Config.example
        if family == "sources":
            found[name] = "".join(f"{settings.variable(name, key)}={value}\n" for key, value in example.items() if key != "name")
        else:
            found[name] = (
                f"# in rules/receivers.yaml\n{yaml.safe_dump({'receivers': [{'name': f'my-{name}', 'type': name, **example}]}, sort_keys=False)}"
            )
    return found


def _rules() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(settings.data("rules").glob("*.yaml"))}
