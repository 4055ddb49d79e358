"""Sentry, in a process of its own: signed webhooks at a rate, each answer written down before the next is asked for.

    python -m chaos.load '{"url": ..., "secret": ..., "log": ..., "seed": 1, "seconds": 30, "errors": 12, "rate": 200}'

The log has a line for what was sent, ``sent DELIVERY EVENT ERROR``, and for each 2xx ``acked DELIVERY EVENT ERROR``; a line is one
write, so it outlives whatever is killed meanwhile. Some deliveries are sent again although they were acknowledged, some events are told
in two deliveries. What had no answer is sent again, at once or at the very end, until it has one. Shares no code with the daemon.
"""

import hashlib
import hmac
import http.client
import json
import os
import random
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

_SENDERS = 6
_ANSWER_SECONDS = 8.0
_FRAMES = [
    {
        "filename": "shop/checkout.py",
        "function": "pay",
        "lineno": 8,
        "context_line": 'return {"order": order["id"], "cents": cart.total()}',
    },
    {"filename": "shop/cart.py", "function": "total", "lineno": 11, "context_line": "return sum(price_of(item) for item in self.items)"},
    {"filename": "shop/prices.py", "function": "price_of", "lineno": 7, "context_line": "return PRICES[item]"},
]


@dataclass(frozen=True)
class Sent:
    """One delivery."""

    delivery: str
    event: str
    error: str
    body: bytes


class Load:
    def __init__(self, url: str, secret: str, log: str, seed: int, seconds: float, errors: int, rate: float) -> None:
        parts = urlsplit(url)
        self._place = (parts.hostname or "", parts.port or 80)
        self._secret = secret.encode()
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._seed = seed
        self._seconds = seconds
        self._errors = errors
        self._pause = _SENDERS / rate
        self._began = time.monotonic()
        self._unanswered: list[Sent] = []

    def run(self) -> None:
        threads = [threading.Thread(target=self._send, args=(number,)) for number in range(_SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._write("over")
        connection = self._connected()
        for sent in self._unanswered:
            while not self._told(connection, sent):
                time.sleep(0.05)
        self._write("done")

    def _send(self, number: int) -> None:
        chance = random.Random(f"{self._seed} {number}")
        connection = self._connected()
        told: list[Sent] = []
        count = 0
        while (elapsed := time.monotonic() - self._began) < self._seconds:
            sent = self._next(chance, told, f"{number:02}{count:08}", elapsed)
            count += 1
            if self._told(connection, sent) or (chance.random() < 0.5 and self._insisted(connection, sent)):
                told = [*told[-200:], sent]
            else:
                self._unanswered.append(sent)  # Sentry does not send again: reconciled at the very end
            time.sleep(self._pause * chance.uniform(0.2, 1.8))

    def _insisted(self, connection: http.client.HTTPConnection, sent: Sent) -> bool:
        while time.monotonic() - self._began < self._seconds:
            time.sleep(0.02)
            if self._told(connection, sent):
                return True
        return False

    def _next(self, chance: random.Random, told: list[Sent], name: str, elapsed: float) -> Sent:
        kind = chance.random()
        if told and kind < 0.1:
            return chance.choice(told)
        if told and kind < 0.15:
            before = chance.choice(told)
            return self._delivery(name, before.event, before.error)
        known = 1 + int(elapsed / self._seconds * self._errors)  # new errors come up all along
        return self._delivery(name, name, f"Broken{min(int(chance.expovariate(3 / known)), known - 1):03}")

    def _delivery(self, name: str, event: str, error: str) -> Sent:
        event_id = hashlib.md5(f"{self._seed} {event}".encode()).hexdigest()
        exception = {"type": error, "value": f"order {name} failed", "stacktrace": {"frames": _FRAMES if int(error[-1]) % 2 else []}}
        told = {
            "event_id": event_id,
            "platform": "python",
            "level": "error",
            "datetime": datetime.now(UTC).isoformat(),
            "release": "1.0",
            "exception": {"values": [exception]},
        }
        body = json.dumps({"action": "triggered", "data": {"event": told, "triggered_rule": name}}).encode()
        return Sent(name, event, error, body)

    def _told(self, connection: http.client.HTTPConnection, sent: Sent) -> bool:
        """Whether a 2xx came back; it is in the log before this returns."""
        self._write(f"sent {sent.delivery} {sent.event} {sent.error}")
        signature = hmac.new(self._secret, sent.body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Sentry-Hook-Resource": "event_alert", "Sentry-Hook-Signature": signature}
        try:
            connection.request("POST", "/webhook/sentry", sent.body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()  # opened anew by the next request
            return False
        if answer.status // 100 != 2:
            self._write(f"refused {answer.status} {sent.delivery} {sent.event} {sent.error}")
            return False
        self._write(f"acked {sent.delivery} {sent.event} {sent.error}")
        return True

    def _connected(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self._place, timeout=_ANSWER_SECONDS)

    def _write(self, line: str) -> None:
        os.write(self._log, f"{line}\n".encode())


if __name__ == "__main__":
    Load(**json.loads(sys.argv[1])).run()
