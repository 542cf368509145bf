"""Delivers what the outbox holds: the card, its edits, and after the verdict the thread, each of them once."""

import asyncio
import time
from contextlib import suppress

import structlog

from bot.model.errors import StateUnavailable, Unusable
from bot.model.report import Report
from bot.model.run import Card, Run, RunState
from bot.model.watch import DIGEST, Trouble
from bot.render.picture.draw import draw_png
from bot.render.writers.json import write_json
from bot.slack.access import Refusal
from bot.slack.desk import Desk
from bot.slack.posting import pace
from bot.slack.posting.latest import read_shown
from bot.slack.posting.pace import PROGRESS, RESULT, Haste, Later
from bot.slack.posting.posts import Attachment, Frozen, Gone
from bot.slack.texts import Voice
from bot.slack.views.blocks import Json, Post
from bot.slack.views.card import Setting, headline, render_card
from bot.slack.views.digest import find_later, render_changes, render_digest, tell_troubles
from bot.slack.views.outcomes import tell_outcome
from bot.slack.views.sites import read_standings
from bot.slack.views.thread import render_later, render_thread
from bot.tracing.spans import follow

log = structlog.get_logger()

AT_ONCE, LONGEST, NOBODY = 8, 60.0, 3600.0
STALE = 30.0
"""Seconds after which a digest no longer lets others go first."""
CARD, REPLACEMENT, PICTURE, REPORT = "card", "replacement", "picture", "report"


