"""Which apps live and what Slack counts, in Redis and by its clock."""

from bot.jobs.state import State
from bot.model.presence import Headcount, Rhythm


class RedisPresence:
    """The port `Presence`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def lives(self, app: str, rhythm: Rhythm) -> None:
        await self._state.call("app_lives", app, _ms(rhythm.lease))

    async def ended(self, app: str) -> None:
        await self._state.call("app_ended", app)

    async def take_count(self, rhythm: Rhythm) -> bool:
        return bool(await self._state.call("take_count", _ms(rhythm.again)))

    async def note_count(self, connections: int, rhythm: Rhythm) -> None:
        pauses = (_ms(rhythm.grace), _ms(rhythm.calm), _ms(rhythm.again))
        await self._state.call("note_count", connections, *pauses)

    async def headcount(self) -> Headcount | None:
        found = await self._state.call("headcount")
        if not found:
            return None
        connections, apps, strange, age = found
        return Headcount(connections, apps, bool(strange), age / 1000)

    async def count_no_more(self) -> None:
        await self._state.call("count_no_more")


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
