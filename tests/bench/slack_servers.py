"""Processes for the bench of the Slack app: a workspace, and the least that can acknowledge a command."""

import asyncio
import json
import sys

from aiohttp import web
from redis.asyncio import Redis

from bot.lab.workspace import Workspace
from bot.slack.wire.http import Guard


async def serve_workspace() -> None:
    """A workspace; prints what an app needs to know about it."""
    async with Workspace() as workspace:
        told = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SLACK_API_URL": workspace.api_url,
        }
        print(json.dumps(told), flush=True)
        await asyncio.Event().wait()


async def serve_bare(port: int, secret: str, redis_url: str) -> None:
    """A handler that verifies the signature and does one XADD."""
    guard, redis = Guard(secret), Redis.from_url(redis_url)

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        if guard.judge(request.headers, body) is not None:
            return web.Response(status=401)
        await redis.xadd("bare", {"body": body}, maxlen=10_000)
        return web.Response(text="received")

    app = web.Application()
    app.add_routes([web.post("/slack/events", receive)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    asyncio.run(serve_workspace() if kind == "workspace" else serve_bare(int(rest[0]), rest[1], rest[2]))
