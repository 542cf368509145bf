"""Modals that ask for a channel or a reason, pure; and how one is opened before it is known what will stand in it."""

import asyncio
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.diagnosis.redact import redact
from bot.slack.access import Refusal
from bot.slack.desk import Body, Desk, user_of
from bot.slack.texts import DEFAULT, Told, Voice, tell
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json
from bot.slack.views.details import TITLE, render_notice

log = structlog.get_logger()

TO, CHANNEL = "to", "channel"
WHY, REASON, LONGEST_REASON = "why", "reason", 300
LOADING = tell("details.loading")
ACKNOWLEDGED = (0.0, 0.2, 0.4, 0.8, 1.6)
"""Seconds between looks for whether Slack has applied an acknowledgement; it takes none after three."""


def pick_channel(label: str, hint: str, initial: str | None = None) -> Json:
    """An input with a channel; what Slack offers is a convenience, so whatever comes back is checked."""
    select: Json = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": kit.plain(hint, 150),
        "filter": {
            "include": ["public", "private"],
            "exclude_external_shared_channels": True,
            "exclude_bot_users": True,
        },
    }
    select |= {"initial_conversation": initial} if initial else {}
    return {"type": "input", "block_id": TO, "label": kit.plain(label), "element": select}


def ask(callback: str, words: tuple[str, str, str], metadata: str, blocks: list[Json]) -> Json:
    """A modal to submit; `words` are its title and its two buttons."""
    title, submit, close = words
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "title": kit.plain(title, TITLE),
        "submit": kit.plain(submit, TITLE),
        "close": kit.plain(close, TITLE),
        "blocks": blocks,
    }


def ask_reason(label: str, hint: str) -> Json:
    """An input with the reason for something, which others will read."""
    typed = {
        "type": "plain_text_input",
        "action_id": REASON,
        "multiline": True,
        "max_length": LONGEST_REASON,
        "placeholder": kit.plain(hint, 150),
    }
    return {"type": "input", "block_id": WHY, "label": kit.plain(label), "element": typed}


def reason_of(body: Body) -> str:
    """The reason that was typed, redacted, or nothing."""
    values = body["view"]["state"]["values"]
    return redact(str(((values.get(WHY) or {}).get(REASON) or {}).get("value") or "").strip())


def picked(body: Body) -> str:
    """The channel that was picked, or nothing."""
    values = body["view"]["state"]["values"]
    return str(((values.get(TO) or {}).get(CHANNEL) or {}).get("selected_conversation") or "")


async def open_loading(
    desk: Desk, body: Body, loading: Told = LOADING, title: str = "details.title"
) -> tuple[str, str]:
    """Opens a modal at once, since Slack waits three seconds only; its id and hash. Raises `Refusal`."""
    team = body["user"].get("team_id", desk.identity.team)
    if team != desk.identity.team and not desk.identity.enterprise:
        raise Refusal(tell("refused.team"))
    voice = desk.people.known_voice(user_of(body)) or DEFAULT
    try:
        opened: Any = await desk.client.views_open(
            trigger_id=body["trigger_id"], view=render_notice(loading, voice, title)
        )
    except SlackApiError as error:
        log.info("modal.not-opened", error=str(error.response.get("error")))
        raise Refusal(tell("details.late")) from error
    return opened["view"]["id"], opened["view"]["hash"]


async def fill(desk: Desk, opened: tuple[str, str], view: Json) -> None:
    """Shows what should stand in the modal, unless it was closed meanwhile: nobody waits for it then."""
    try:
        await desk.client.views_update(view_id=opened[0], hash=opened[1], view=view)
    except SlackApiError as error:
        log.info("modal.not-filled", error=str(error.response.get("error")))


async def conclude(desk: Desk, body: Body, told: Told, title: str = "details.title") -> None:
    """Says in the submitted modal how it ended, as the last word.

    The acknowledgement, which says that something is done (`busy`), goes another way than this call, and Slack may
    apply it later. That is yet to come while the view has the hash that we know.
    """
    view, known = render_notice(told, await desk.voice(body), title), str(body["view"]["hash"])
    for pause in ACKNOWLEDGED:
        await asyncio.sleep(pause)
        try:
            shown: Any = await desk.client.views_update(view_id=body["view"]["id"], hash=known, view=view)
            known = shown["view"]["hash"]
        except SlackApiError as error:
            if error.response.get("error") == "hash_conflict":
                await fill(desk, (body["view"]["id"], ""), view)
            else:
                log.info("modal.not-concluded", error=str(error.response.get("error")))
            return


def busy(told: Told, voice: Voice, title: str = "details.title") -> Json:
    """The answer to a submission: the modal stays, and says that something is done."""
    return {"response_action": "update", "view": render_notice(told, voice, title)}
