"""Settings, rules and templates: every mistake as file:line:column: what is wrong; what would be right. Runs all `cases:`.

Exit 0, or 1 with findings. `--format github` prints annotations, which GitHub Actions shows beside the lines of a pull request.
"""

import argparse
import os
import re
import time

from triaged import app, plugins, rulebook, settings
from triaged.clients.clock import SystemClock
from triaged.clients.http import Client
from triaged.core import redact
from triaged.errors import TriagedError, WrongConfig
from triaged.metrics import Metrics
from triaged.ports import Tools

# rules/routing.yaml:3:13: no fact is called...
_PLACED = re.compile(r"(?P<file>.+?)(?::(?P<line>[0-9]+)(?::(?P<column>[0-9]+))?)?: (?P<what>.*)", re.DOTALL)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "github"), default="text", help="text (the default), or annotations for GitHub Actions"
    )


def run(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    loaded = settings.load()
    own = loaded.settings
    folders = [folder for folder in (own.rules_dir, settings.data("rules")) if folder]
    found = [str(finding) for finding in rulebook.findings(folders)]
    found += _plugins(loaded)
    if not found:
        found += [str(mistake) for mistake in _templates(loaded)]
    for finding in found:
        print(_annotation(finding) if arguments.format == "github" else finding)
    if found:
        print(f"{len(found)} {'mistake' if len(found) == 1 else 'mistakes'}")
        return 1
    home = app.home(loaded, Tools(Client(), SystemClock(), Metrics()))
    print(f"ok: data in {own.data_dir}, tickets by {home.sink} to {home.repository}; checked in {time.monotonic() - began:.1f} s")
    for theirs, ours in rulebook.overrides(folders):
        print(f"    {theirs} stands for {ours.name}")
    for name in plugins.names("sources"):
        module = plugins.load("sources", name)
        on = loaded.plugin(name, module.Config) is not None
        print(f"    source {name}: {'on' if on else 'off, needs ' + ', '.join(loaded.wanted(name, module.Config))}")
    return 0


def _annotation(finding: str) -> str:
    """``::error file=,line=,col=,title=::message``; a file is told from where the check runs, as Actions wants it.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
    """
    placed = _PLACED.fullmatch(finding)
    if placed is None or not os.path.exists(placed["file"]):  # a setting has no file
        return f"::error title=triaged check::{_escaped(finding)}"
    where = {"file": os.path.relpath(placed["file"]), "line": placed["line"], "col": placed["column"], "title": "triaged check"}
    told = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in where.items() if value)
    return f"::error {told}::{_escaped(placed['what'])}"


def _escaped(text: str, also: str = "") -> str:
    """As Actions reads it back: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts"""
    for char in "%\r\n" + also:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


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
