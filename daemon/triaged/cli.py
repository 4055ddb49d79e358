"""Reads the command line and hands over to one file of ``commands``."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from triaged import __version__, logs
from triaged.errors import FolderInUse, JournalBroken, TriagedError, WrongConfig, WrongUse

COMMANDS = {
    "run": "the daemon: listens, triages, files",
    "demo": "the whole story in one minute, no account needed",
    "scan": "one sweep over the pull sources, then exit: for GitHub Actions and cron",
    "check": "settings, rules and templates: every mistake, with its place",
    "explain": "one recorded delivery through the whole pipeline, nothing sent",
    "replay": "many recorded deliveries in order, from empty memory, nothing sent",
    "dead": "what could not be processed or filed, and why: look at it, try it again, drop it",
    "send": "a fire drill: signs a sample and posts it to the running daemon",
    "doctor": "is everything there that it needs? each line ok, or what to do",
    "example": "an example of every config block",
    "health": "asks the running daemon; for a container's health check",
}

DONE, FINDINGS, WRONG, IN_USE = 0, 1, 2, 3


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 findings or partial failure, 2 wrong use or configuration, 3 another daemon holds the data folder."""
    words = sys.argv[1:] if words is None else words
    parser = argparse.ArgumentParser(
        prog="triaged",
        description="Turns production errors into GitHub issues, one per error.",
        epilog="`triaged COMMAND --help` says more. Settings are environment variables, TRIAGED_...; the README lists them.",
    )
    parser.add_argument("--version", action="version", version=f"triaged {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        if words and name == words[0]:  # only the command that is asked for is imported
            module = importlib.import_module(f"triaged.commands.{name}")
            command.description = module.__doc__
            command.formatter_class = argparse.RawDescriptionHelpFormatter
            module.arguments(command)
            command.set_defaults(run=module.run)
    arguments = parser.parse_args(words)
    try:
        return int(arguments.run(arguments))
    except FolderInUse as error:
        return _said(error, IN_USE)
    except (WrongUse, WrongConfig) as error:
        return _said(error, WRONG)
    except (JournalBroken, TriagedError) as error:
        return _said(error, FINDINGS)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone: nothing to say and nobody to say it to
        return DONE
    except KeyboardInterrupt:
        return 130


def _said(error: TriagedError, code: int) -> int:
    if logs.configured():
        logs.error("triaged ends", reason=str(error))
    else:
        print(f"triaged: {error}", file=sys.stderr)
    return code
