"""The handlers of `/pvo`: acknowledged after one round trip to Redis, authorised and run afterwards."""

from slack_bolt.app.async_app import AsyncApp

from bot.model.errors import StateUnavailable
from bot.model.run import Request, Run
from bot.slack.blocks import escape
from bot.slack.desk import Ack, Body, Desk
from bot.slack.parse import Answer, Check, Sites, find_site, parse, refuse_site, show
from bot.slack.texts import say

COMMAND = "/pvo"


def register_commands(app: AsyncApp, desk: Desk) -> None:
    """Binds `/pvo`."""

    async def answer(ack: Ack, body: Body) -> object:
        text, todo = await receive(desk, body)
        acknowledged = await ack(text)
        if todo is not None:
            desk.follow_up(body, proceed(desk, body, todo))
        return acknowledged

    app.command(COMMAND)(answer)


async def receive(desk: Desk, body: Body) -> tuple[str, Run | Check | Sites | None]:
    """The text of the acknowledgement, and what is left to do when it has been sent."""
    asked = parse(str(body.get("text") or ""))
    if isinstance(asked, Answer):
        return asked.text, None
    if not desk.people.listed(body["user_id"]):
        return say("refused.unlisted", user=body["user_id"]), None
    if isinstance(asked, Sites):
        return "", asked
    sites = desk.inventory().sites
    name = find_site(asked.site, sites)
    if name is None:
        return "", asked
    typed = f"{COMMAND} {show(str(body['text']))}"
    try:
        run = await desk.admission.record(f"command:{body['trigger_id']}", _request(body, name, asked.areas))
    except StateUnavailable:
        return say("store.down", command=typed), None
    if run is None:
        return "", None
    return say("asked", command=typed, title=escape(sites[name].title)), run


def _request(body: Body, site: str, areas: tuple[str, ...]) -> Request:
    return Request(
        site=site,
        areas=areas,
        user=body["user_id"],
        team=body["team_id"],
        channel=body["channel_id"],
        response_url=body.get("response_url"),
    )


async def proceed(desk: Desk, body: Body, todo: Run | Check | Sites) -> None:
    """Admits the run; or answers what only an operator may know: which sites there are."""
    if isinstance(todo, Run):
        await desk.admission.settle(todo)
        return
    await desk.people.admit_operator(body["user_id"], body["channel_id"])
    text = refuse_site(todo.site, desk.inventory().sites) if isinstance(todo, Check) else list_sites(desk)
    await desk.private.tell(body.get("response_url"), text)


def list_sites(desk: Desk) -> str:
    """The sites with their titles and appliances, one a line."""
    lines = (
        say(
            "sites.line",
            name=name,
            title=escape(site.title),
            sma=site.sma,
            esas=", ".join(site.esas[:5]) + (f" … ({len(site.esas)})" if len(site.esas) > 5 else ""),
        )
        for name, site in sorted(desk.inventory().sites.items())
    )
    return say("sites", lines="\n".join(lines))
