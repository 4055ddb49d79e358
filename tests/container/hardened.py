"""The image, run hardened as ECS would run it, from a webhook to a ticket and to an issue: ``make container-test``.

Says one line for each thing that was looked at; exits with 1 where one of them is not as it should be. Leaves nothing running.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from triaged import demo, plugins
from triaged.commands import send

IMAGE = os.environ.get("TAG") or "triaged:dev"
SECRET = "sentry-client-secret"
SECONDS = 60
HARDENED = (
    *("--read-only", "--tmpfs", "/tmp:rw,size=16m", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--memory", "256m", "--memory-swap", "256m", "--cpus", "0.5", "--pids-limit", "64"),
    *("--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096", "--network", "host"),
)

# What there is inside: of process 1 what /proc says, of the root what can be written to or would help an intruder.
LOOK = """
import json, os

def writable(folder):
    try:
        open(f"{folder}/probe", "w").close()
    except OSError:
        return False
    os.remove(f"{folder}/probe")
    return True

status = dict(line.rstrip().split(":", 1) for line in open("/proc/1/status"))
programs = [f"{folder}/{name}" for folder in ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/triaged/bin") for name in os.listdir(folder)]
folders = ["", "/etc", "/etc/triaged", "/opt/triaged", "/usr/local/lib/python3.13", "/home", "/var", "/var/lib/triaged"]
print(json.dumps({
    "uids": status["Uid"].split(),
    "capabilities": int(status["CapEff"], 16) | int(status["CapPrm"], 16),
    "no new privileges": int(status["NoNewPrivs"]),
    "seccomp": int(status["Seccomp"]),
    "rss": int(status["VmRSS"].split()[0]) / 1024,
    "threads": int(status["Threads"]),
    "writable": [folder for folder in folders if writable(folder)],
    "helpful": [path for path in programs if os.path.basename(path) in ("sh", "bash", "dash", "pip", "pip3", "gcc", "git", "curl", "wget")],
    "raising": [path for path in programs if os.lstat(path).st_mode & 0o6000],
}))
"""

TICKETS = """
import json, pathlib
print(json.dumps([path.read_text() for path in sorted(pathlib.Path("/var/lib/triaged/tickets").glob("0*.md"))]))
"""

# A client needs botocore's description of its service.
SERVICES = """
import asyncio
from aiobotocore.session import get_session

async def main():
    for service in "logs sqs dynamodb secretsmanager bedrock-runtime sts sso sso-oidc signin".split():
        async with get_session().create_client(service, region_name="eu-central-1"):
            pass

asyncio.run(main())
"""


class NotSo(Exception):
    """Something is not as it should be, and what follows needs it."""


class Findings:
    def __init__(self):
        self.failed = 0

    def say(self, what, good=True, found=""):
        """One line; ``found`` is what there is instead where it is not good."""
        self.failed += not good
        print(f"{'ok    ' if good else 'FAILED'}  {what}" + (f"; found: {found}" if found != "" and not good else ""), flush=True)


class Container:
    """One of ours, running; ``url`` is where it listens."""

    def __init__(self, engine, name, url):
        self._engine = engine
        self._name = name
        self.url = url

    def run(self, *command):
        """A command inside it: exit code and output."""
        return call(self._engine, "exec", self._name, *command)

    def python(self, program):
        """What a program prints in it."""
        code, out = self.run("python", "-c", program)
        if code:
            raise NotSo(f"python runs in the container; found: exit {code}: {out[-800:]}")
        return out

    def tell(self, body):
        """Posts to the Sentry source, signed; the status."""
        sentry = plugins.load("sources", "sentry")
        return send.deliver(self.url, sentry, sentry.Config(client_secret=SECRET), body, datetime.now(UTC))[0]

    def stop(self, findings):
        began = time.monotonic()
        call(self._engine, "stop", "--time", "10", self._name)
        took = time.monotonic() - began
        code = self.state("ExitCode")
        findings.say(f"SIGTERM ended it in {took:.2f} s with exit code {code}", code == "0" and took <= 10, self.log())

    def state(self, key):
        return call(self._engine, "inspect", "--format", f"{{{{.State.{key}}}}}", self._name)[1]

    def memory(self):
        """Used of its limit, as the engine counts it."""
        return call(self._engine, "stats", "--no-stream", "--format", "{{.MemUsage}}", self._name)[1].splitlines()[-1]

    def log(self):
        return call(self._engine, "logs", self._name)[1]


def call(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    return done.returncode, done.stdout.strip()


def status(request):
    """Of the answer; 0 where there is none."""
    try:
        with urlopen(request, timeout=5) as answer:
            return answer.status
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def until(what, look):
    """What ``look`` finds, asked again and again: a container has nothing to tell us by."""
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise NotSo(f"{what}; found: not within {SECONDS} s")


def engine():
    for name in ("podman", "docker"):
        if shutil.which(name) and call(name, "info")[0] == 0:
            return name
    print("make container-test needs podman, or docker with its daemon running; on Debian: apt-get install podman runc", file=sys.stderr)
    sys.exit(2)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(tool, mounts=(), **settings):
    """The image, hardened, with a volume of its own for the data; gives the container once it is ready, and how many seconds that took."""
    name, port = f"triaged-test-{os.getpid()}-{time.monotonic_ns()}", free_port()
    given = {"TRIAGED_PORT": str(port), "TRIAGED_SENTRY_CLIENT_SECRET": SECRET, **settings}
    command = [tool, "run", "--detach", "--name", name, *HARDENED, "--volume", f"{name}:/var/lib/triaged"]
    if tool == "podman":  # its timers need systemd, so the check is run by hand; crun does not know every layout of cgroups
        command += ["--no-healthcheck", *(["--runtime", "runc"] if shutil.which("runc") else [])]
    command += [word for place, target in mounts for word in ("--volume", f"{place}:{target}:ro")]
    command += [word for key, value in given.items() for word in ("--env", f"{key}={value}")]
    container = Container(tool, name, f"http://127.0.0.1:{port}")

    def ready():
        if container.state("Status") in ("exited", "dead"):
            raise NotSo("it listens; found: it has ended")
        return status(f"{container.url}/ready") == 200

    try:
        began = time.monotonic()
        code, out = call(*command, IMAGE)
        if code:
            raise NotSo(f"{tool} runs it; found: {out}")
        until("it listens", ready)
        yield container, time.monotonic() - began
    except NotSo:
        print(container.log(), file=sys.stderr)
        raise
    finally:
        call(tool, "rm", "--force", "--volumes", name)
        call(tool, "volume", "rm", "--force", name)


class Peers:
    """What ``peers.py`` said so far: the settings for a daemon, then issues, at the end what was wrong."""

    def __init__(self, child):
        self._child = child
        self._said = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._child.stdout:
            self._said.append(json.loads(line))

    @property
    def settings(self):
        return until("the models of GitHub and CloudWatch start", lambda: self._said)[0]

    def issues(self, number):
        return until(f"{number} issues at the model of GitHub", lambda: self._said[1 : number + 1] if len(self._said) > number else None)

    def log(self, text):
        print(json.dumps(text), file=self._child.stdin, flush=True)

    def end(self):
        """Everything after the settings."""
        self._child.stdin.close()
        self._reader.join(10)
        return self._said[1:]


@contextmanager
def peers():
    command = [sys.executable, str(Path(__file__).with_name("peers.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        found = Peers(child)
        try:
            yield found
        finally:
            found.end()


def image(tool, findings):
    """What the image says of itself; gives the command of its health check."""
    code, out = call(tool, "image", "inspect", IMAGE)
    if code:
        raise NotSo(f"there is an image {IMAGE}; found: {out}")
    (facts,) = json.loads(out)
    config = facts["Config"]
    user = config["User"].partition(":")[0]
    check = (config.get("Healthcheck") or facts.get("Healthcheck") or {}).get("Test", [])  # podman has it outside
    findings.say(f"the image is {facts['Size'] / 1e6:.0f} MB", facts["Size"] < 300e6)
    findings.say(f"its user is a number: {user}", user.isdigit() and int(user) >= 10_000)
    findings.say(f"its health check needs no shell: {' '.join(check[1:])}", check[:1] == ["CMD"], check)
    return check[1:]


def inside(container, findings):
    """It runs, and can do nothing else."""
    told = json.loads(container.python(LOOK))
    findings.say(f"at rest: {told['rss']:.0f} MB resident, {told['threads']} threads", told["rss"] < 128)
    findings.say(f"at rest, as its limit counts: {container.memory()}")
    findings.say("it is 10001 and nobody else", set(told["uids"]) == {"10001"}, told["uids"])
    findings.say("it has no capabilities and gets none", (told["capabilities"], told["no new privileges"]) == (0, 1), told)
    findings.say("its system calls are filtered", told["seccomp"] == 2, told["seccomp"])
    findings.say("it can write into its volume and nowhere else", told["writable"] == ["/var/lib/triaged"], told["writable"])
    findings.say("no shell, no installer, no client, no compiler", told["helpful"] == [], told["helpful"])
    findings.say("no program that raises privileges", told["raising"] == [], told["raising"])


def without_an_account(tool, findings, check, folder):
    """Only a secret is configured: tickets are files in the volume. A checkout is there, git is not."""
    (folder / "templates" / "issue").mkdir(parents=True)
    (folder / "templates" / "issue" / "footer.md.j2").write_text("A footer of our own.\n")
    demo.make(folder / "shop")
    mounts = [(folder / "templates", "/etc/triaged/templates"), (folder / "shop", "/srv/shop")]
    with running(tool, mounts, TRIAGED_CHECKOUT="/srv/shop") as (container, seconds):
        findings.say(f"ready {seconds:.1f} s after it was started, with half a processor", seconds < 15)
        time.sleep(2)  # what is measured next is memory at rest, not while it starts
        inside(container, findings)
        began = time.monotonic()
        code, out = container.run(*check)
        findings.say(f"its health check answers in {time.monotonic() - began:.1f} s: {out}", code == 0)
        container.python(SERVICES)
        findings.say("botocore knows the services that are called")
        authorities = int(container.python("import ssl; print(len(ssl.create_default_context().get_ca_certs()))"))
        findings.say(f"it trusts {authorities} certificate authorities", authorities > 50)
        forged = Request(f"{container.url}/webhook/sentry", data=b"{}", headers={"Sentry-Hook-Signature": "0" * 64})
        findings.say("a forged webhook is refused", status(forged) == 401, status(forged))
        code, out = container.run("triaged", "send", "sentry")
        findings.say(f"a signed one is accepted: {out}", code == 0)
        (ticket,) = until("a ticket in the volume", lambda: json.loads(container.python(TICKETS)))
        findings.say("a ticket came out", "FireDrill" in ticket, ticket)
        findings.say("a template in /etc/triaged stands for the shipped one", "A footer of our own." in ticket, ticket)
        container.stop(findings)


def with_github_and_cloudwatch(tool, findings, folder):
    """Errors come from Sentry and from a log group, issues go to GitHub, and code is read there."""
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "routing.yaml").write_text("routes:\n  - {name: all, labels: [ours]}\n")
    demo.make(folder / "deployed")
    unknown, empty = (demo.crash(folder / "deployed", name) for name in demo.CALLS)
    with peers() as around:
        settings = {**around.settings, "TRIAGED_SCAN_INTERVAL_SECONDS": "1"}
        with running(tool, [(folder / "rules", "/etc/triaged/rules")], **settings) as (container, _):
            accepted = container.tell(demo.sentry_event(unknown, "1.0", datetime.now(UTC)))
            findings.say("a signed webhook is accepted", accepted == 202, accepted)
            (first,) = around.issues(1)
            findings.say(f"an issue came out at GitHub: {first['title']}", first["title"] == "[Auto] Error: KeyError: 'scone'")
            findings.say(f"its permalink shows `{first['line']}`", first["line"] == "return PRICES[item]")
            findings.say("a rule in /etc/triaged stands for the shipped one", "ours" in first["labels"], first["labels"])
            around.log(f"INFO order 4711\n{unknown.text}\nINFO order 4712\n{empty.text}\n")
            second = around.issues(2)[1]
            findings.say(f"an error in CloudWatch Logs became an issue: {second['title']}", "ZeroDivisionError" in second["title"])
            findings.say(f"after both sources, as its limit counts: {container.memory()}")
            container.stop(findings)
        *issues, last = around.end()
    findings.say("there are two issues, for one error came twice", len(issues) == 2, issues)
    findings.say("nothing was wrong with a request", last == {"wrong": []}, last)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended then too
    tool, findings = engine(), Findings()
    with tempfile.TemporaryDirectory(prefix="triaged-container-") as folder:
        try:
            check = image(tool, findings)
            without_an_account(tool, findings, check, Path(folder) / "files")
            with_github_and_cloudwatch(tool, findings, Path(folder) / "github")
        except NotSo as wrong:
            findings.say(str(wrong), False)
    return 1 if findings.failed else 0


if __name__ == "__main__":
    sys.exit(main())
