"""Settings, rules and templates: every mistake as file:line:column: what is wrong; what would be right. Runs all `cases:`.

Exit 0, or 1 with findings.
"""

import argparse

from triaged import app, plugins, rulebook, settings
from triaged.clients.clock import SystemClock
from triaged.clients.http import Client
from triaged.core import redact
from triaged.errors import TriagedError, WrongConfig
from triaged.metrics import Metrics
from triaged.ports import Tools


def arguments(parser: argparse.ArgumentParser) -> None:
    """It has none: it looks at what `triaged run` would use."""


def run(arguments: argparse.Namespace) -> int:
    loaded = settings.load()
    own = loaded.settings
    folders = [folder for folder in (own.rules_dir, settings.data("rules")) if folder]
    found = [str(finding) for finding in rulebook.findings(folders)]
    found += _plugins(loaded)
    if not found:
        found += [str(mistake) for mistake in _templates(loaded)]
    for finding in found:
        print(finding)
    if found:
        print(f"{len(found)} {'mistake' if len(found) == 1 else 'mistakes'}")
        return 1
    home = app.home(loaded, Tools(Client(), SystemClock(), Metrics()))
    print(f"ok: data in {own.data_dir}, tickets by {home.sink} to {home.repository}")
    for theirs, ours in rulebook.overrides(folders):
        print(f"    {theirs} stands for {ours.name}")
    for name in plugins.names("sources"):
        module = plugins.load("sources", name)
        on = loaded.plugin(name, module.Config) is not None
        print(f"    source {name}: {'on' if on else 'off, needs ' + ', '.join(loaded.wanted(name, module.Config))}")
    return 0


def _plugins(loaded: settings.Loaded) -> list[str]:
    found = []
    for name in plugins.names("sources"):
        try:
            loaded.plugin(name, plugins.load("sources", name).Config)
        except TriagedError as error:
            found.append(str(error))
    return found


def _templates(loaded: settings.Loaded) -> list[WrongConfig]:
    """Also what the redaction says of itself."""
    try:
        made = app.rules(loaded)
    except WrongConfig as mistake:
        return [mistake]
    return [WrongConfig("redaction.yaml", wrong) for wrong in redact.wrong_cases(made.rulebook.redaction, made.redactor)]
