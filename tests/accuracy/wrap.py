"""The clothes that traces wear on their way: what loggers, collectors and chats make of the same text. Pure: a case and a Random in, text out.

``WRAPPINGS`` maps a name to a function of (case, random) that gives the wrapped text, or None where that wrapping is never seen around such a
trace (bunyan logs no Java). ``wrapped`` makes the cases, whose truth is that of the plain case; of a trace that was cut only what survived.
"""

import html
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import takewhile
from random import Random
from typing import Any

Case = dict[str, Any]
Wrapping = Callable[[Case, Random], str | None]

AT = "2026-03-04T07:11:38"
JVM = {"java", "kotlin", "scala", "clojure", "groovy"}
ORDINARY = (
    'GET /orders/17 HTTP/1.1" 200 512 0.012',
    "cache hit ratio 0.93, 0 errors",
    "connected to db-1:5432 in 3 ms",
    "worker 2 took job 4711 from queue mail",
    "health check ok",
    "retrying in 2 s (attempt 1 of 5)",
    "session 9f2c closed by client",
    "reloaded 12 rules in 0.4 ms",
)


# ------------------------------------------------------------------------------------ parts


def lines(case: Case) -> list[str]:
    return str(case["text"]).rstrip("\n").split("\n")


def kind(case: Case) -> str:
    return str(case["expected"].get("type") or "Error")


def message(case: Case) -> str:
    return str(case["expected"].get("message") or "")


def stamp(number: int, digits: int = 3) -> str:
    """The time of line ``number``: a line a few milliseconds after the one before."""
    return f"{AT}.{(100 + 7 * number) % 1000:03d}{'0' * (digits - 3)}Z"


def ordinary(random: Random) -> str:
    return random.choice(ORDINARY)


def stack(case: Case) -> str | None:
    """The trace as an error's `stack` holds it: from the error's name to the last frame, without what a runtime prints around it.

    None where the text holds no such thing: a string was thrown, there are causes (loggers print those in ways of their own), or frames stand
    above the error's name.
    """
    named = case["expected"].get("type")
    at = re.search(rf"(?<![\w.:]){re.escape(named)}(?: \[\w+\])?(?::|$)", case["text"], re.M) if named and "chain" not in case else None
    if at is None:
        return None
    text = case["text"][at.start() :].partition("\n[ERROR] FATAL UNHANDLED EXCEPTION")[0]
    last = list(re.finditer(r"^\s+at .*?(?= \{$|$)", text, re.M))
    return text[: last[-1].end()] if last else None


def own_language(*languages: str) -> Callable[[Callable[[Case, Random], str | None]], Wrapping]:
    """Only around traces of these languages."""

    def only(wrapping: Wrapping) -> Wrapping:
        return lambda case, random: wrapping(case, random) if case["language"] in languages else None

    return only


def with_stack(*languages: str) -> Callable[[Callable[[Case, str], str]], Wrapping]:
    """For loggers that are handed an error: only around traces of these languages that hold an error's `stack`, which they are given."""

    def only(wrapping: Callable[[Case, str], str]) -> Wrapping:
        def around(case: Case, random: Random) -> str | None:
            held = stack(case) if case["language"] in languages else None
            return None if held is None else wrapping(case, held)

        return around

    return only


def frames(case: Case) -> list[dict[str, Any]]:
    """Innermost first; empty where the trace has causes, or frames that name no file."""
    stated = case["expected"].get("frames") or []
    return [] if any(f["file"] is None or f["line"] is None for f in stated) else stated


# ------------------------------------------------------------------- a prefix on each line


def each(prefix: Callable[[int], str]) -> Wrapping:
    return lambda case, random: "\n".join(prefix(n) + line for n, line in enumerate(lines(case)))


def compose(case: Case, random: Random) -> str:
    """Two services at once: the trace's lines and those of another, in the order they came."""
    out = []
    for line in lines(case):
        out.append("web-1  | " + line)
        if random.random() < 0.3:
            out.append("db-1   | " + ordinary(random))
    return "\n".join(out)


def cri(case: Case, random: Random) -> str:
    """containerd's log: lines longer than its buffer come in parts, all but the last marked P."""
    out = []
    for number, line in enumerate(lines(case)):
        parts = textwrap.wrap(line, 90, drop_whitespace=False, replace_whitespace=False, expand_tabs=False) if len(line) > 90 else [line]
        marks = ["P"] * (len(parts) - 1) + ["F"]
        out += [f"{stamp(number, 9)} stderr {mark} {part}" for mark, part in zip(marks, parts, strict=True)]
    return "\n".join(out)


