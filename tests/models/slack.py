"""The part of Slack that is asked for what its events have missed, and those events.

https://docs.slack.dev/reference/methods/conversations.history, https://docs.slack.dev/apis/web-api/rate-limits
"""

import base64
import json
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "slack-bot-token"
TEAM, APP, BOT, USER = "T0SHOP", "A0TRIAGED", "B0TRIAGED", "U0TRIAGED"


class Slack:
    """One workspace. The app is a member of the channels it was invited to."""

    def __init__(self):
        self.channels = {}
        self.invited = set()
        self.asked = []
        self.limited = 0
        """So many requests to come hear 429."""
        self.scopes = {"channels:history"}
        self.most = 1_000

    def said(self, channel, at, text, **more):
        """A message of another app; the event that tells of it."""
        ts = f"{at.timestamp():.6f}"
        message = {"type": "message", "subtype": "bot_message", "bot_id": "B0ALERTS", "ts": ts, "text": text, **more}
        self.channels.setdefault(channel, []).append(message)
        self.invited.add(channel)
        event = {**message, "channel": channel}
        return json.dumps(
            {
                "type": "event_callback",
                "team_id": TEAM,
                "api_app_id": APP,
                "event_id": f"Ev{ts.replace('.', '')}",
                "authorizations": [{"user_id": USER, "is_bot": True}],
                "event": event,
            }
        ).encode()

    def app(self):
        app = web.Application(middlewares=[self._door])
        app.router.add_get("/api/auth.test", self._us)
        app.router.add_get("/api/conversations.history", self._history)
        return app

    @web.middleware
    async def _door(self, request, handler):
        self.asked.append(request.path_qs)
        if self.limited:
            self.limited -= 1
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return await handler(request)

    async def _us(self, request):
        return web.json_response({"ok": True, "team_id": TEAM, "user_id": USER, "bot_id": BOT, "team": "shop", "user": "triaged"})

    async def _history(self, request):
        query = request.query
        if not self.scopes:
            return web.json_response({"ok": False, "error": "missing_scope", "needed": "channels:history", "provided": ""})
        if query["channel"] not in self.channels:
            return web.json_response({"ok": False, "error": "channel_not_found"})
        if query["channel"] not in self.invited:
            return web.json_response({"ok": False, "error": "not_in_channel"})
        oldest, latest, most = float(query["oldest"]), float(query["latest"]), min(int(query["limit"]), self.most)
        within = [message for message in self.channels[query["channel"]] if oldest <= float(message["ts"]) <= latest]
        within.sort(key=lambda message: float(message["ts"]), reverse=True)
        begin = int(base64.b64decode(query["cursor"]).decode().removeprefix("next:")) if "cursor" in query else 0
        more = begin + most < len(within)
        answer = {"ok": True, "messages": within[begin : begin + most], "has_more": more, "pin_count": 0}
        if more:
            answer["response_metadata"] = {"next_cursor": base64.b64encode(f"next:{begin + most}".encode()).decode()}
        return web.json_response(answer)


@asynccontextmanager
async def served(slack):
    async with TestServer(slack.app()) as server:
        yield str(server.make_url("/api")).rstrip("/")
