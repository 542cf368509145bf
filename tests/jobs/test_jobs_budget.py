"""The budget of Slack's methods over a real Redis: shared by all apps, with a burst and pauses."""

from bot.jobs.budget import RedisBudget
from bot.jobs.redis import Client
from bot.jobs.state import State
from bot.model.ports import Rate

SLOW = Rate(interval=100.0, burst=3)


async def test_a_burst_then_one_an_interval_for_all_apps_together(client: Client) -> None:
    one, other = RedisBudget(State(client)), RedisBudget(State(client))
    assert [await app.reserve("m C1", SLOW, 2.0) for app in (one, other, one)] == [0.0, 0.0, 0.0]

    wait = await other.reserve("m C1", SLOW, 2.0)
    assert 90 < wait <= 100
    assert await one.reserve("m C2", SLOW, 2.0) == 0.0


async def test_what_is_refused_takes_nothing(client: Client) -> None:
    budget = RedisBudget(State(client))
    for _ in range(3):
        await budget.reserve("m", SLOW, 2.0)
    waits = [await budget.reserve("m", SLOW, 2.0) for _ in range(5)]
    assert max(waits) <= 100


async def test_those_in_less_haste_leave_some_of_the_burst(client: Client) -> None:
    budget, modest = RedisBudget(State(client)), Rate(interval=100.0, burst=1)
    assert await budget.reserve("m", modest, 0.0) == 0.0
    assert await budget.reserve("m", modest, 0.0) > 0
    assert await budget.reserve("m", SLOW, 0.0) == 0.0


async def test_after_slack_said_to_wait_nobody_calls(client: Client) -> None:
    budget = RedisBudget(State(client))
    await budget.hold("m", SLOW, 30.0)
    assert 29 < await RedisBudget(State(client)).reserve("m", SLOW, 2.0) <= 30
