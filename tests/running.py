"""A daemon as its users run it: a child process, its settings, its socket."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from triaged import plugins
from triaged.commands import send

SECRETS = {"TRIAGED_SENTRY_CLIENT_SECRET": "sentry-client-secret", "TRIAGED_SLACK_SIGNING_SECRET": "slack-signing-secret"}
SECONDS = 20


class Daemon:
    def __init__(self, folder, child, log):
        self.folder = folder
        self.child = child
        self._log = log

    @property
    def address(self):
        return until(lambda: next((line["address"] for line in self.log() if line["message"] == "triaged listens"), None), self.child)

    def log(self):
        """What it printed: every line must be JSON."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def tell(self, source, body, at=None):
        """Posts a body as its sender would, signed (at another time, if one is given); the status."""
        module = plugins.load("sources", source)
        (config,) = ({name.rpartition(source.upper() + "_")[2].lower(): value} for name, value in SECRETS.items() if source.upper() in name)
        return send.deliver(self.address, module, module.Config(**config), body, at or datetime.now(UTC))[0]

    def tickets(self, number, holding=""):
        """The tickets' texts once there are that many and one holds that text."""

        def look():
            files = sorted((self.folder / "data" / "tickets").glob("0*.md"))
            texts = [file.read_text() for file in files]
            return texts if len(texts) >= number and any(holding in text for text in texts) else None

        return until(look, self.child)

    def stop(self, how=signal.SIGTERM):
        self.child.send_signal(how)
        return self.child.wait(10)


@contextmanager
def running(folder: Path, **settings):
    """`triaged run` in an environment of its own."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    given = {
        "TRIAGED_PORT": "0",
        "TRIAGED_DATA_DIR": str(folder / "data"),
        "TRIAGED_UPDATE_INTERVAL_SECONDS": "0.2",
        "PYTHONPATH": str(Path(__file__).parent.parent / "daemon"),
        **SECRETS,
        **settings,
    }
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"log-{time.monotonic_ns()}"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "triaged", "run"]
        child = subprocess.Popen(command, env={**kept, **given}, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
    daemon = Daemon(folder, child, log)
    try:
        yield daemon
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()


def until(look, child=None):
    """What ``look`` finds, asked again and again: the other side is a process with a clock of its own, so there is nothing to be told by."""
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        assert child is None or child.poll() is None, f"it ended with exit code {child.returncode}"
        time.sleep(0.02)
    raise AssertionError(f"not within {SECONDS} s")