# ------------------------------------------------------------------ the first line only


def first(prefix: str) -> Wrapping:
    """What a logger writes before a message that has several lines."""
    return lambda case, random: f"{prefix}\n{case['text']}".rstrip("\n")


def glued(prefix: str) -> Wrapping:
    return lambda case, random: prefix + str(case["text"]).lstrip("\n").rstrip("\n")


# ------------------------------------------------------------------------ JSON of loggers


def as_json(value: object, ascii_only: bool = False) -> str:
    return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))


@own_language("python")
def python_json_logger(case: Case, random: Random) -> str:
    return json.dumps({
        "asctime": "2026-03-04 07:11:38,100", "name": "shop.checkout", "levelname": "ERROR", "message": "request failed",
        "exc_info": case["text"].rstrip("\n"), "request_id": "9f2c41",
    }, ensure_ascii=False)  # fmt: skip


@own_language("python")
def structlog(case: Case, random: Random) -> str:
    return json.dumps(
        {"order": 17, "event": "request failed", "level": "error", "timestamp": stamp(0, 6), "exception": case["text"].rstrip("\n")}
    )


@own_language("python")
def structlog_dict(case: Case, random: Random) -> str | None:
    if not frames(case) or not all(f["function"] for f in frames(case)):
        return None
    trace = {
        "exc_type": kind(case), "exc_value": message(case), "exc_notes": [], "syntax_error": None, "is_cause": False,
        "frames": [{"filename": f["file"], "lineno": f["line"], "name": f["function"] or ""} for f in reversed(frames(case))],
    }  # fmt: skip
    return json.dumps({"event": "request failed", "level": "error", "timestamp": stamp(0, 6), "exception": [trace]})


@with_stack("javascript", "browser")
def pino(case: Case, held: str) -> str:
    error = {"type": kind(case), "message": message(case), "stack": held}
    return as_json(
        {"level": 50, "time": 1772608298100, "pid": 17, "hostname": "web-1", "reqId": "req-4", "err": error, "msg": message(case)}
    )


@with_stack("javascript", "browser")
def winston(case: Case, held: str) -> str:
    return as_json({"level": "error", "message": message(case), "service": "shop", "stack": held, "timestamp": stamp(0)})


@with_stack("javascript", "browser")
def winston_text(case: Case, held: str) -> str:
    return f"{stamp(0)} [shop] error: {message(case)} {held}"


@with_stack("javascript", "browser")
def bunyan(case: Case, held: str) -> str:
    error = {"message": message(case), "name": kind(case), "stack": held}
    return as_json(
        {"name": "shop", "hostname": "web-1", "pid": 17, "level": 50, "err": error, "msg": message(case), "time": stamp(0), "v": 0}
    )


@with_stack("javascript", "browser")
def stack_as_list(case: Case, held: str) -> str:
    """As Lambda's Node runtime logs an error, a line of the stack an item."""
    return as_json({"errorType": kind(case), "errorMessage": message(case), "stack": held.split("\n")})


@with_stack(*JVM)
def logstash_encoder(case: Case, held: str) -> str:
    return as_json({
        "@timestamp": AT + ".100+01:00", "@version": "1", "message": "request failed", "logger_name": "com.acme.shop.Web",
        "thread_name": "http-nio-8080-exec-3", "level": "ERROR", "level_value": 40000, "stack_trace": held + "\n",
    })  # fmt: skip


@with_stack(*JVM)
def log4j_json(case: Case, held: str) -> str:
    """JsonTemplateLayout of Log4j 2, in ECS's form."""
    return as_json({
        "@timestamp": stamp(0), "ecs.version": "1.2.0", "log.level": "ERROR", "message": "request failed", "process.thread.name": "main",
        "log.logger": "com.acme.shop.Web", "error.type": kind(case), "error.message": message(case), "error.stack_trace": held,
    })  # fmt: skip


@with_stack(*JVM)
def spring_boot(case: Case, held: str) -> str:
    return f"2026-03-04 07:11:38.100 ERROR 17 --- [nio-8080-exec-3] c.acme.shop.Web : request failed\n\n{held}"


@with_stack(*JVM)
def logcat(case: Case, held: str) -> str:
    """Android: the tag and the process on each line."""
    return "\n".join(
        f"03-04 07:11:38.100 12345 12345 E AndroidRuntime: {line}"
        for line in ["FATAL EXCEPTION: main", "Process: com.acme.shop, PID: 12345", *held.split("\n")]
    )