class Delivery:
    """Shows runs in their channels; any number of apps may, since the outbox leases each card to one.

    Before each post its intent (`key?`) is recorded, and after it the ts. An intent without a ts means that an
    app died or an answer was lost in between: only then is Slack asked whether the post is there already.
    """

    def __init__(self, desk: Desk) -> None:
        self._stores = desk.stores
        self._outbox = desk.stores.outbox
        self._posts = desk.posts
        self._people = desk.people
        self._inventory = desk.inventory
        self._work = desk.work
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._failures: dict[tuple[str, str], int] = {}
        self._waiting: dict[tuple[str, str], float] = {}

    async def run(self) -> None:
        """Delivers for ever; cancel it to stop taking cards, what is in hand goes on."""
        while True:
            try:
                async for card in self._outbox.due():
                    await self._slots.acquire()
                    self._work.start(self._deliver(card))
            except StateUnavailable as error:
                log.warning("outbox.unavailable", reason=str(error))
            await asyncio.sleep(1)

    async def _deliver(self, card: Card) -> None:
        try:
            await self._deliver_leased(card)
        except StateUnavailable as error:
            log.warning("card.state-unavailable", run=card.run, channel=card.channel, reason=str(error))
            await self._give_back(card)
        except Exception:  # one card must not stop the others
            log.exception("card.failed", run=card.run, channel=card.channel)
            await self._give_back(card)
        finally:
            self._slots.release()

    async def _give_back(self, card: Card) -> None:
        """Lets the card be tried again soon; without Redis its lease lapses."""
        with suppress(StateUnavailable):
            await self._outbox.release(card, self._back_off(card))

    async def _deliver_leased(self, card: Card) -> None:
        run = await self._stores.runs.get(card.run)
        if run is None:
            log.warning("card.without-run", run=card.run, channel=card.channel)
            await self._outbox.release(card, NOBODY)
            return
        with follow(run.request.trace, "card", run=run.id):
            await self._deliver_run(card, run)

    async def _deliver_run(self, card: Card, run: Run) -> None:
        try:
            await self._show_all(card, run)
        except Later as later:
            seconds = later.seconds if later.seconds is not None else self._back_off(card)
            self._waiting.setdefault((card.run, card.channel), time.monotonic())
            log.info("card.later", run=card.run, channel=card.channel, seconds=seconds, reason=str(later))
            await self._outbox.release(card, seconds)
            return
        except (Gone, Frozen, Refusal) as gone:
            log.error("card.undeliverable", run=card.run, channel=card.channel, reason=str(gone))
        self._failures.pop((card.run, card.channel), None)
        self._waiting.pop((card.run, card.channel), None)
        await self._outbox.settle(card, run)

    async def _show_all(self, card: Card, run: Run) -> None:
        """The card and its thread, or a digest; what the watch shows goes only where the bot may show it."""
        if not card.user:
            await self._people.admit_place(card.channel)
        if card.run.startswith(DIGEST):
            await self._show(card, run, await self._digest(card.channel, run))
            return
        troubles = await self._stores.watches.troubles(run.id) if run.request.user is None else []
        card = await self._show(card, run, await self._render(card, run, troubles))
        if run.state is RunState.DONE and run.report is not None:
            await self._show_thread(card, run, run.report)
            for key, post in render_changes(troubles, self._title, Voice(run.request.language)):
                card, _ = await self._post_once(card, run, key, post, card.ts)
            if troubles:
                await self._show_later(card, run, troubles[0])

    async def _digest(self, channel: str, run: Run) -> Post:
        shown = await read_standings(self._stores.watches, self._inventory(), channel)
        return render_digest(shown, Voice(run.request.language))

    async def _render(self, card: Card, run: Run, troubles: list[Trouble]) -> Post:
        notes = tell_troubles(troubles, self._title, Voice(run.request.language))
        fixes = await self._stores.remediations.of_run(run.id) if run.state is RunState.DONE else []
        outcome = tell_outcome(fixes, Voice(run.request.language))
        setting = Setting(self._title(run.request.site), await self._before(card, run), notes, outcome)
        shown = await read_shown(self._stores, run.id) if troubles else run
        return render_card(shown or run, setting)

    def _back_off(self, card: Card) -> float:
        """Seconds until the next try: 1, 2, 4 … 60."""
        failures = self._failures.get((card.run, card.channel), 0)
        self._failures[card.run, card.channel] = failures + 1
        return float(min(2**failures, LONGEST))

    async def _show(self, card: Card, run: Run, post: Post) -> Card:
        """The card as it should be now; one that nobody can edit any more is replaced by the final one."""
        if card.ts is None:
            card, fresh = await self._post_once(card, run, CARD, post)
            if fresh:
                return card
        assert card.ts is not None, "a card that was posted or found has a ts"
        try:
            await self._posts.edit(card.channel, card.ts, post, haste=self._haste(card, run))
        except Frozen:
            if not run.state.final:
                raise
            key = f"{REPLACEMENT}:{card.ts}"
            card, _ = await self._post_once(card, run, key, post)
            return await self._outbox.posted(card, CARD, card.posts[key])
        return card

    def _haste(self, card: Card, run: Run) -> Haste:
        """Results go first; a digest goes last, but not for ever."""
        if not run.state.final:
            return PROGRESS
        now = time.monotonic()
        fresh = now - self._waiting.get((card.run, card.channel), now) < STALE
        return pace.DIGEST if card.run.startswith(DIGEST) and fresh else RESULT

    async def _before(self, card: Card, run: Run) -> str | None:
        """The link to the card on which somebody pressed Check again; only in its own channel."""
        if run.request.repeats is None or run.request.channel != card.channel:
            return None
        return await self._posts.link_to(card.channel, run.request.repeats)

    async def _show_thread(self, card: Card, run: Run, report: Report) -> None:
        for key, post in render_thread(report).items():
            card, _ = await self._post_once(card, run, key, post, card.ts)
        await self._attach(card, run, report)

    async def _show_later(self, card: Card, run: Run, trouble: Trouble) -> None:
        """The evidence of causes that came after those of the card's own run, as the latest run found them."""
        later = dict(find_later(trouble))
        shown = await read_shown(self._stores, run.id) if later else None
        if shown is None or shown.report is None or shown.report.id == run.id:  # that run is no longer kept
            return
        for change, areas in later.items():
            for key, post in render_later(shown.report, areas).items():
                card, _ = await self._post_once(card, run, f"{key}:{change}", post, card.ts)

    async def _post_once(
        self, card: Card, run: Run, key: str, post: Post, thread: str | None = None
    ) -> tuple[Card, bool]:
        """The card with the ts under `key`, and whether it was posted just now."""
        if key in card.posts:
            return card, False
        carried: Json = {"run": run.id, "key": key}
        if _intent(key) in card.posts:
            since = None if thread else run.asked_at
            if ts := await self._posts.find(card.channel, carried, thread, since):
                log.info("post.found-again", run=run.id, channel=card.channel, key=key)
                return await self._outbox.posted(card, key, ts), False
        else:
            card = await self._outbox.posted(card, _intent(key), "")
        ts = await self._posts.post(card.channel, carried, post, thread)
        return await self._outbox.posted(card, key, ts), True

    async def _attach(self, card: Card, run: Run, report: Report) -> Card:
        """The picture of the paths, when something is wrong with them, and the full report; each once."""
        name, title = f"pvo-{report.site}-{run.id}", self._title(report.site)
        voice = Voice(report.language)
        if report.verdict != "healthy" and PICTURE not in card.posts and (picture := await _draw(report)):
            about = voice.say("file.picture", title=title, run=run.id)
            file = Attachment(f"{name}.png", about, picture, headline(report, title, voice))
            card = await self._upload_once(card, PICTURE, file)
        about = voice.say("file.title", title=title, run=run.id)
        return await self._upload_once(card, REPORT, Attachment(f"{name}.json", about, write_json(report)))

    async def _upload_once(self, card: Card, key: str, file: Attachment) -> Card:
        if card.ts is None or key in card.posts:
            return card
        found = None
        if _intent(key) in card.posts:
            found = await self._posts.find_file(card.channel, card.ts, file.name)
        else:
            await self._outbox.posted(card, _intent(key), "")
        found = found or await self._posts.upload(card.channel, card.ts, file)
        return await self._outbox.posted(card, key, found)

    def _title(self, name: str) -> str:
        site = self._inventory().sites.get(name)
        return site.title if site else name


def _intent(key: str) -> str:
    return f"{key}?"


async def _draw(report: Report) -> bytes | None:
    """The picture as PNG; None where there is nothing to draw it with."""
    try:
        return await asyncio.to_thread(draw_png, report)
    except Unusable:
        return None
    except Exception:  # a picture is no reason to lose the rest
        log.exception("picture.failed", run=report.id)
        return None
