"""The front door under abuse: forged, hostile, slow and far too many requests at a daemon as its users run it.

Rows of the threats: D-H1 to D-H10, F73 to F75, P12.
"""

import contextlib
import gzip
import hashlib
import hmac
import os
import re
import resource
import select
import socket
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from knocking import knocking
from running import SECRETS, running, until
from triaged import plugins

SENTRY, SLACK, ADMIN = "sentry", "slack", "an-admin-token"
SIGNATURE = {SENTRY: "Sentry-Hook-Signature", SLACK: "X-Slack-Signature"}
REFUSED = {400, 401, 404, 429}
"""None of them says that a signature was right: that would be 413, 415 or 422."""


def now():
    return datetime.now(UTC)


def proof(source, body, at=None, secret=None):
    """The headers that the source sends with a body."""
    module = plugins.load("sources", source)
    (key,) = (field for field in module.Config.model_fields if field in ("client_secret", "signing_secret"))
    config = module.Config(**{key: secret or SECRETS[f"TRIAGED_{source.upper()}_{key.upper()}"]})
    return module.signed(config, body, at or now())


def sample(source):
    return plugins.load("sources", source).sample(now())


def memory(daemon):
    """Bytes that are resident, now and at most."""
    status = Path(f"/proc/{daemon.child.pid}/status").read_text()
    return [int(re.search(rf"{name}:\s+(\d+)", status)[1]) * 1024 for name in ("VmRSS", "VmHWM")]