@own_language("go")
def zap(case: Case, random: Random) -> str | None:
    trace = "\n".join(f"{f['function']}\n\t{f['file']}:{f['line']}" for f in frames(case) if f["function"])
    return (
        as_json(
            {
                "level": "error",
                "ts": 1772608298.1,
                "caller": "web/handler.go:42",
                "msg": "panic",
                "error": message(case),
                "stacktrace": trace,
            }
        )
        if trace
        else None
    )


@own_language("go")
def zerolog(case: Case, random: Random) -> str | None:
    trace = [
        {"func": (f["function"] or "").rsplit(".", 1)[-1], "line": str(f["line"]), "source": f["file"].rsplit("/", 1)[-1]}
        for f in frames(case)
    ]
    return (
        as_json({"level": "error", "stack": trace, "error": message(case), "time": 1772608298, "message": "request failed"})
        if trace
        else None
    )


@own_language("go")
def logrus(case: Case, random: Random) -> str:
    return as_json(
        {"error": message(case), "level": "error", "msg": "request failed", "stack": case["text"].rstrip("\n"), "time": AT + "Z"}
    )


@with_stack("csharp")
def serilog_compact(case: Case, held: str) -> str:
    return as_json(
        {"@t": stamp(0, 7), "@mt": "HTTP {Method} failed", "@l": "Error", "@x": held, "Method": "GET", "SourceContext": "Shop.Web"}
    )


@with_stack("csharp")
def serilog_json(case: Case, held: str) -> str:
    return as_json({
        "Timestamp": AT + ".1000000+01:00", "Level": "Error", "MessageTemplate": "HTTP {Method} failed", "Exception": held,
        "Properties": {"Method": "GET"},
    })  # fmt: skip


@with_stack("csharp")
def dotnet_console(case: Case, held: str) -> str:
    """Microsoft.Extensions.Logging: every line after the first is indented by six."""
    inner = "\n".join("      " + line for line in ["An unhandled exception has occurred while executing the request.", *held.split("\n")])
    return "fail: Shop.Web[1]\n" + inner


@own_language("php")
def monolog_json(case: Case, random: Random) -> str | None:
    places = frames(case)
    if not places:
        return None
    trace = [f"{f['file']}:{f['line']}" for f in places]
    thrown = {"class": kind(case), "message": message(case), "code": 0, "file": trace[0], "trace": trace[1:]}
    return as_json({
        "message": "Uncaught " + message(case), "context": {"exception": thrown}, "level": 500, "level_name": "CRITICAL", "channel": "app",
        "datetime": AT + ".100000+00:00", "extra": {},
    })  # fmt: skip


@own_language("php")
def monolog_line(case: Case, random: Random) -> str | None:
    """LineFormatter with stack traces: the exception stands in the context, on lines of its own."""
    places = frames(case)
    if not places or "Stack trace:" not in case["text"]:
        return None
    trace = case["text"].partition("Stack trace:\n")[2].partition("\n  thrown in")[0].rstrip("\n")
    where = f"({kind(case)}(code: 0): {message(case)} at {places[0]['file']}:{places[0]['line']})"
    return f'[{AT}.100000+00:00] app.CRITICAL: Uncaught {message(case)} {{"exception":"[object] {where}\n[stacktrace]\n{trace}\n"}} []'


def json_field(name: str, ascii_only: bool = False) -> Wrapping:
    """No logger in particular: the text in one field."""
    return lambda case, random: as_json(
        {"ts": stamp(0), "level": "error", "msg": "request failed", name: case["text"].rstrip("\n")}, ascii_only
    )


def json_message(case: Case, random: Random) -> str:
    return as_json({"timestamp": stamp(0), "level": "ERROR", "logger": "shop", "message": "request failed\n" + case["text"].rstrip("\n")})


def json_nested(case: Case, random: Random) -> str:
    return as_json(
        {
            "time": stamp(0),
            "severity": "ERROR",
            "attributes": {"exception": {"stacktrace": case["text"].rstrip("\n"), "message": message(case)}},
        }
    )


def json_lines_list(case: Case, random: Random) -> str:
    return as_json({"time": stamp(0), "level": "error", "msg": "request failed", "stack": lines(case)})


def literal_newlines(case: Case, random: Random) -> str:
    """One line, its breaks as the two characters \\n."""
    return f"{stamp(0)} ERROR shop request failed: " + "\\n".join(lines(case)).replace("\t", "\\t")


def twice_escaped(case: Case, random: Random) -> str:
    """A JSON line of an application, inside the JSON line of a collector."""
    inner = as_json({"level": "error", "msg": "request failed", "stack": case["text"].rstrip("\n")})
    return as_json({"log": inner + "\n", "stream": "stderr", "time": stamp(0, 9)})


