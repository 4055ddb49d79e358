"""A small shop with real bugs, and the crashes they make, for ``triaged demo``: nothing in it is made up but the shop."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FILES: Mapping[str, str] = {
    "shop/__init__.py": "",
    "shop/prices.py": '''"""What things cost, in cents."""

PRICES = {"tea": 350, "coffee": 420, "cake": 510}


def price_of(item):
    return PRICES[item]
''',
    "shop/cart.py": '''"""A customer's cart."""

from shop.prices import price_of


class Cart:
    def __init__(self, items):
        self.items = items

    def total(self):
        return sum(price_of(item) for item in self.items)

    def average(self):
        return self.total() / len(self.items)
''',
    "shop/checkout.py": '''"""What the web handlers call."""

from shop.cart import Cart


def pay(order):
    cart = Cart(order["items"])
    return {"order": order["id"], "cents": cart.total()}


def statistics(order):
    return {"average": Cart(order["items"]).average()}
''',
    "tests/test_cart.py": """from shop.cart import Cart


def test_the_total_is_the_sum_of_the_prices():
    assert Cart(["tea", "cake"]).total() == 860


def test_an_item_without_a_price_costs_nothing():
    assert Cart(["tea", "water"]).total() == 350
""",
    "web/src/basket.js": """export function label(customer) {
  const name = customer.profile.name;
  return `${name}'s basket`;
}

export function render(session) {
  return label(session.customer);
}
""",
}

# What a browser reports of web/src/basket.js for a session without a profile.
BROWSER = """TypeError: Cannot read properties of undefined (reading 'name')
    at label (webpack:///./web/src/basket.js:2:33)
    at render (webpack:///./web/src/basket.js:7:10)
    at HTMLButtonElement.onclick (https://shop.example/static/main.js:1:80211)"""

CALLS: Mapping[str, tuple[str, Any]] = {
    "unknown item": ("pay", {"id": 4711, "items": ["tea", "scone"]}),
    "empty cart": ("statistics", {"id": 4712, "items": []}),
}


# Calls the shop, and tells of its crash what a logger and what Sentry's SDK would.
_RUN = """
import json, os, sys, traceback
sys.dont_write_bytecode = True
sys.path.insert(0, os.getcwd())
from shop import checkout
try:
    getattr(checkout, sys.argv[1])(json.loads(sys.argv[2]))
except Exception as error:
    told = traceback.TracebackException.from_exception(error)
    del told.stack[0]
    relative = [os.path.relpath(frame.filename) for frame in told.stack]
    frames = [
        {"filename": path, "abs_path": frame.filename, "module": path[:-3].replace("/", "."), "function": frame.name,
         "lineno": frame.lineno, "context_line": frame.line, "in_app": True}
        for path, frame in zip(relative, told.stack)
    ]
    print(json.dumps({"kind": type(error).__name__, "message": str(error), "text": "".join(told.format()).rstrip(), "frames": frames}))
"""


@dataclass(frozen=True, slots=True)
class Crash:
    """A crash of the shop: its traceback as Python prints it, and as Sentry's frames."""

    kind: str
    message: str
    text: str
    frames: tuple[Mapping[str, Any], ...]


def make(folder: Path) -> str:
    """The shop as a git repository in ``folder``; the sha of its commit."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=shop", "-c", "user.email=shop@example.com", "commit", "--quiet", "--message", "A small shop")
    return git(folder, "rev-parse", "HEAD")


def crash(folder: Path, name: str) -> Crash:
    """Runs the shop in a process of its own until it crashes."""
    function, order = CALLS[name]
    command = [sys.executable, "-c", _RUN, function, json.dumps(order)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603
    told = json.loads(done.stdout)
    return Crash(told["kind"], told["message"], told["text"], tuple(told["frames"]))


def sentry_event(crashed: Crash, release: str, at: datetime) -> bytes:
    """The crash as Sentry's `event_alert` webhook tells it."""
    exception = {"type": crashed.kind, "value": crashed.message, "stacktrace": {"frames": list(crashed.frames)}}
    event = {
        "event_id": hashlib.md5(crashed.text.encode(), usedforsecurity=False).hexdigest(),
        "issue_id": "1",
        "platform": "python",
        "level": "error",
        "datetime": at.isoformat(),
        "release": release,
        "environment": "production",
        "exception": {"values": [exception]},
        "tags": [["service", "shop"]],
        "web_url": "https://sentry.io/organizations/shop/issues/1/events/1/",
    }
    return json.dumps({"action": "triggered", "data": {"event": event, "triggered_rule": "Any error"}}).encode()


def slack_alert(text: str, at: datetime) -> bytes:
    """An alert that another app posted in a channel, as Slack's Events API tells it."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    ts = f"{at.timestamp():.6f}"
    message = {"type": "message", "subtype": "bot_message", "bot_id": "B0ALERTS", "channel": "C0ALERTS", "ts": ts, "text": escaped}
    event_id = "Ev" + hashlib.md5((ts + text).encode(), usedforsecurity=False).hexdigest()[:9].upper()
    return json.dumps(
        {"type": "event_callback", "team_id": "T0SHOP", "api_app_id": "A0TRIAGED", "event_id": event_id, "event": message}
    ).encode()


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True, timeout=30)  # noqa: S603, S607
    return done.stdout.strip()
