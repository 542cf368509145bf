"""What one check has asked or found, the others of the run are given; nothing is asked or found twice."""

import asyncio

import pytest

from bot.asyncos.commands.grep import Grep
from bot.asyncos.commands.version import version
from bot.diagnosis.asking import Asking
from bot.facts.log import read_cpq_log
from bot.model.errors import Skipped
from bot.model.subject import Node
from tests.checks.recorded import AT, CASES, Recorded, inventory, read_toml


@pytest.fixture
def recorded() -> Recorded:
    return Recorded(read_toml(CASES / "site-a.toml"))


@pytest.fixture
def asking(recorded: Recorded) -> Asking:
    site = inventory()
    return Asking(recorded, site.sites["site-a"].limits, lambda: AT, site.subjects("site-a"))


def esa(asking: Asking) -> Node:
    return next(one for one in asking.subjects if isinstance(one, Node) and one.product == "esa")


async def test_equal_questions_at_once_and_later_have_one_answer(asking: Asking, recorded: Recorded) -> None:
    first, second = await asyncio.gather(*(asking.ask("sma-a", version()) for _ in range(2)))
    assert first is second
    assert await asking.ask("sma-a", version()) is first
    assert recorded.asked == [("sma-a", "version")]


async def test_a_log_is_read_once_for_all_that_name_the_same_port(asking: Asking) -> None:
    node = esa(asking)
    first, second = await asyncio.gather(read_cpq_log(asking, node), read_cpq_log(asking, node, 7025))
    assert first is second
    assert await read_cpq_log(asking, node, 7026) is not first


async def test_who_gives_up_takes_nothing_from_who_waits(asking: Asking) -> None:
    found = asyncio.Event()

    async def find() -> Grep:
        await found.wait()
        return Grep((), False)

    impatient = asyncio.create_task(asking.share("search", find))
    patient = asyncio.create_task(asking.share("search", find))
    await asyncio.sleep(0)
    impatient.cancel()
    found.set()
    assert await patient == Grep((), False)


async def test_what_cannot_be_found_is_told_to_each(asking: Asking) -> None:
    times = 0

    async def find() -> Grep:
        nonlocal times
        times += 1
        raise Skipped("no-mail-log", appliance="esa-a1")

    told = await asyncio.gather(*(asking.share("search", find) for _ in range(3)), return_exceptions=True)
    assert [getattr(error, "reason", None) for error in told] == ["no-mail-log"] * 3
    assert times == 1


async def test_a_run_that_ends_leaves_nothing_behind(asking: Asking) -> None:
    async def find() -> Grep:
        await asyncio.Event().wait()
        raise AssertionError

    waiting = asyncio.create_task(asking.share("search", find))
    await asyncio.sleep(0)
    await asking.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
