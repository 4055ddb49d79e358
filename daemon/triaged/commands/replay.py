"""Many recorded deliveries in order, from empty memory, nothing sent: which would be filed, counted, dropped.

A recorded delivery is a JSON line: {"id", "source", "at", "headers", "body"}, or {"id", "source": "text", "stream", "at", "text"}
for log text. With --json a line comes out for each line in, at once.
"""

import argparse
import json
import sys
from collections import Counter

import anyio

from triaged.commands import explain
from triaged.errors import Rejected
from triaged.pipeline import dry


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE|-", help="recorded deliveries, one a line; - reads standard input")
    parser.add_argument("--json", action="store_true", help="a line of JSON out for each line in")


def run(arguments: argparse.Namespace) -> int:
    return anyio.run(_replay, arguments.file, arguments.json)


async def _replay(file: str, as_json: bool) -> int:
    wrong = 0
    actions: Counter[str] = Counter()
    async with explain.world() as (world, store, clock):
        with explain.opened(file) as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    given = dry.delivery(line, clock.now())
                except Rejected as error:
                    wrong += 1
                    print(f"{file}:{number}: {error}", file=sys.stderr)
                    continue
                answer, found = await dry.answer(given, world, store)
                actions[answer["action"]] += 1
                if as_json:
                    print(json.dumps(answer), flush=True)
                else:
                    for one in found:
                        what = f"{one.event.kind or 'message'}: {one.event.message.partition(chr(10))[0][:100]}"
                        print(f"{given.id or number}\t{one.action}\t{one.fingerprint.short}\t{what}")
    if not as_json:
        print(", ".join(f"{count} {action}" for action, count in actions.most_common()) or "no deliveries")
    return 1 if wrong else 0
