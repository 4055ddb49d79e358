"""What applications write while all is well, in the forms of usual loggers. Drawn by seed; many lines use words of trouble harmlessly."""

import json
from collections.abc import Callable, Iterator
from random import Random

Writer = Callable[[Random, int], str]

# {n} is a number, {ms} a duration, {f} a share, {id} hex, {w} a thing, {u} a user, {ip} an address, {path} a path
SAYINGS = (
    "0 errors, 0 warnings", "no errors found", "errors: []", "error_rate=0.0", "error rate {f} %", "errors=0 retries=0 took {ms} ms", "no error", "error: none",
    "Error budget remaining: 99.9{n} %", "err=<nil>", "err: nil", "last error: never", "exception: null", "exceptions thrown since start: 0",
    "registered error handler for {w}", "ErrorHandlingMiddleware enabled", "installed exception hook", "loading plugin error-reporter v1.{n}",
    "Sentry initialised, sample rate {f}", "uploading source maps for error tracking: {n} files", "feature flag strict-errors is off",
    "GET {path} 200 {ms}ms", "GET /error-pages/404.html 200 {ms}ms", "GET /docs/errors 304 {ms}ms", "POST /api/errors/search 200 {ms}ms - {n} results",
    "GET /api/v1/exceptions?since=1h HTTP/1.1 200", "HEAD /healthz 200", "PUT /orders/{n} 204 {ms}ms", "GET /static/js/error-boundary.js 200 {n}",
    "SELECT id, message FROM errors WHERE seen = false -> 0 rows", "INSERT INTO error_log_archive SELECT 0 rows", "vacuum of table exceptions: {n} pages",
    "job clean_failed_jobs finished: 0 failed", "{n} passed, 0 failed", "{n} tests, 0 failures, 0 errors, {n} skipped", "BUILD SUCCESSFUL in {n}s",
    "Tests run: {n}, Failures: 0, Errors: 0, Skipped: 0", "test_raises_value_error PASSED", "ok {n} - dies with exception on bad input",
    "✓ throws TypeError when price is null ({n} ms)", "PASS src/errors.test.ts ({n} ms)", "--- PASS: TestPanicIsRecovered (0.0{n}s)",
    "compiling errors.rs", "[{n}/512] Building CXX object src/CMakeFiles/core.dir/exception.cpp.o", "cc -Wall -Werror -c error.c -o error.o",
    "Compiling thiserror v1.0.{n}", "Downloaded anyhow v1.0.{n}", "added {n} packages, found 0 vulnerabilities", "Collecting exceptiongroup>=1.0.{n}",
    "Requirement already satisfied: tblib in /opt/venv/lib/python3.11/site-packages (1.{n}.0)", "Successfully installed traceback-with-variables-2.{n}",
    "Unpacking libgpg-error0:amd64 (1.{n}-1) ...", "Setting up liberror-perl (0.17{n}-2) ...", "fetching crash-reporting symbols: not modified",
    "retry policy: attempts={n} on_error=continue", "circuit breaker for {w} is closed, failures 0 of {n}", "fallback for {w} not needed",
    "user {u} logged in from {ip}", "user {u} closed ticket 'Error when saving draft'", "user {u} renamed board to 'Bugs & errors'",
    "mail queued: subject='Re: error in invoice {n}' to={u}", "search q='uncaught exception' hits={n} took={ms}ms", "comment by {u}: 'no more crashes, thanks'",
    "cache hit ratio {f}", "gc pause {ms} ms, heap {n} MB", "connected to {ip}:5432 in {ms} ms", "listening on {ip}:{n}", "worker {n} took job {id}",
    "queue depth {n}, dead letters 0", "checkpoint complete: wrote {n} buffers ({f}%)", "replica lag {ms} ms", "session {id} expired, as planned",
    "certificate valid for {n} more days", "config reloaded: {n} keys, 0 invalid", "migrated table error_events in {ms} ms", "lease {id} renewed",
    "received SIGTERM, shutting down", "shutdown complete, exit code 0", "process exited normally (0)", "health check ok", "readiness: true",
    "scheduled task at 03:{n} (cron.py:{n}) next run in {n} s", "panic button test: ok", "fatal=false severity=info", "Traceback capture is disabled",
    "stack: default, trace: off", "trace_id={id} span_id={id} status=OK", "span finished error=false duration={ms}ms", "rollback not needed",
    "assertion cache warmed: {n} entries", "segfault handler installed", "core dumps are disabled (ulimit -c 0)", "watchdog: no stalls in the last {n} s",
    "deployed {id} to production, errors before: 0, after: 0", "alert ErrorRateHigh resolved after {n} m", "alert rule NoErrors is pending: false",
    "downloading model error-classifier.bin {f} MB/s", "at {n} orders per minute", "at 12:{n} the import began", "caused by user request {id}",
    "File \"{path}\" uploaded, {n} bytes", "File {path}, line count {n}", "in function order_total: {n} calls, mean {ms} ms", "from {ip} in {n} hops",
    "goroutines: {n}", "goroutine pool resized to {n}", "thread main started", "thread 'worker-{n}' idle", "threads: {n} running, 0 blocked",
    "java.util.logging configured from {path}", "loaded class com.acme.shop.errors.OrderException", "bean 'globalExceptionHandler' created in {ms} ms",
    "Mapped \"{{[/error]}}\" onto BasicErrorController", "o.s.b.a.w.s.error.ErrorPageFilter registered", "node:internal modules cached: {n}",
    "ASAN_OPTIONS=detect_leaks=0", "RUST_BACKTRACE=1 is set", "PYTHONFAULTHANDLER=1", "undefined behaviour sanitizer: 0 reports",
    "null values in column discount: {n}", "skipping undefined discount for {w} (optional)", "Warning suppressed: 0", "0 exceptions in 1h, p99 {ms} ms",
)  # fmt: skip
THINGS = ("cart", "orders", "stock", "mail", "search", "invoices", "errors-dashboard", "payments", "thumbnails")
USERS = ("ada", "eve", "linus", "grace", "edsger")
PATHS = (
    "/",
    "/orders",
    "/api/v1/items",
    "/error-pages/500.html",
    "/srv/shop/errors.py",
    "/var/lib/shop/failed/empty",
    "/admin/exceptions",
    "/help/crash-course",
)