def logfmt(case: Case, random: Random) -> str:
    return f'time={AT}Z level=error msg="request failed" service=shop stack={json.dumps(case["text"].rstrip(chr(10)), ensure_ascii=False)}'


# -------------------------------------------------------------------------- containers, AWS


def docker_json_file(case: Case, random: Random) -> str:
    return "\n".join(json.dumps({"log": line + "\n", "stream": "stderr", "time": stamp(n, 9)}) for n, line in enumerate(lines(case)))


def firelens(case: Case, random: Random) -> str:
    return "\n".join(
        as_json(
            {
                "container_id": "3f1c",
                "container_name": "/ecs-shop-1-web",
                "source": "stderr",
                "log": line,
                "ecs_cluster": "prod",
                "ecs_task_definition": "shop:12",
            }
        )
        for line in lines(case)
    )


@own_language("python")
def lambda_python(case: Case, random: Random) -> str | None:
    """The error first, the trace indented by non-breaking spaces, the end of the request glued to its last line."""
    if "chain" in case or not case["text"].startswith("Traceback"):
        return None
    frames_only = [line.replace("  ", "\u00a0\u00a0") for line in takewhile(lambda line: line.startswith("  "), lines(case)[1:])]
    request = "5f1c6a32-0b7e-4c2e-9f62-2f6f2b1d8c11"
    said = f"[ERROR] {kind(case).rpartition('.')[2]}" + (f": {message(case)}" if message(case) else "")
    trace = "\n".join([said, "Traceback (most recent call last):", *frames_only])
    return f"START RequestId: {request} Version: $LATEST\n{trace}END RequestId: {request}\nREPORT RequestId: {request}\tDuration: 3.21 ms"


@with_stack("javascript")
def lambda_node(case: Case, held: str) -> str:
    request = "5f1c6a32-0b7e-4c2e-9f62-2f6f2b1d8c11"
    error = {"errorType": kind(case), "errorMessage": message(case), "stack": held.split("\n")}
    return (
        f"START RequestId: {request} Version: $LATEST\n{stamp(0)}\t{request}\tERROR\tInvoke Error \t{as_json(error)}\n"
        f"END RequestId: {request}\nREPORT RequestId: {request}\tDuration: 3.21 ms"
    )


# ------------------------------------------------------------------- chats, screens, editors


def coloured(case: Case, random: Random) -> str:
    """Red lines, a bold first one, places in cyan: what a terminal was meant to see."""
    painted = [
        re.sub(r"(?<=[\s(\"])([^\s()\"]+?)(:\d+)(?=[:)\s]|$)", "\x1b[36m\\1\x1b[39m\x1b[33m\\2\x1b[39m", line) for line in lines(case)
    ]
    return "\n".join(f"\x1b[1;31m{line}\x1b[0m" if n == 0 else f"\x1b[31m{line}\x1b[0m" for n, line in enumerate(painted))


def slack_text(case: Case, random: Random) -> str:
    return (
        "*checkout* failed in production :fire:\n```\n"
        + html.escape(case["text"].rstrip("\n"), quote=False)
        + "\n```\n<https://ci.shop.example/1|build 1>"
    )


def html_escaped(case: Case, random: Random) -> str:
    return html.escape(case["text"].rstrip("\n")).replace("&#x27;", "&#39;")


def crlf(case: Case, random: Random) -> str:
    return "\r\n".join(lines(case)) + "\r\n"


def no_break_spaces(case: Case, random: Random) -> str:
    return "\n".join(re.sub(r"^ +", lambda m: "\u00a0" * len(m[0]), line) for line in lines(case))


def surrounded(case: Case, random: Random) -> str:
    before = [f"{stamp(n)} INFO shop {ordinary(random)}" for n in range(5)]
    after = [f"{stamp(n)} INFO shop {ordinary(random)}" for n in range(90, 95)]
    return "\n".join([*before, *lines(case), *after])


def interleaved(case: Case, random: Random) -> str:
    """Another thread writes to the same stream, a line between two of the trace."""
    out = []
    for number, line in enumerate(lines(case)):
        out.append(line)
        if number and random.random() < 0.12:
            out.append(f"{stamp(number)} INFO shop {ordinary(random)}")
    return "\n".join(out)


def cut(share: float) -> Wrapping:
    """The first part of its bytes, as a limit of a collector leaves it; a character cut in half is lost."""
    return lambda case, random: case["text"].encode()[: int(len(case["text"].encode()) * share)].decode("utf-8", "ignore") or None


