"""Asks the running daemon, and says in one line what it answered. Exit 0 while it is up; a degraded peer does not make it fail."""

import argparse
import json
import urllib.request

from triaged import settings

_SECONDS = 4


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the whole answer")


def run(arguments: argparse.Namespace) -> int:
    url = settings.url(settings.load().settings, monitor=True) + "/health"
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310
            health = json.load(answer)
    except (OSError, ValueError) as error:
        print(f"no answer from {url}: {error}")
        return 1
    print(
        json.dumps(health)
        if arguments.json
        else f"{health['status']}: version {health['version']}, {health['pending']} waiting, {health['dead_letters']} dead letters"
    )
    return 0