def saying(random: Random) -> str:
    return random.choice(SAYINGS).format(
        n=random.randrange(1, 60),
        ms=random.randrange(1, 900),
        f=f"{random.random():.2f}",
        id=f"{random.getrandbits(48):012x}",
        w=random.choice(THINGS),
        u=random.choice(USERS),
        ip=f"10.0.{random.randrange(256)}.{random.randrange(1, 255)}",
        path=random.choice(PATHS),
    )


def clock(number: int) -> str:
    return f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"


def level(random: Random) -> str:
    return random.choices(("DEBUG", "INFO", "WARN"), (3, 8, 1))[0]


def python_logging(random: Random, number: int) -> str:
    logger = f"{random.choice(THINGS)}.{random.choice(('errors', 'core', 'web'))}"
    return f"2026-03-04 {clock(number)},{random.randrange(1000):03d} {level(random)} [{logger}] {saying(random)}"


def logback(random: Random, number: int) -> str:
    thread = f"nio-8080-exec-{random.randrange(9)}"
    return f"2026-03-04 {clock(number)}.{random.randrange(1000):03d}  {level(random)} 17 --- [{thread}] c.a.shop.error.ErrorController : {saying(random)}"


def pino(random: Random, number: int) -> str:
    known = {
        "level": random.choice((20, 30, 30, 40)),
        "time": 1772600000000 + number * 1000,
        "pid": 17,
        "hostname": "web-1",
        "msg": saying(random),
    }
    return json.dumps(
        {**known, **random.choice(({}, {"err": None}, {"errors": []}, {"error": False}, {"error": ""}, {"errorCount": 0}))},
        separators=(",", ":"),
    )


