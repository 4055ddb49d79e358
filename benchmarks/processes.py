"""Servers as child processes, pinned to a core, and what the kernel says about them."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import payloads

TOP = Path(__file__).parent.parent
CORES = sorted(os.sched_getaffinity(0))
SERVER, CLIENT = CORES[0], CORES[-1]
"""The same one, where there is only one."""

_SECONDS_TO_START = 30


@dataclass(frozen=True)
class Server:
    """A process that listens."""

    url: str
    child: subprocess.Popen[bytes]

    @property
    def cpu(self) -> float:
        """Seconds it has computed so far."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Resident MiB now."""
        return self._status("VmRSS")

    @property
    def peak(self) -> float:
        """Resident MiB at most since ``forget_peak``."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.child.pid}/clear_refs").write_text("5")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310
            return bytes(answer.read())

    def metric(self, name: str, label: str = "") -> float:
        """The sum over all that has ``label``; 0 where nothing was counted yet."""
        lines = self.get("/metrics").decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.split("{")[0].split(" ")[0] == name and label in line)

    def _status(self, name: str) -> float:
        text = Path(f"/proc/{self.child.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith(name))


@contextmanager
def triaged(folder: Path, *, core: int | None = SERVER, **settings: str) -> Iterator[Server]:
    """`triaged run` with Sentry switched on, as its users run it, in a data folder of its own."""
    port = _free_port()
    environment = {
        "TRIAGED_PORT": str(port),
        "TRIAGED_DATA_DIR": str(folder / "data"),
        "TRIAGED_SENTRY_CLIENT_SECRET": payloads.SECRET,
        "PYTHONPATH": str(TOP / "daemon"),
        **settings,
    }
    with _started([sys.executable, "-m", "triaged", "run"], port, folder, environment, core) as server:
        yield server


@contextmanager
def bare(folder: Path) -> Iterator[Server]:
    """Starlette alone."""
    port = _free_port()
    options = [
        "--port",
        str(port),
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--no-access-log",
        "--log-level",
        "warning",
        "--lifespan",
        "off",
    ]
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare:app", *options]
    with _started(command, port, folder, {"PYTHONPATH": str(TOP)}, SERVER) as server:
        yield server


@contextmanager
def alertmanager(folder: Path) -> Iterator[Server]:
    """Debian's prometheus-alertmanager, alone and with nobody to tell."""
    port = _free_port()
    config = folder / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    options = [f"--config.file={config}", f"--storage.path={folder / 'storage'}", f"--web.listen-address=127.0.0.1:{port}"]
    command = ["prometheus-alertmanager", *options, "--cluster.listen-address=", "--log.level=error"]
    with _started(command, port, folder, {"GOMAXPROCS": "1"}, SERVER) as server:
        yield server


def found(program: str) -> bool:
    """Whether a program is installed."""
    return shutil.which(program) is not None


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """A fresh folder on the disk that is measured, not in a temporary file system of memory."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=beside) as folder:
        yield Path(folder)


def wrk(url: str, requests: Path, length: int, *, connections: int, seconds: float, again: bool = False) -> Mapping[str, Any]:
    """What ``requests.lua`` prints. Raises RuntimeError where not all of the requests were answered well, or there were too few of them."""
    program = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds:.0f}s", "--timeout", "30s"]
    command = [*program, "--script", str(Path(__file__).parent / "requests.lua"), url, "--", str(requests), str(length), *["again"] * again]
    done = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {CLIENT}))  # noqa: S603
    told: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if told["refused"] or told["broken"]:
        raise RuntimeError(f"{url}: {told['refused']} of {told['requests']} requests were refused, {told['broken']} broke off")
    if told["ended"]:
        raise RuntimeError(f"{url}: all of the {told['requests']} requests were sent before the time was over")
    return told


@contextmanager
def _started(command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str], core: int | None) -> Iterator[Server]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    pin = None if core is None else lambda: os.sched_setaffinity(0, {core})
    log = folder / "log"
    with log.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603
            command, env={**kept, **environment}, cwd=folder, stdout=out, stderr=subprocess.STDOUT, preexec_fn=pin
        )
    try:
        _answers(port, child, log)
        yield Server(f"http://127.0.0.1:{port}", child)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _answers(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once somebody answers there."""
    ends = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < ends and child.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"it does not listen on {port}: {log.read_text()[-2_000:]}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
