"""A fire drill: signs a sample of a source (or FILE) with the configured secret and posts it to the running daemon.

Prints the answer; 202 means that it is durably stored, and a ticket follows.
"""

import argparse
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from triaged import boundary, plugins, settings
from triaged.errors import WrongUse

_SECONDS = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="such as sentry or slack")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the body to send; - reads standard input; without it a sample")
    parser.add_argument("--url", help="where the daemon listens (default: by TRIAGED_HOST and TRIAGED_PORT)")


def run(arguments: argparse.Namespace) -> int:
    loaded = settings.load()
    module = _signing(arguments.source)
    config = loaded.plugin(arguments.source, module.Config)
    if config is None:
        raise WrongUse(f"{', '.join(loaded.wanted(arguments.source, module.Config))}: not set, so there is nothing to sign with")
    now = datetime.now(UTC)
    body = _read(arguments.file) if arguments.file else module.sample(now)
    url = arguments.url or settings.url(loaded.settings)
    try:
        status, text = deliver(url, module, config, body, now)
    except OSError as error:
        print(f"no answer from {url}: {error}; does `triaged run` run?", file=sys.stderr)
        return 1
    print(f"{status} {text}")
    return 0 if status < 300 else 1


def deliver(url: str, module: ModuleType, config: boundary.Config, body: bytes, now: datetime) -> tuple[int, str]:
    """Posts a body as its sender would; status and text of the answer."""
    name = module.__name__.rpartition(".")[2]
    headers = {"Content-Type": "application/json", **module.signed(config, body, now)}
    request = urllib.request.Request(f"{url}/webhook/{name}", data=body, headers=headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read(2_000).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(2_000).decode("utf-8", "replace")


def _signing(name: str) -> ModuleType:
    """The source's module, which says how its sender signs."""
    module = plugins.load("sources", name)
    if not hasattr(module, "signed"):
        able = [other for other in plugins.names("sources") if hasattr(plugins.load("sources", other), "signed")]
        raise WrongUse(f"{name} is not sent to us: only {', '.join(able)}")
    return module


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read ({error.strerror})") from error