# ------------------------------------------------------------------------------------- all

SYSLOG_3164 = "<11>Mar  4 07:11:38 web-1 shop[17]: "
SYSLOG_5424 = "<11>1 2026-03-04T07:11:38.100Z web-1 shop 17 - - "

WRAPPINGS: dict[str, Wrapping] = {
    "timestamp on each line": each(lambda n: stamp(n) + " "),
    "timestamp and level on each line": each(lambda n: f"2026-03-04 07:11:38,{100 + n:03d} ERROR [MainThread] shop.checkout: "),
    "bracketed prefix on each line": each(lambda n: "[2026-03-04 07:11:38] [error] [web-1] "),
    "logger line before": first("2026-03-04 07:11:38,100 - shop.checkout - ERROR - request failed"),
    "logger prefix glued": glued("2026-03-04T07:11:38.100Z ERROR shop.checkout - "),
    "supervisor prefix": each(lambda n: "shop-web stderr | "),
    "pod prefix": each(lambda n: "[pod/shop-6c9f7d9b7-x2x9k/web] "),
    "heroku": each(lambda n: "2026-03-04T07:11:38.100000+00:00 app[web.1]: "),
    "journal": each(lambda n: "Mar 04 07:11:38 web-1 shop[17]: "),
    "syslog 3164": each(lambda n: SYSLOG_3164),
    "syslog 5424": each(lambda n: SYSLOG_5424),
    "compose": compose,
    "cri": cri,
    "docker json-file": docker_json_file,
    "firelens": firelens,
    "json field": json_field("stack"),
    "json field, ascii": json_field("exception", ascii_only=True),
    "json message": json_message,
    "json nested": json_nested,
    "json list of lines": json_lines_list,
    "json in json": twice_escaped,
    "logfmt": logfmt,
    "literal \\n": literal_newlines,
    "python-json-logger": python_json_logger,
    "structlog": structlog,
    "structlog, frames as objects": structlog_dict,
    "pino": pino,
    "winston": winston,
    "winston text": winston_text,
    "bunyan": bunyan,
    "stack as list": stack_as_list,
    "logstash encoder": logstash_encoder,
    "log4j json": log4j_json,
    "spring boot": spring_boot,
    "logcat": logcat,
    "zap": zap,
    "zerolog": zerolog,
    "logrus": logrus,
    "serilog compact": serilog_compact,
    "serilog json": serilog_json,
    ".net console": dotnet_console,
    "monolog json": monolog_json,
    "monolog line": monolog_line,
    "lambda python": lambda_python,
    "lambda node": lambda_node,
    "colours": coloured,
    "slack text": slack_text,
    "html escapes": html_escaped,
    "crlf": crlf,
    "indented": each(lambda n: "    "),
    "indented by tab": each(lambda n: "\t"),
    "no-break spaces": no_break_spaces,
    "surrounded": surrounded,
    "interleaved": interleaved,
    "cut at 90 %": cut(0.9),
    "cut at 60 %": cut(0.6),
}


def wrapped(case: Case, seed: int = 7) -> Iterator[Case]:
    """One case for each wrapping that fits. ``seed`` decides what is drawn, together with the case's id and the wrapping's name."""
    for name, wrapping in WRAPPINGS.items():
        text = wrapping(case, Random(f"{seed} {case['id']} {name}"))
        if text is None:
            continue
        made = {**case, "id": f"{case['id']}+{name}", "text": text, "noise": name}
        yield survived(made) if name.startswith("cut") else made


def survived(case: Case) -> Case:
    """The truth of what a cut left: a type, a message or a place that is no longer in the text is not judged."""
    text, expected = case["text"], case["expected"]
    named, said = str(expected.get("type") or ""), message(case).split("\n")[0]
    told = f"{named}: {said}" in text or f"{said} ({named})" in text
    there = {
        "type": named if named and (told or f"{named}\n" in text) else None,
        "message": expected["message"] if said and f"{said}\n" in text else None,
    }
    place = case.get("in_app_frame")
    whole = place and any(is_at(line, place) for line in text.split("\n")[:-1])
    root_kept = "chain" not in case or text == case["text"]
    return {**case, "expected": {**there, "frames": None}, "in_app_frame": place if whole and root_kept else None}


def is_at(line: str, place: dict[str, Any]) -> bool:
    """Whether a line of a trace names that place."""
    name = str(place["file"] or "").replace("\\", "/").rsplit("/", 1)[-1]
    return name in line and re.search(rf"(?<!\d){place['line']}(?!\d)", line) is not None
