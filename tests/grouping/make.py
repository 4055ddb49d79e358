"""Runs the programs of programs/ and writes down what they print as labels.jsonl: inputs, and which of them are the same bug.

    PYTHONPATH=tests python -m grouping.make [LANGUAGE...]     (a language that is not installed keeps the lines it had)

A bug is run several times: with other data, from a source with more lines, lambdas and classes above it (those ending in `@2`), from another
release folder, on another runtime, and reaches us as plain text, through a logger, as Sentry's payload and in Slack. README.md has the list.
A line is {"id", "group", "language", "how", "delivery"}, the delivery as `triaged replay` reads it.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from accuracy import wrap
from accuracy.languages import LANGUAGES

HERE = Path(__file__).parent
LABELS = HERE / "labels.jsonl"
WORK = Path(tempfile.gettempdir()) / "triaged-grouping"
START = datetime(2026, 3, 4, 7, tzinfo=UTC)

PYTHONS = (("3.11", "3.11.7"), ("3.13", "3.13.0"), ("3.8", "3.8.18"))
NODE = "node main.js {bug} {data}"
BUN = "{accuracy}/javascript/node_modules/bun/bin/bun.exe main.js {bug} {data}"
JAVA = "javac -d classes shop/*.java && java -XX:+ShowCodeDetailsInExceptionMessages -cp classes shop.Main {bug} {data}"
PHP = "php -d display_errors=0 -d log_errors=1 -d error_log= main.php {bug} {data}"
GO = "printf 'module shop\\n\\ngo 1.19\\n' > go.mod; {go} build -o shop . && ./shop {bug} {data}"
RUNS = {
    "python": tuple(f"PYENV_VERSION={full} python{short} main.py {{bug}} {{data}}" for short, full in PYTHONS),
    "javascript": (NODE, BUN, NODE),
    "java": (JAVA, JAVA, JAVA),
    "ruby": ("ruby main.rb {bug} {data}",) * 3,
    "php": (PHP, PHP, PHP),
    "go": (GO.replace("{go}", "go"), GO.replace("{go}", "{accuracy}/go/venv/bin/go"), GO.replace("{go}", "go")),
}
FOLDERS = {
    "python": ("/srv/shop", "/home/deploy/releases/20260304071138", "/opt/venvs/shop-2.14.0/src/shop", "/app"),
    "javascript": ("/app", "/var/www/shop/releases/20260304071138", "/usr/src/app", "file:///srv/shop-2.14.0"),
    "ruby": ("/srv/shop", "/var/www/shop/releases/20260304071138", "/app", "/home/deploy/shop/shared"),
    "php": ("/srv/shop", "/var/www/html/releases/20260304071138", "/app", "/home/deploy/shop-2.14.0"),
    "go": ("/src/shop", "/home/runner/work/shop/shop", "/build/shop-2.14.0", "/go/src/github.com/acme/shop"),
    "java": ("",) * 4,
}
LIBRARIES = (
    (r"/[^\s\"']*/lib/(python3\.\d+)/", ("/usr/local/lib/{}/", "/opt/python/lib/{}/", "/usr/lib/{}/")),
    (r"/[^\s]*?/site-packages/go/|/usr/lib/go-1\.19/|/usr/share/go-1\.19/", ("/usr/local/go/", "/opt/hostedtoolcache/go/1.27/x64/")),
)
LOGGERS = {
    "python": ("timestamp and level on each line", "structlog"),
    "javascript": ("pino", "surrounded"),
    "java": ("spring boot", "logstash encoder"),
    "ruby": ("heroku", "logger line before"),
    "php": ("bracketed prefix on each line", "monolog line"),
    "go": ("docker json-file", "pod prefix"),
}

Case = dict[str, Any]


def edition(language: str, number: int) -> Path:
    """A copy of the program without the lines of later editions."""
    folder = WORK / language / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    for path in (HERE / "programs" / language).rglob("*.*"):
        if "__pycache__" in path.parts:
            continue
        lines = path.read_text().split("\n")
        kept = [re.sub(r" *(?:#|//) ?@\d$", "", line) for line in lines if number >= int((re.search(r"@(\d)$", line) or ["", "1"])[1])]
        target = folder / path.relative_to(HERE / "programs" / language)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(kept))
    return folder


def run(folder: Path, command: str, bug: str, data: str) -> str:
    """What the program prints as it dies."""
    line = command.format(bug=bug, data=json.dumps(data), accuracy=Path(tempfile.gettempdir()) / "triaged-accuracy")
    done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode == 0 or not done.stderr.strip():
        raise SystemExit(f"{folder}: {line} did not die: {done.stdout}{done.stderr}")
    return done.stderr


def placed(text: str, folder: Path, at: str, number: int) -> str:
    """As the program would have printed it from the folder ``at``, with the libraries where another installation has them."""
    text = text.replace(f"file://{folder}", at).replace(str(folder), at)
    for pattern, homes in LIBRARIES:
        text = re.sub(pattern, lambda m, homes=homes: homes[number % len(homes)].format(*(g for g in m.groups() if g)), text)
    return text


def links(language: str, text: str) -> list[dict[str, Any]]:
    """Errors of a trace as an SDK of Sentry sends them: the root cause first, frames innermost last."""
    known = LANGUAGES[language]
    heads = {
        "python": r"^(?P<type>[\w.]*(?:Error|Exception|Unavailable|Warning|Timeout))(?:: (?P<message>.*))?$",
        "javascript": r"^(?:Uncaught |error: )?(?:\[cause\]: )?(?P<type>\w*Error)(?:: (?P<message>.*))?$",
        "java": r"^(?:Exception in thread \"[^\"]*\" |Caused by: )?(?P<type>[\w.]+(?:Error|Exception))(?:: (?P<message>.*))?$",
        "ruby": r": (?P<message>[^\n]*) \((?P<type>[\w:]+)\)$",
        "php": r"(?:Uncaught |^Next )(?P<type>[\w\\]+)(?:: (?P<message>.*?))? in (?P<file>\S+):(?P<line>\d+)$",
        "go": r"^panic: (?:runtime error: )?(?P<message>.*)$",
    }  # fmt: skip
    found = []
    parts = re.split(known.next, text, flags=re.M) if language not in ("java", "php", "go") else [text]
    if language in ("java", "php"):
        parts = re.split(r"(?m)^(?=Caused by: |Next )", text)
    for part in parts:
        head = re.search(heads[language], part.replace("    [cause]: ", ""), re.M)
        if head is None:
            continue
        frames = []
        for m in re.finditer(known.frame, part, re.M):
            named = {re.sub(r"\d", "", k): v for k, v in m.groupdict().items() if v is not None}
            frames.append({"file": named.get("file"), "line": int(named.get("line", 0)), "function": named.get("function")})
        if language == "php":  # printed: where something was called, and what; sent: where, and in which function
            for place, outer in zip(frames, [*frames[1:], {"function": None}], strict=True):
                place["function"] = outer["function"]
        frames = [frame for frame in frames if frame["file"] and frame["line"]]
        if known.innermost_first:
            frames.reverse()
        named = head.groupdict()
        found.append({"type": named.get("type") or "runtime.Error", "value": named["message"] or "", "frames": frames})
    return found if language in ("python", "php") else found[::-1]


def sentry(language: str, text: str, number: int) -> Case:
    """The delivery of an event_alert."""
    values = [
        {
            "type": link["type"].rpartition(".")[2] if language == "java" else link["type"],
            "value": link["value"],
            "module": link["type"].rpartition(".")[0] or None if language == "java" else None,
            "stacktrace": {"frames": [sentry_frame(language, f) for f in link["frames"]]},
        }
        for link in links(language, text)
    ]
    assert any(v["stacktrace"]["frames"] for v in values), text
    last = values[-1]
    event = {
        "event_id": f"{number:032x}", "platform": "node" if language == "javascript" else language, "level": "error",
        "title": f"{last['type']}: {last['value']}", "exception": {"values": values}, "issue_id": str(4000 + number),
        "web_url": f"https://shop.sentry.io/issues/{4000 + number}/", "timestamp": START.timestamp() + number,
    }  # fmt: skip
    body = {"action": "triggered", "actor": {"id": "sentry", "name": "Sentry", "type": "application"}, "installation": {"uuid": "a8e5"}}
    body["data"] = {"event": event, "triggered_rule": "errors"}
    return {"source": "sentry", "headers": {"sentry-hook-resource": "event_alert"}, "body": json.dumps(body, ensure_ascii=False)}


def sentry_frame(language: str, frame: dict[str, Any]) -> dict[str, Any]:
    file, function = frame["file"], frame["function"]
    library = re.search(r"/lib/python3|node:|/usr/local/go|/hostedtoolcache/|<internal:|^native$", file) is not None
    made = {"filename": file, "abs_path": file, "lineno": frame["line"], "function": function, "in_app": not library}
    if language == "java":
        module, _, name = function.rpartition(".")
        made |= {"module": module, "function": name, "in_app": module.startswith("shop")}
    elif language == "go":
        module, _, name = function.rpartition("/")[2].partition(".")
        made |= {"module": module, "function": name, "in_app": module == "main", "filename": file.rpartition("/")[2]}
    return made


def slack(text: str, number: int) -> Case:
    said = wrap.slack_text({"text": text}, Random(number)) or ""
    event = {"type": "message", "subtype": "bot_message", "channel": "C1", "ts": f"{1772608298 + number}.000100", "text": said}
    body = {"type": "event_callback", "event_id": f"Ev{number}", "event_time": 1772608298 + number, "team_id": "T1", "event": event}
    return {"source": "slack", "headers": {}, "body": json.dumps(body, ensure_ascii=False)}


def logged(language: str, text: str, number: int) -> Case:
    found = links(language, text)[::-1] if language not in ("python", "php") else links(language, text)
    named = found[-1 if language in ("python", "php") else 0]
    frames = [{**f, "in_app": True} for f in reversed(named["frames"])]
    case = {"text": text, "language": language, "expected": {"type": named["type"], "message": named["value"], "frames": frames}}
    if len(found) > 1:
        case["chain"] = found
    for name in (*LOGGERS[language], "surrounded"):
        dressed = wrap.WRAPPINGS[name](case, Random(number))
        if dressed is not None:
            return plain(dressed, number)
    raise SystemExit(f"no logger for {text}")


def plain(text: str, number: int) -> Case:
    return {"source": "text", "stream": f"s{number}", "text": text}


def variants(language: str, bug: str, data: list[str], number: int) -> list[tuple[str, Case]]:
    """The five inputs of one bug: how, and the delivery."""
    first, second, third = RUNS[language]
    folders, homes = {n: WORK / language / str(n) for n in (1, 2)}, FOLDERS[language]

    def text(edition: int, command: str, data: str, home: int) -> str:
        return placed(run(folders[edition], command, bug, data), folders[edition], homes[home], home)

    return [
        ("plain", plain(text(1, first, data[0], 0), number)),
        ("other data, more lines, another release, a logger", logged(language, text(2, first, data[1], 1), number + 1)),
        ("other data, another runtime, another folder", plain(text(1, second, data[2], 2), number + 2)),
        ("more lines, another runtime, Sentry", sentry(language, text(2, third, data[1], 3), number + 3)),
        ("more lines, another folder, Slack", slack(text(2, first, data[2], 2), number + 4)),
    ]


def lines_of(number: int) -> list[tuple[str, str, str, Case]]:
    """Lines that are errors without a trace: plain, from another logger, in JSON."""
    done = subprocess.run([sys.executable, HERE / "programs" / "lines.py"], capture_output=True, text=True, check=True)
    rows, seen = [], {}
    for line in done.stdout.splitlines():
        bug, text = line.split("\t")
        turn = seen[bug] = seen.get(bug, -1) + 1
        dressed = (
            f"2026-03-04 07:11:38,100 ERROR [MainThread] shop.work: {text}",
            f"2026-03-05 17:01:02,007 ERROR [Thread-12] shop.work: {text}",
            f"2026-03-04T07:11:38.100Z ERROR shop.work: {text}",
        )[turn]
        rows.append(("lines", bug, ("plain", "other data", "other data, another layout")[turn], plain(dressed, number + len(rows))))
    return rows


def made(language: str, number: int) -> list[tuple[str, str, str, Case]]:
    if language == "lines":
        return lines_of(number)
    if language == "hand":
        written = yaml.safe_load((HERE / "hand.yaml").read_text())
        return [(w["language"], w["bug"], w["how"], plain(w["text"], number + n)) for n, w in enumerate(written)]
    for n in (1, 2):
        edition(language, n)
    rows = []
    for bug, data in yaml.safe_load((HERE / "groups.yaml").read_text())[language].items():
        rows += [(language, bug, how, delivery) for how, delivery in variants(language, bug, data, number + len(rows))]
    return rows


def main() -> None:
    wanted = sys.argv[1:] or [*RUNS, "lines", "hand"]
    kept = [json.loads(line) for line in LABELS.read_text().splitlines()] if LABELS.exists() else []
    out = [line for line in kept if line["made"] not in wanted]
    for part in wanted:
        number = 1000 * ([*RUNS, "lines", "hand"].index(part) + 1)
        for n, (language, bug, how, delivery) in enumerate(made(part, number)):
            at = (START + timedelta(minutes=number + n)).isoformat()
            name = f"{part}-{n}"
            out.append({
                "id": name, "made": part, "language": language, "group": f"{language}/{bug}", "how": how,
                "delivery": {"id": name, "at": at, **delivery},
            })  # fmt: skip
    LABELS.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in out))
    print(f"{len(out)} inputs, {len({line['group'] for line in out})} groups")


if __name__ == "__main__":
    main()
