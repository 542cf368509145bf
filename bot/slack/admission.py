"""From an acknowledged request to a queued run, or to a private refusal; what a dead app left is taken up."""

import asyncio
from collections.abc import Callable

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.errors import StateUnavailable
from bot.model.inventory import Inventory
from bot.model.ports import Runs
from bot.model.run import Admission as Admitted
from bot.model.run import Card, Request, Run
from bot.slack.access import People, Refusal
from bot.slack.posting.replies import Private
from bot.slack.texts import Voice, tell
from bot.slack.views.blocks import escape
from bot.slack.wire.work import Work
from bot.tracing.spans import carrier

log = structlog.get_logger()

ROUND_TRIP, LEFT_BEHIND = 0.5, 5.0


class Admission:
    """Records requests before they are acknowledged, and admits or refuses them afterwards."""

    def __init__(
        self,
        runs: Runs,
        people: People,
        private: Private,
        client: AsyncWebClient,
        inventory: Callable[[], Inventory],
    ) -> None:
        self._runs = runs
        self._people = people
        self._private = private
        self._client = client
        self._inventory = inventory

    async def record(self, key: str, request: Request) -> Run | None:
        """One round trip before the acknowledgement; None for an envelope that was seen before.

        Raises `StateUnavailable` after half a second; whether the request was recorded is not known then.
        """
        request = request.model_copy(update={"trace": carrier()})
        try:
            return await asyncio.wait_for(self._runs.ask(key, request), ROUND_TRIP)
        except (StateUnavailable, TimeoutError) as error:
            log.error("run.not-recorded", site=request.site, reason=str(error) or "no answer in time")
            raise StateUnavailable(str(error)) from error

    async def settle(self, run: Run) -> None:
        """Admits or refuses an asked run; several apps may do so at once, and one of them succeeds."""
        request = run.request
        try:
            admitted = await self.decide(run)
        except Refusal as refusal:
            voice = await self._people.voice(request.user or "")
            await self._private.tell(request.response_url, refusal.told(voice))
            return
        if admitted is not None and admitted.joined is not None:
            voice = await self._people.voice(request.user or "")
            await self._private.tell(
                request.response_url, await self._point_to(admitted.joined, request, voice)
            )

    async def decide(self, run: Run) -> Admitted | None:
        """What became of an asked run; None when somebody else has decided; raises `Refusal` once refused here."""
        request = run.request
        if request.user is None:  # the schedule asked
            return await self._runs.admit(run.id)
        try:
            await self._people.admit_operator(request.user, request.channel)
            if request.site not in self._inventory().sites:
                raise Refusal(tell("site.unknown", word=escape(request.site), nearest=""))
        except Refusal:
            if not await self._runs.refuse(run.id):
                return None
            log.info("run.refused", run=run.id, site=request.site, user=request.user)
            raise
        return await self._runs.admit(run.id, (await self._people.voice(request.user)).language)

    async def _point_to(self, card: Card, request: Request, voice: Voice) -> str:
        title = escape(self._inventory().sites[request.site].title)
        if card.ts is None:
            return voice.say("asked.joined.unposted", title=title)
        try:
            answer = await self._client.chat_getPermalink(channel=card.channel, message_ts=card.ts)
        except (SlackClientError, ClientError, TimeoutError):
            return voice.say("asked.joined.unposted", title=title)
        return voice.say("asked.joined", title=title, link=voice.say("link", url=answer["permalink"]))


async def take_up(admission: Admission, runs: Runs, work: Work, stop: asyncio.Event) -> None:
    """Settles, until `stop`, what an app acknowledged and then died over."""
    while not stop.is_set():
        try:
            for run in await runs.asked(LEFT_BEHIND):
                with work.here():
                    await _take_up_one(admission, run)
        except StateUnavailable as error:  # the next round finds the same runs
            log.warning("run.not-taken-up", reason=str(error))
        try:
            await asyncio.wait_for(stop.wait(), LEFT_BEHIND)
        except TimeoutError:
            continue


async def _take_up_one(admission: Admission, run: Run) -> None:
    log.info("run.taken-up", run=run.id, site=run.request.site)
    try:
        await admission.settle(run)
    except StateUnavailable:
        raise
    except Exception:  # one run must not stop the others, nor the app
        log.exception("run.not-taken-up", run=run.id, site=run.request.site)