def worked(daemon):
    """Seconds of processor time that it has had so far: those of the clock are others' too."""
    fields = Path(f"/proc/{daemon.child.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def counted(knocker, **labels):
    knocker.send(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    lines = [line for line in knocker.text.splitlines() if line.startswith("triaged_deliveries_total{")]
    return sum(float(line.split()[-1]) for line in lines if all(f'{name}="{value}"' in line for name, value in labels.items()))


# ------------------------------------------------------------------- forged


def forged(source, body):
    """What somebody without the secret sends who has seen one good delivery: path, headers, body, what is sent after it."""
    good = proof(source, body)
    name, right = SIGNATURE[source], good[SIGNATURE[source]]
    prefix, digest = right[:-64], right[-64:]
    others = {header: value for header, value in good.items() if header != name}
    path = f"/webhook/{source}"

    def signed_as(*values, under=name):
        return path, [*others.items(), *((under, value) for value in values)], body, b""

    yield path, list(others.items()), body, b""
    yield path, [], body, b""
    for position, digit in enumerate(digest):
        yield signed_as(prefix + digest[:position] + format((int(digit, 16) + 1) % 16, "x") + digest[position + 1 :])
    for length in range(64):
        yield signed_as(prefix + digest[:length])
        yield signed_as(prefix + digest[length:] + digest[:length] if length else prefix)
    for wrong in (
        digest.upper(),
        digest + "0",
        digest + digest,
        f"sha256={digest}",
        f"v1={digest}",
        f"V0={digest}",
        f"v0={digest.upper()}",
        f"v0=v0={digest}",
        f'"{digest}"',
        f"0x{digest}",
        f"{digest}, {'0' * 64}",
        f"{right},{right}",
        right.replace("=", ":") + ";",
        digest[::-1],
        "0" * 64,
        "f" * 64,
        prefix + "0" * 64,
        prefix + "*" * 64,
        "null",
        "true",
        "none",
        prefix,
        f"v0= {digest}",
        "é" * 64,
        prefix + "\xff" * 64,
        prefix + "²" * 64,
        prefix + digest[:-1] + "\xa0",
    ):
        yield signed_as(wrong)
    for wrong in ("\u0661" * 64, "\uff11" * 64, "\U0001d7ce" * 64, digest[:-1] + "\u0430"):  # digits and letters that only look so
        yield signed_as(prefix.encode() + wrong.encode())
    for pair in ((right, right), (right, "0" * 64), ("0" * 64, right), ("", right), (right, "")):
        yield signed_as(*pair)
        yield path, [*others.items(), (name, pair[0]), (name.upper(), pair[1])], body, b""
    for under in (
        "X-" + name,
        name.replace("-", "_"),
        "Signature",
        "Authorization",
        "X-Hub-Signature-256",
        "Cookie",
        name + "\t",
        "X-Triaged-Token",
    ):
        yield signed_as(right, under=under)
    yield f"{path}?{name}={right}", list(others.items()), body, b""
    chunked = [*others.items(), ("Transfer-Encoding", "chunked"), ("Trailer", name)]
    yield path, chunked, b"%x\r\n%b\r\n0\r\n%b: %b\r\n\r\n" % (len(body), body, name.encode(), right.encode()), b""
    for key in ("", " ", "s3cret", "secret", "undefined", "None", "null", "changeme", name, digest, ADMIN):
        yield signed_as(prefix + hmac.new(key.encode(), body, "sha256").hexdigest())
    for made in (hashlib.sha256(body), hashlib.sha3_256(body), hashlib.blake2s(body), hashlib.sha256(b"" + body)):
        yield signed_as(prefix + made.hexdigest())
    for position in range(0, len(body), max(1, len(body) // 100)):
        changed = bytearray(body)
        changed[position] ^= 1
        yield path, list(good.items()), bytes(changed), b""
        yield path, list(good.items()), body[:position], b""
        yield path, list(good.items()), body[:position] + b" " + body[position:], b""
    for changed in (body + b"\n", b" " + body, body * 2, b"\xef\xbb\xbf" + body, gzip.compress(body), body.decode().encode("utf-16")):
        yield path, list(good.items()), changed, b""
    for other in plugins.names("sources"):
        if other != source:
            yield f"/webhook/{other}", list(good.items()), body, b""
    for wrong in (
        f"{path}/",
        f"/webhook//{source}",
        f"/webhook/{source.upper()}",
        f"/webhook/{source}%00",
        f"/webhook/./{source}",
        f"/webhook/{source};a",
    ):
        yield wrong, list(good.items()), body, b""


def forged_times(body):
    """Slack's time is signed, and has to be a number of seconds near now."""
    seconds = int(now().timestamp())
    name = SIGNATURE[SLACK]
    for off in (-301, 301, -3_600, 86_400, -seconds):
        yield [*proof(SLACK, body, now() + timedelta(seconds=off)).items()]
    right = proof(SLACK, body)[name]
    for wrong in (
        *(
            "",
            " ",
            "0",
            "-1",
            "1e9",
            "now",
            "9" * 5_000,
            f"{seconds}.0",
            f"+{seconds}",
            f" {seconds}1",
            f"0x{seconds:x}",
            f"{seconds // 1000}_000",
        ),
        *(f"{seconds + 1}", f"{seconds}:", "²" * 10, f"{seconds}\xa0", f"{seconds},{seconds}"),
    ):
        yield [("X-Slack-Request-Timestamp", wrong), (name, right)]
        text = wrong.encode("latin-1")
        yield [("X-Slack-Request-Timestamp", wrong), (name, "v0=" + hmac.new(b"", b"v0:" + text + b":" + body, "sha256").hexdigest())]
    yield [("X-Slack-Request-Timestamp", str(seconds).translate({48 + n: 0x660 + n for n in range(10)}).encode()), (name, right)]


@pytest.mark.parametrize(
    ("settings", "there"),
    [
        ({}, (SENTRY, SLACK)),
        ({name: f"next-{value} {value}" for name, value in SECRETS.items()}, (SENTRY, SLACK)),  # while they are rotated
        ({"TRIAGED_SLACK_SIGNING_SECRET": ""}, (SENTRY,)),
        ({"TRIAGED_SENTRY_CLIENT_SECRET": " \n"}, (SLACK,)),
        ({"TRIAGED_SENTRY_DANGEROUSLY_ALLOW_UNSIGNED_LEGACY_PLUGIN": "true"}, (SENTRY, SLACK)),
    ],
    ids=["both", "rotated", "sentry", "slack", "legacy"],
)
def test_nothing_that_is_forged_is_accepted_and_what_is_signed_always_is(tmp_path, settings, there):
    tried = 0
    with running(tmp_path, TRIAGED_ADMIN_TOKEN=ADMIN, **settings) as daemon, knocking(daemon.address) as knocker:
        for source in (SENTRY, SLACK):
            body = sample(source)
            for path, headers, changed, more in forged(source, body):
                status = knocker.post(path, headers, changed, more)
                assert status in REFUSED, (path, headers, changed[:100], status, knocker.text)
                tried += 1
            # from an address that has failed far too often by now
            assert knocker.post(f"/webhook/{source}", proof(source, body).items(), body) == (202 if source in there else 404)
        for headers in forged_times(sample(SLACK)):
            assert knocker.post("/webhook/slack", headers, sample(SLACK)) in REFUSED
            tried += 1
        assert counted(knocker, result="accepted") == len(there)
        assert counted(knocker, result="refused") > 0
        assert counted(knocker, result="not_understood") == 0
    print(f"forged accepted: 0 of {tried:,} (95 % bound {3 / tried:.4f})")


# ------------------------------------------------------------------ hostile

DEEP = 100_000


def hostile_values():
    """JSON, or what looks like it, that parsers stumble over; to stand where a value stands."""
    yield "deep arrays", b"[" * DEEP + b"]" * DEEP
    yield "deep objects", b'{"a":' * DEEP + b"1" + b"}" * DEEP
    yield "deep, not closed", b"[" * 1_000_000
    yield "deep, mixed", b'[{"a":' * 50_000 + b"1" + b"}]" * 50_000
    yield "just deep enough", b"[" * 500 + b"]" * 500
    for number in (b"NaN", b"Infinity", b"-Infinity", b"-0", b"1e999", b"-1e999", b"1e-999", b"0x10", b"01", b"1_000", b"+1", b".5", b"1."):
        yield number.decode(), number
    yield "6,000 digits", b"9" * 6_000
    yield "a million digits", b"9" * 1_000_000
    yield "a million decimals", b"0." + b"3" * 1_000_000
    yield "a large exponent", b"1e1000000000"
    yield "invalid UTF-8", b'"\xff\xfe\xc0\xaf\xed\xa0\x80 caf\xe9"'
    yield "half a character", b'"\xf0\x9f\x98"'
    yield "lone surrogates", rb'"\ud83d cut \ude00 \ud800\ud800 \udfff\udbff"'
    yield "lone surrogates, many", b'"' + rb"\ud800" * 200_000 + b'"'
    yield "surrogates as bytes", b'"\xed\xa0\xbd\xed\xb8\x80"'
    yield "backslashes", b'"' + b"\\\\" * 500_000 + b'"'
    yield "backslashes, odd", b'"' + b"\\\\" * 500_000 + rb"\ud800" + b'"'
    yield "NUL", rb'"a\u0000b"'
    yield "a raw NUL", b'"a\x00b"'
    yield "controls and bidi", '"\\u202e\\u0007\\u001b[31m \u202e\u2066"'.encode()
    yield "a wrong escape", rb'"\q \u12 \x41"'
    yield "a long text", b'"' + b"x" * 3_500_000 + b'"'
    yield "a long line of frames", b'"' + b'  File \\"a.py\\", line 1, in a\\n' * 20_000 + b'"'
    yield "many items", b"[" + b"1," * 500_000 + b"1]"
    yield "many empty objects", b"[" + b"{}," * 300_000 + b"{}]"
    yield "many keys", b"{" + b",".join(b'"%d":1' % number for number in range(100_000)) + b"}"
    yield "one key again and again", b"{" + b'"a":1,' * 200_000 + b'"a":2}'
    yield "a comment", b"1 /* two */"
    yield "nothing", b""
    yield "code", b"__import__('os').abort()"


def hostile_bodies():
    """Each under a name. Values stand where we look and where we do not; the large ones not everywhere, for time's sake."""
    places = {
        "an unread key": b'{"action":"triggered","data":{"event":{"extra":%b}}}',
        "the exceptions": b'{"action":"triggered","data":{"event":{"exception":{"values":%b}}}}',
        "everything": b"%b",
        "the message": b'{"action":"triggered","data":{"event":{"message":%b}}}',
        "the time": b'{"action":"triggered","data":{"event":{"datetime":%b}}}',
        "the frames": b'{"action":"triggered","data":{"event":{"exception":{"values":[{"type":"E","stacktrace":{"frames":%b}}]}}}}',
        "a line number": b'{"action":"triggered","data":{"event":{"exception":{"values":[{"stacktrace":{"frames":[{"lineno":%b}]}}]}}}}',
        "the tags": b'{"action":"triggered","data":{"event":{"tags":%b}}}',
        "a key": b'{"action":"triggered","data":{"event":{%b:1}}}',
        "the event": b'{"action":"triggered","data":{"event":%b}}',
        "data": b'{"action":"triggered","data":%b}',
    }
    for name, value in hostile_values():
        for place, around in list(places.items())[: 3 if len(value) > 100_000 else None]:
            yield f"{name} as {place}", around % value
    good = sample(SENTRY)
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-7", "utf-8-sig"):
        yield encoding, good.decode().encode(encoding)
    yield "twice", good + good
    yield "cut", good[: len(good) // 2]
    yield "the event twice", good.replace(b'"event": {', b'"event": 7, "event": [], "event": {')
    yield "packed", gzip.compress(good)
    yield "spaces", b" " * 3_900_000 + good


def test_bodies_that_parsers_stumble_over_are_never_our_fault_and_never_slow(tmp_path):
    slowest = (0.0, "")
    with running(tmp_path) as daemon, knocking(daemon.address) as knocker:
        before, _ = memory(daemon)
        answers = dict.fromkeys((202, 422), 0)
        for name, body in hostile_bodies():
            began = worked(daemon)
            status = knocker.post("/webhook/sentry", proof(SENTRY, body).items(), body)
            slowest = max(slowest, (worked(daemon) - began, name))
            assert status in answers, (name, status, knocker.text)
            answers[status] += 1
        until(lambda: b'"pending": 0' in knocked(knocker, "/health"), daemon.child)
        assert b'"dead_letters": 0' in knocked(knocker, "/health")
        good = sample(SENTRY)
        assert knocker.post("/webhook/sentry", proof(SENTRY, good).items(), good) == 202
        daemon.tickets(1, "FireDrill")
        _, most = memory(daemon)
    print(f"hostile bodies: {answers}, the slowest {slowest[0] * 1e3:.0f} ms ({slowest[1]}), memory +{(most - before) / 1e6:.0f} MB")
    assert slowest[0] < 5, slowest  # of a machine that has other things to do
    assert most - before < 128_000_000


def knocked(knocker, path):
    assert knocker.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()) == 200
    return knocker.text.encode()


# ------------------------------------------------------------ slow, and many


@contextlib.contextmanager
def many_files(number):
    """This process may have so many files open for a while, or as many as it can get."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    got = number if most == resource.RLIM_INFINITY else min(number, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before, got), most))
    try:
        yield got
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


class Slow:
    """Callers that begin and do not go on."""

    def __init__(self, address):
        parts = urlsplit(address)
        self._to = (parts.hostname, parts.port)
        self.sockets = []

    def call(self, number):
        head = b"POST /webhook/sentry HTTP/1.1\r\nHost: a\r\nSentry-Hook-Signature: " + b"0" * 64 + b"\r\n"
        begun = (b"", b"P", head, head + b"Content-Length: 4000\r\n\r\n{", head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
        for _ in range(number):
            self.sockets.append(socket.create_connection(self._to))
            self.sockets[-1].setblocking(False)
            self.sockets[-1].send(begun[len(self.sockets) % len(begun)])

    def trickle(self):
        for one in self.sockets[3:]:
            with contextlib.suppress(OSError):
                one.send(b"1")

    def hung_up_on(self):
        polled = select.poll()
        for one in self.sockets:
            polled.register(one, select.POLLIN)
        return len(polled.poll(0))

    def close(self):
        for one in self.sockets:
            one.close()


def served(knocker, times):
    """Seconds that each of so many signed deliveries took; every one is accepted."""
    took = []
    for number in range(times):
        body = sample(SENTRY).replace(b"ring", b"ring%d" % number)
        began = time.perf_counter()
        assert knocker.post("/webhook/sentry", proof(SENTRY, body).items(), body) == 202
        took.append(time.perf_counter() - began)
    return sorted(took)


def test_five_thousand_callers_that_never_finish_keep_nobody_else_out(tmp_path):
    with many_files(5_200) as files, running(tmp_path) as daemon, knocking(daemon.address) as knocker:
        callers, slow = min(5_000, files - 200), Slow(daemon.address)
        calm = served(knocker, 20)
        before, _ = memory(daemon)
        try:
            while len(slow.sockets) < callers:
                slow.call(500)
                knocker.close()  # a new caller has to get in as well
                served(knocker, 2)
            slow.trickle()
            beside = served(knocker, 20)
            _, most = memory(daemon)
            ends = time.monotonic() + 15
            while slow.hung_up_on() < callers and time.monotonic() < ends:
                served(knocker, 1)
                slow.trickle()
                time.sleep(0.5)
            assert slow.hung_up_on() == callers
        finally:
            slow.close()
        served(knocker, 5)
        assert any(line["message"] == "callers were cut off" for line in daemon.log())
    print(
        f"{callers:,} slow callers: median {calm[10] * 1e3:.1f} ms without, {beside[10] * 1e3:.1f} ms with; memory +{(most - before) / 1e6:.0f} MB"
    )
    assert most - before < 64_000_000


def test_large_bodies_that_are_never_finished_do_not_fill_the_memory(tmp_path):
    with running(tmp_path) as daemon, knocking(daemon.address) as knocker:
        served(knocker, 1)
        before, _ = memory(daemon)
        parts = urlsplit(daemon.address)
        sent, callers = 0, []
        head = b"POST /webhook/sentry HTTP/1.1\r\nHost: a\r\nSentry-Hook-Signature: " + b"0" * 64 + b"\r\nContent-Length: 4000000\r\n\r\n"
        try:
            for _ in range(100):
                callers.append(socket.create_connection((parts.hostname, parts.port), timeout=5))
                with contextlib.suppress(OSError):
                    callers[-1].sendall(head + b"x" * 3_900_000)
                    sent += 3_900_000
                served(knocker, 1)
            _, most = memory(daemon)
        finally:
            for one in callers:
                one.close()
    print(f"{sent / 1e6:.0f} MB of bodies that do not end: memory +{(most - before) / 1e6:.0f} MB")
    assert most - before < 128_000_000


@pytest.mark.parametrize(
    ("chunk", "status"), [(b"4000\r\n" + b"x" * 0x4000 + b"\r\n", b" 413 "), (b"1\r\nx\r\n" * 10_000, b" 400 ")], ids=["chunks", "crumbs"]
)
def test_a_body_that_never_ends_is_cut_off(tmp_path, chunk, status):
    with running(tmp_path) as daemon, knocking(daemon.address) as knocker:
        parts = urlsplit(daemon.address)
        head = b"POST /webhook/slack HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as caller, caller.makefile("rb") as answer:
            caller.sendall(head)
            ends = time.monotonic() + 10
            with contextlib.suppress(ConnectionError):
                assert status in answered_while(caller, answer, chunk, ends)
            assert time.monotonic() < ends
        served(knocker, 1)
        assert counted(knocker, source=SLACK) == 1


def answered_while(caller, answer, chunk, ends):
    """The first line of the answer to who goes on sending until nobody takes it any more."""
    with contextlib.suppress(ConnectionError):
        while time.monotonic() < ends:
            caller.sendall(chunk)
    return answer.readline()


def test_bombs_are_not_unpacked(tmp_path):
    bomb = gzip.compress(b" " * 50_000_000)
    with running(tmp_path) as daemon, knocking(daemon.address) as knocker:
        before, _ = memory(daemon)
        for encoding, body in (
            ("gzip", bomb),
            ("deflate", zlib.compress(b" " * 50_000_000)),
            ("br", bomb),
            ("zstd", bomb),
            ("gzip, gzip", bomb),
            ("GZIP", bomb),
        ):
            for headers in (proof(SENTRY, body), {}):
                assert knocker.post("/webhook/sentry", [*headers.items(), ("Content-Encoding", encoding)], body) == 415
        plain = sample(SENTRY)
        assert knocker.post("/webhook/sentry", [*proof(SENTRY, plain).items(), ("Content-Encoding", "identity")], plain) == 202
        assert counted(knocker, source=SENTRY, result="not_understood") == 12
        _, most = memory(daemon)
    assert most - before < 20_000_000


def test_a_flood_of_unsigned_deliveries_is_refused_and_what_is_signed_is_not(tmp_path):
    with running(tmp_path) as daemon, knocking(daemon.address) as knocker, knocking(daemon.address) as flooding:
        body = sample(SENTRY)
        statuses = [flooding.post("/webhook/sentry", [], body) for _ in range(500)]
        assert statuses[:60] == [401] * 60
        assert statuses.count(429) > 400
        assert set(statuses) == {401, 429}
        wrong = [("Sentry-Hook-Signature", "0" * 64)]
        assert flooding.post("/webhook/sentry", wrong, body) in (401, 429)
        served(knocker, 20)  # from the same address
        assert counted(knocker, source=SENTRY, result="refused") == 501
        assert counted(knocker, source=SENTRY, result="accepted") == 20


def test_an_allow_list_is_an_outer_wall_by_what_the_trusted_proxy_saw(tmp_path):
    body = sample(SENTRY)
    with running(tmp_path, TRIAGED_ALLOW_IPS="192.0.2.0/24", TRIAGED_TRUSTED_PROXIES="1") as daemon, knocking(daemon.address) as knocker:

        def through(*hops, proven=True):
            headers = proof(SENTRY, body) if proven else {}
            return knocker.post("/webhook/sentry", [*headers.items(), *(("X-Forwarded-For", hop) for hop in hops)], body)

        assert through("192.0.2.7", proven=False) == 401
        assert [through(), through("203.0.113.66"), through("192.0.2.7, 203.0.113.66"), through("192.0.2.7", "203.0.113.66")] == [403] * 4
        assert through("203.0.113.66, 192.0.2.7") == 202
        assert counted(knocker, source=SENTRY, result="refused") == 5
        assert knocked(knocker, "/health")  # the wall is around webhooks
