"""When a site is due: its cron in its own time zone, spread by its name; a person's word over the inventory's."""

import datetime as dt
from typing import Any

import pytest

from bot.jobs.schedule import SPREAD, Agenda, last_due, next_due
from bot.model.inventory import Site
from bot.model.watch import EVERY, Schedule, Switch, schedule_of

NOON = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)


def site(**more: Any) -> Site:
    return Site.model_validate({"title": "Site A", "sma": "sma-a", "esas": ["esa-a1"]} | more)


def switch(on: bool) -> Switch:
    return Switch(on=on, channel="C0HERE", user="U0OPERATOR", at=NOON)


@pytest.mark.parametrize(
    ("told", "said", "expected"),
    [
        ({}, None, None),
        ({"watch": "5 * * * *", "channel": "C0SITEA"}, None, Schedule("5 * * * *", "C0SITEA")),
        ({"watch": "5 * * * *"}, None, Schedule("5 * * * *", "")),
        ({"watch": "5 * * * *"}, False, None),
        ({}, True, Schedule(EVERY, "C0HERE")),
        ({"watch": "5 * * * *", "channel": "C0SITEA"}, True, Schedule("5 * * * *", "C0SITEA")),
    ],
)
def test_a_person_overrules_the_inventory(
    told: dict[str, str], said: bool | None, expected: Schedule | None
) -> None:
    assert schedule_of(site(**told), None if said is None else switch(said)) == expected


def test_sites_of_one_schedule_are_spread_over_minutes_each_at_a_time_of_its_own() -> None:
    dues = {last_due(f"site-{n}", site(), EVERY, NOON + dt.timedelta(minutes=5)) for n in range(200)}

    assert len(dues) > 100
    assert all(due is not None and NOON <= due < NOON + SPREAD for due in dues)


def test_a_due_time_stays_until_the_next_one() -> None:
    first = last_due("site-a", site(), EVERY, NOON + SPREAD)

    assert first is not None
    assert {last_due("site-a", site(), EVERY, first + dt.timedelta(minutes=n)) for n in range(15)} == {first}
    assert last_due("site-a", site(), EVERY, first + dt.timedelta(minutes=15)) == first + dt.timedelta(
        minutes=15
    )


def test_the_schedule_goes_by_the_clock_of_the_site() -> None:
    eight = dt.datetime(2026, 11, 24, 7, 10, tzinfo=dt.UTC)  # 8:10 in Madrid
    due = last_due("site-a", site(timezone="Europe/Madrid"), "0 8 * * *", eight)

    assert due is not None
    assert eight - dt.timedelta(minutes=10) <= due <= eight
    assert last_due("site-a", site(), "0 8 * * *", eight) is None


@pytest.mark.parametrize("cron", ["nonsense", "* * * *", "61 * * * *"])
def test_an_inventory_with_an_unusable_schedule_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match="is not a cron expression"):
        site(watch=cron)


@pytest.mark.parametrize("cron", ["*/15 * * * *", "*/2 * * * *", "0 8,20 * * *", "30 2 * * SUN"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Madrid"])
def test_the_next_due_time_is_the_first_that_is_due(cron: str, zone: str) -> None:
    watched = site(timezone=zone)
    for minutes in range(0, 3000, 37):
        now = NOON + dt.timedelta(minutes=minutes)
        due = next_due("site-a", watched, cron, now)
        assert due > now
        assert last_due("site-a", watched, cron, due) == due
        before = last_due("site-a", watched, cron, due - dt.timedelta(seconds=1))
        assert before is None or before <= now


def test_a_look_at_the_agenda_costs_only_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    agenda, sites = Agenda(), {f"site-{number}": site() for number in range(50)}
    reckoned: list[str] = []

    def reckon(name: str, *about: Any) -> dt.datetime:
        reckoned.append(name)
        return next_due(name, *about)

    monkeypatch.setattr("bot.jobs.schedule.next_due", reckon)
    assert all(
        agenda.plan(name, one, "0 * * * *", NOON - dt.timedelta(hours=1)) for name, one in sites.items()
    )
    at = NOON - dt.timedelta(hours=1) + SPREAD
    for name in agenda.due(at):
        agenda.put_off(name, sites[name], at)
    assert not any(agenda.plan(name, one, "0 * * * *", at) for name, one in sites.items())

    reckoned.clear()
    asked = []
    for second in range(0, 3605, 5):  # an hour of ticks
        now = at + dt.timedelta(seconds=second)
        for name in agenda.due(now):
            asked.append(name)
            agenda.put_off(name, sites[name], now)
    assert sorted(asked) == sorted(sites)
    assert reckoned == asked


def test_what_could_not_be_asked_stays_due_and_what_is_dropped_does_not() -> None:
    agenda = Agenda()
    for name in ("site-a", "site-b"):
        agenda.plan(name, site(), EVERY, NOON + SPREAD)
    first, second = agenda.due(NOON + SPREAD)
    assert agenda.due(NOON + SPREAD) == [first, second]

    agenda.keep({first})
    assert agenda.due(NOON + SPREAD) == [first]
