"""Delivers the messages of approval requests: posted once, edited whenever something became of them."""

import asyncio
from contextlib import suppress

import structlog

from bot.model.errors import StateUnavailable
from bot.model.remediation import Remediation
from bot.remediation.approve import approvers_of
from bot.remediation.rows import about
from bot.slack.access import Refusal
from bot.slack.desk import Desk
from bot.slack.posting.pace import Later
from bot.slack.posting.posts import Frozen, Gone
from bot.slack.views.blocks import Post
from bot.slack.views.request import render_request

log = structlog.get_logger()

AGAIN, LONGEST = 5.0, 60.0
"""Seconds until a message is tried again that had no answer because of us, and at most where Slack gave none."""


class Announcer:
    """Any number of apps may announce: each request is leased to one of them at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._notices = desk.stores.notices
        self._failures: dict[str, int] = {}

    async def run(self) -> None:
        """Announces for ever; cancel it to stop, what is in hand goes on."""
        while True:
            try:
                async for remediation in self._notices.due():
                    self._desk.work.start(self._announce(remediation))
            except StateUnavailable as error:
                log.warning("notices.unavailable", reason=str(error))
            await asyncio.sleep(1)

    async def _announce(self, remediation: Remediation) -> None:
        pause: float | None = None
        shown = remediation
        try:
            shown = await self._show(remediation)
        except Later as later:
            pause = self._back_off(remediation) if later.seconds is None else later.seconds
            log.info("request.later", seconds=pause, reason=str(later), **about(remediation))
        except (Gone, Frozen) as gone:
            log.error("request.undeliverable", reason=str(gone), **about(remediation))
        except (Refusal, StateUnavailable) as reason:
            log.warning("request.not-delivered", reason=str(reason), **about(remediation))
            pause = AGAIN
        except Exception:  # one message must not stop the others
            log.exception("request.failed", **about(remediation))
            pause = AGAIN
        else:
            self._failures.pop(remediation.id, None)
        with suppress(StateUnavailable):  # the lease lapses then
            await self._give_back(shown, pause)

    def _back_off(self, remediation: Remediation) -> float:
        """Seconds until the next try: 1, 2, 4 … 60."""
        failures = self._failures.get(remediation.id, 0)
        self._failures[remediation.id] = failures + 1
        return float(min(2**failures, LONGEST))

    async def _give_back(self, shown: Remediation, pause: float | None) -> None:
        if pause is None:
            await self._notices.settle(shown)
        else:
            await self._notices.release(shown, pause)

    async def _show(self, remediation: Remediation) -> Remediation:
        """The remediation as its message shows it now."""
        post = self._render(remediation)
        if remediation.message is None:
            return await self._post(remediation, post)
        await self._desk.posts.edit(remediation.message.channel, remediation.message.ts, post)
        return remediation

    async def _post(self, remediation: Remediation, post: Post) -> Remediation:
        request = remediation.request
        assert request, "only requests are announced"
        if remediation.state.final:  # it ended before anybody could be asked
            return remediation
        await self._desk.people.admit_place(request.channel)
        carried = {"run": remediation.proposal.run, "request": remediation.id}
        # An app may have died between posting and recording: then the message is there already.
        ts = await self._desk.posts.find(request.channel, carried, None, request.at)
        ts = ts or await self._desk.posts.post(request.channel, carried, post)
        posted = await self._desk.stores.remediations.posted(remediation.id, request.channel, ts)
        log.info("request.posted", channel=request.channel, **about(remediation))
        return posted if self._render(posted) == post else remediation

    def _render(self, remediation: Remediation) -> Post:
        inventory, name = self._desk.inventory(), remediation.proposal.site
        site = inventory.sites.get(name)
        approvers = approvers_of(inventory, name) if site else ()
        return render_request(remediation, site.title if site else name, approvers)
