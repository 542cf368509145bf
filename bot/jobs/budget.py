"""How fast Slack may be called, counted in Redis so that all apps together stay within it."""

from bot.jobs.state import State
from bot.model.ports import Rate


class RedisBudget:
    """The port `Budget` over a hasty connection."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def reserve(self, key: str, rate: Rate, patience: float) -> float:
        wait = await self._state.call("reserve_call", key, _ms(rate.interval), _rest(rate), _ms(patience))
        return float(wait) / 1000

    async def hold(self, key: str, rate: Rate, seconds: float) -> None:
        await self._state.call("pause_calls", key, _rest(rate), _ms(seconds))


def _rest(rate: Rate) -> int:
    return _ms(rate.interval * (rate.burst - 1))


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