def structlog(random: Random, number: int) -> str:
    more = random.choice(({}, {"exc_info": None}, {"exception": None}, {"stack": ""}, {"error_rate": 0.0}, {"errors": {"total": 0}}))
    return json.dumps(
        {"event": saying(random), "level": random.choice(("info", "debug", "warning")), "timestamp": f"2026-03-04T{clock(number)}Z", **more}
    )


def logfmt(random: Random, number: int) -> str:
    said = json.dumps(saying(random), ensure_ascii=False)
    return f"time=2026-03-04T{clock(number)}Z level={level(random).lower()} msg={said} err={random.choice(('null', '<nil>', chr(34) * 2))} errors=0"


def syslog(random: Random, number: int) -> str:
    program = random.choice(("shop", "systemd", "cron", "kernel", "nginx"))
    return f"Mar  4 {clock(number)} web-{random.randrange(3)} {program}[{random.randrange(9999)}]: {saying(random)}"


def journal(random: Random, number: int) -> str:
    unit = random.choice(("errors-report.service", "shop.service", "logrotate.service", "crash-upload.timer"))
    said = random.choice(
        (
            f"Started {unit}.",
            f"{unit}: Deactivated successfully.",
            f"Finished {unit}.",
            f"{unit}: Consumed {random.random():.3f}s CPU time.",
            f"Reloading {unit}...",
        )
    )
    return f"Mar 04 {clock(number)} web-1 systemd[1]: {said}"


def nginx(random: Random, number: int) -> str:
    status = random.choices((200, 204, 304, 301, 404), (20, 2, 4, 1, 1))[0]
    asked = f'"GET {random.choice(PATHS)} HTTP/1.1" {status} {random.randrange(9999)}'
    return f'10.0.0.{random.randrange(255)} - - [04/Mar/2026:{clock(number)} +0000] {asked} "https://shop.example/errors" "Mozilla/5.0 (X11; Linux x86_64)"'


def postgres(random: Random, number: int) -> str:
    return f"2026-03-04 {clock(number)}.{random.randrange(1000):03d} UTC [{random.randrange(999)}] LOG:  {saying(random)}"


def docker(random: Random, number: int) -> str:
    return json.dumps(
        {
            "log": f"{level(random)} {saying(random)}\n",
            "stream": random.choice(("stdout", "stderr")),
            "time": f"2026-03-04T{clock(number)}.000000000Z",
        }
    )


def cri(random: Random, number: int) -> str:
    return f"2026-03-04T{clock(number)}.123456789Z {random.choice(('stdout', 'stderr'))} F {saying(random)}"


def compose(random: Random, number: int) -> str:
    return f"{random.choice(THINGS)}-1  | {saying(random)}"


def aws_lambda(random: Random, number: int) -> str:
    request = f"{random.getrandbits(32):08x}-0b7e-4c2e-9f62-2f6f2b1d8c11"
    return random.choice(
        (
            f"START RequestId: {request} Version: $LATEST",
            f"END RequestId: {request}",
            f"[INFO]\t2026-03-04T{clock(number)}.123Z\t{request}\t{saying(random)}",
            f"2026-03-04T{clock(number)}.123Z\t{request}\tINFO\t{saying(random)}",
            f"REPORT RequestId: {request}\tDuration: 3.21 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB",
        )
    )


def plain(random: Random, number: int) -> str:
    return saying(random)


def logcat(random: Random, number: int) -> str:
    tag = random.choice(("ActivityManager", "ErrorReporter", "System.out"))
    return f"03-04 {clock(number)}.123  1234  1250 {random.choice('DIVW')} {tag}: {saying(random)}"


WRITERS: tuple[Writer, ...] = (
    python_logging, logback, pino, structlog, logfmt, syslog, journal, nginx, postgres, docker, cri, compose, aws_lambda, plain, logcat,
)  # fmt: skip


def lines(seed: int, count: int) -> Iterator[tuple[str, list[str]]]:
    """(name of the form, its lines), ``count`` lines in all. A stream is of one form, as a service's is."""
    for number, writer in enumerate(WRITERS):
        random = Random(f"{seed} {writer.__name__}")
        share = count // len(WRITERS) + (number < count % len(WRITERS))
        yield writer.__name__, [writer(random, at) for at in range(share)]
