"""Cards that are due: each leased to one app at a time, until it shows what its run has become."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from ulid import ULID

from bot.jobs.redis import BLOCKING
from bot.jobs.state import State
from bot.model.errors import StateUnavailable
from bot.model.run import Card, Run

LEASE = 15.0
"""Seconds after which another app takes over the cards of one that died."""

LONGEST_DELIVERY = 300.0
"""Seconds after which a delivery that neither settled nor released is taken for hung, and its card is due again."""

_SHORTEST_NAP = 0.01  # 0 would be for ever

_Name = tuple[str, str]  # run, channel

log = structlog.get_logger()


class RedisOutbox:
    """The port `Outbox` over a patient connection."""

    def __init__(self, state: State, lease: float = LEASE) -> None:
        self._state = state
        self._lease = lease
        self._milliseconds = round(1000 * lease)
        self._holder = str(ULID())
        self._held: dict[_Name, float] = {}
        self._keeping: asyncio.Task[None] | None = None

    async def due(self) -> AsyncIterator[Card]:
        while True:
            if card := await self._next():
                yield card

    async def posted(self, card: Card, key: str, ts: str) -> Card:
        await self._state.call("record", card.run, card.channel, "ts" if key == "card" else f"post:{key}", ts)
        if key == "card":
            return card.model_copy(update={"ts": ts})
        return card.model_copy(update={"posts": card.posts | {key: ts}})

    async def settle(self, card: Card, run: Run) -> None:
        await self._give_back("settle", card, run.version)

    async def release(self, card: Card, seconds: float) -> None:
        await self._give_back("release", card, round(1000 * seconds))

    async def find(self, run: str, channel: str) -> Card | None:
        return await read_card(self._state, run, channel)

    async def _give_back(self, function: str, card: Card, argument: int) -> None:
        # First here: the card may be due again, and come back, before the answer of Redis does.
        self._held.pop((card.run, card.channel), None)
        await self._state.call(function, self._holder, card.run, card.channel, argument)

    async def _next(self) -> Card | None:
        """A card now leased to this app; None when it should ask again."""
        try:
            wait, *found = await self._state.call("take_card", self._holder, self._milliseconds)
            if found:
                return await self._hold(_split(found[0].decode()))
            longest = BLOCKING if wait < 0 else min(wait / 1000, BLOCKING)
            await self._state.nap(max(longest, _SHORTEST_NAP))
        except StateUnavailable as error:  # Redis is there, and refuses
            log.warning("outbox.refused", error=str(error))
            await asyncio.sleep(BLOCKING)
        return None

    async def _hold(self, name: _Name) -> Card | None:
        # After an outage our own lease may have run out while the card is still being delivered here.
        if name in self._held:
            return None
        card = await read_card(self._state, *name)
        if card is None:
            return None
        self._held[name] = time.monotonic()
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())
        return card

    async def _keep(self) -> None:
        """Keeps up the leases while there are any, also when no more cards are taken."""
        while self._held:
            await asyncio.sleep(self._lease / 3)
            for name, since in list(self._held.items()):
                if time.monotonic() - since > LONGEST_DELIVERY:
                    self._held.pop(name, None)
                    log.warning("outbox.hung", run=name[0], channel=name[1])
                    continue
                with suppress(StateUnavailable):  # the next card that is asked for says so
                    await self._state.call("keep_card", self._holder, self._milliseconds, *name)


async def read_card(state: State, run: str, channel: str) -> Card | None:
    """The card of a run in a channel, with what has been posted of it; raises `StateUnavailable`."""
    key = f"pvo:card:{run}:{channel}"
    fields = await state.read(key)
    if not fields:
        return None
    if "user" not in fields:
        await state.set_aside(key, "not a card")
        return None
    posts = {name.removeprefix("post:"): ts for name, ts in fields.items() if name.startswith("post:")}
    return Card(run=run, channel=channel, user=fields["user"], ts=fields.get("ts"), posts=posts)


def _split(name: str) -> _Name:
    run, channel = name.split(" ")
    return run, channel
