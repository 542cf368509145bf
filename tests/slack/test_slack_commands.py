"""The rest of `/pvo`: how sites are and were, what findings mean, watch, mute, health; to the asker only."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.jobs.queue import Checks
from bot.jobs.redis import connected
from bot.jobs.state import State
from bot.jobs.watches import RedisWatches
from bot.model.watch import Entry
from tests.slack import make
from tests.slack.office import Office, audited


def entry(minutes: int, verdict: str = "healthy", **more: object) -> Entry:
    at = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
    return Entry.model_validate({"run": f"01RUN{9999 - minutes}", "at": at, "verdict": verdict} | more)


@pytest.fixture
def book(office: Office) -> RedisWatches:
    return RedisWatches(office.redis, State(office.redis), Checks(office.redis))


async def told(office: Office, line: str, user: str = make.OPERATOR) -> str:
    """What somebody is told, in text and blocks, after typing a line."""
    before = len(office.whispers(user))
    await office.workspace.people.type(user, "C0OPS", line)
    await office.until(lambda: len(office.whispers(user)) > before)
    message = office.workspace.state.messages.ephemerals(user)[-1]
    return f"{message.text} {message.blocks}"


async def test_status_tells_the_last_verdicts_and_runs_nothing(office: Office, book: RedisWatches) -> None:
    async with office.app():
        assert "not checked yet" in await told(office, "/pvo status")
        causes = ("tls.ciphers.admit-anonymous esa-a1", "setup.service.sma-suspended sma-a")
        await book.note("site-a", entry(3, "broken", causes=causes))
        status = await told(office, "/pvo status SITE-A")
    assert "1 broken" in status
    assert (
        "*Site A* (`site-a`): broken, 3 min ago, `tls.ciphers.admit-anonymous` on esa-a1 and 1 more" in status
    )
    assert office.cards() == []


async def test_history_is_a_small_plot_with_changes(office: Office, book: RedisWatches) -> None:
    async with office.app():
        assert "has not been checked as a whole" in await told(office, "/pvo history site-a")
        for minutes, verdict, waiting in (
            (40, "healthy", 0),
            (30, "broken", 400),
            (20, "broken", 200),
            (10, "healthy", 0),
        ):
            await book.note("site-a", entry(minutes, verdict, waiting=waiting))
        history = await told(office, "/pvo history site-a")
    assert "4 whole checks" in history
    assert "verdict  ▁██▁\\nwaiting  ▁█▅▁  0 to 400 recipients\\n" in history
    assert "▁ healthy, █ broken" in history
    assert history.count("• ") == 2


async def test_explain_tells_anybody_what_a_finding_means(office: Office) -> None:
    async with office.app():
        meaning = await told(office, "/pvo explain tls.ciphers.admit-anonymous", "U0APPROVER")
        unknown = await told(office, "/pvo explain tls.ciphers.admit-anonymus", "U0APPROVER")
    assert "What to do:" in meaning
    assert "tls.ciphers.admit-anonymous" in meaning
    assert "Did you mean `tls.ciphers.admit-anonymous`" in unknown


async def test_health_says_that_nobody_works(office: Office) -> None:
    async with office.app():
        health = await told(office, "/pvo health")
    assert "The bot is not well" in health
    assert "workers: none" in health
    assert "Socket Mode, 1 connections" in health


async def test_health_says_that_redis_is_away(office: Office) -> None:
    async with connected("unix:///nonexistent/redis", patient=False) as nowhere:
        watches = RedisWatches(nowhere, State(nowhere), Checks(nowhere))
        office.stores = replace(office.stores, watches=watches)
        async with office.app():
            assert "does not answer" in await told(office, "/pvo health")
            assert "job store" in await told(office, "/pvo status")


@pytest.mark.parametrize(
    "line", ["status", "history site-a", "health", "watch site-a on", "mute site-a 1h x"]
)
async def test_guests_are_told_nothing_and_order_nothing(
    office: Office, book: RedisWatches, line: str
) -> None:
    async with office.app():
        assert "Guests" in await told(office, f"/pvo {line}", make.GUEST)
    orders = await book.orders()
    assert (orders.switches, orders.mutes) == ({}, {})


@pytest.mark.parametrize("line", ["status site-b", "history site-b", "watch site-b on", "mute site-b 1h x"])
async def test_a_site_that_does_not_exist_is_answered_with_the_closest(office: Office, line: str) -> None:
    async with office.app():
        assert "Did you mean `site-a`" in await told(office, f"/pvo {line}")


async def test_watch_and_mute_are_remembered_and_confirmed(office: Office, book: RedisWatches) -> None:
    async with office.app():
        assert "`*/15 * * * *`, UTC" in await told(office, "/pvo watch site-a on")
        assert "is muted until" in await told(office, "/pvo mute site-a 2h Moving to <!channel>")
        orders = await book.orders()
        assert (orders.switches["site-a"].on, orders.switches["site-a"].channel) == (True, "C0OPS")
        assert orders.mutes["site-a"].reason == "Moving to <!channel>"
        status = await told(office, "/pvo status site-a")
        assert "muted until" in status
        assert "<!channel>" not in status
        assert "is not muted any more" in await told(office, "/pvo mute site-a off")
        assert "is not watched any more" in await told(office, "/pvo watch site-a off")
    orders = await book.orders()
    assert (orders.switches["site-a"].on, orders.mutes) == (False, {})
    rows = await audited(office)
    assert [(event, reason) for event, _, _, _, reason in rows if reason in ("on", "off")] == [
        ("watch", "on"),
        ("muted", "off"),
        ("watch", "off"),
    ]
    assert {(site, actor, channel) for _, site, actor, channel, _ in rows} == {
        ("site-a", "U0OPERATOR", "C0OPS")
    }


async def test_results_go_to_no_channel_where_the_bot_may_not_show_them(
    office: Office, book: RedisWatches
) -> None:
    site = office.inventory.sites["site-a"].model_copy(update={"channel": "C0SHARED"})
    office.inventory = office.inventory.model_copy(update={"sites": {"site-a": site}})
    async with office.app():
        assert "shared with another organisation" in await told(office, "/pvo watch site-a on")
    assert (await book.orders()).switches == {}


async def test_people_are_spoken_to_in_their_language(office: Office) -> None:
    office.inventory = make.inventory(operators=("U0SECOND",))
    async with office.app():
        first = await told(office, "/pvo", "U0SECOND")
        again = await told(office, "/pvo nada", "U0SECOND")
        card = await office.check(user="U0SECOND")
    assert "averigua por qué" in first
    assert "No existe `/pvo nada`" in again
    assert "en cola" in card.text


async def test_the_first_check_of_a_spanish_speaker_is_in_spanish(office: Office) -> None:
    office.inventory = make.inventory(operators=("U0SECOND",))
    async with office.app():
        card = await office.check(user="U0SECOND")
        await office.until(lambda: len(office.whispers("U0SECOND")) == 1)
    assert "en cola" in card.text
    assert "recibido" in office.whispers("U0SECOND")[0]
    run = await office.runs.get(office.run_of(card))
    assert run is not None
    assert run.request.language == "es"
