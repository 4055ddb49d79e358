"""Sentry, in a process of its own: signed webhooks at a rate, each answer written down before the next is asked for.

    python -m chaos.load '{"url": ..., "secret": ..., "log": ..., "seed": 1, "errors": 12, "each": 500, "rate": 200}'

``rate`` is deliveries a second; after ``each`` of them there is one more error, up to ``errors``. The log has a line for what was sent,
``sent DELIVERY EVENT ERROR``, and for each 2xx ``acked DELIVERY EVENT ERROR``; a line is one write, so it outlives whatever is killed
meanwhile. Some deliveries are sent again although they were acknowledged, some events are told in two deliveries. What had no answer is
sent again, at once or at the very end: after SIGTERM, until all have one. Shares no code with the daemon.
"""

import hashlib
import hmac
import http.client
import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

_SENDERS = 6
_ANSWER_SECONDS = 8.0
_FRAMES = [
    {"filename": "shop/checkout.py", "function": "pay", "lineno": 8, "in_app": True},
    {"filename": "shop/cart.py", "function": "total", "lineno": 11, "in_app": True},
    {"filename": "shop/prices.py", "function": "price_of", "lineno": 7, "in_app": True, "context_line": "return PRICES[item]"},
]


@dataclass(frozen=True)
class Delivery:
    """``error`` is its exception's type, ``Broken007``; every second one has a stack trace."""

    name: str
    event: str
    error: str
    body: bytes


def delivery(name: str, event: str, error: str, release: str = "1.0") -> Delivery:
    """One that tells of ``event``; deliveries with one event and different names are different deliveries."""
    frames = _FRAMES if int(error[-1]) % 2 else []
    told = {
        "event_id": hashlib.md5(event.encode()).hexdigest(),
        "platform": "python",
        "level": "error",
        "datetime": datetime.now(UTC).isoformat(),
        "release": release,
        "exception": {"values": [{"type": error, "value": f"order {name} failed", "stacktrace": {"frames": frames}}]},
    }
    body = json.dumps({"action": "triggered", "data": {"event": told, "triggered_rule": name}}).encode()
    return Delivery(name, event, error, body)


class Sender:
    """One connection, opened anew when it breaks."""

    def __init__(self, url: str, secret: str, log: Path, *, patience: float = _ANSWER_SECONDS) -> None:
        """It hangs up after ``patience`` seconds without an answer."""
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience)
        self._secret = secret.encode()
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.retry_after = ""
        """Of the last answer."""

    def tell(self, sent: Delivery) -> int:
        """The status, 0 without an answer; it is in the log before this returns."""
        self.write(f"sent {sent.name} {sent.event} {sent.error}")
        signature = hmac.new(self._secret, sent.body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Sentry-Hook-Resource": "event_alert", "Sentry-Hook-Signature": signature}
        try:
            self._connection.request("POST", "/webhook/sentry", sent.body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0
        self.retry_after = answer.headers.get("Retry-After", "")
        good = answer.status // 100 == 2
        self.write(f"{'acked' if good else f'refused {answer.status}'} {sent.name} {sent.event} {sent.error}")
        return answer.status

    def write(self, line: str) -> None:
        os.write(self._log, f"{line}\n".encode())

    def close(self) -> None:
        self._connection.close()


class Load:
    def __init__(self, url: str, secret: str, log: str, *, seed: int, errors: int, each: int, rate: float) -> None:
        self._sender = lambda: Sender(url, secret, Path(log))
        self._seed = seed
        self._errors, self._each = errors, each
        self._pause = _SENDERS / rate
        self._over = threading.Event()
        self._unanswered: list[Delivery] = []

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self._over.set())
        threads = [threading.Thread(target=self._send, args=(number, self._sender())) for number in range(_SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        last = self._sender()
        for sent in self._unanswered:
            while last.tell(sent) // 100 != 2:
                time.sleep(0.05)

    def _send(self, number: int, sender: Sender) -> None:
        chance = Random(f"{self._seed} {number}")
        told: list[Delivery] = []
        count = answered = 0
        while not self._over.wait(self._pause * chance.uniform(0.2, 1.8)):
            sent = self._next(chance, told, f"{number:02}{count:08}", 1 + answered * _SENDERS // self._each)
            count += 1
            if sender.tell(sent) // 100 == 2 or (chance.random() < 0.5 and self._insisted(sender, sent)):
                answered += 1
                told = [*told[-200:], sent]
            else:
                self._unanswered.append(sent)  # Sentry does not send again: reconciled at the very end

    def _insisted(self, sender: Sender, sent: Delivery) -> bool:
        while not self._over.wait(0.02):
            if sender.tell(sent) // 100 == 2:
                return True
        return False

    def _next(self, chance: Random, told: list[Delivery], name: str, errors: int) -> Delivery:
        kind = chance.random()
        if told and kind < 0.1:
            return chance.choice(told)
        if told and kind < 0.15:
            before = chance.choice(told)
            return delivery(name, before.event, before.error)
        known = min(errors, self._errors)
        return delivery(name, name, f"Broken{min(int(chance.expovariate(3 / known)), known - 1):03}")


if __name__ == "__main__":
    Load(**json.loads(sys.argv[1])).run()
