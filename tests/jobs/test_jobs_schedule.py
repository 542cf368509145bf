"""When a site is due: its cron in its own time zone, spread by its name; a person's word over the inventory's."""

import datetime as dt
from typing import Any

import pytest

from bot.jobs.schedule import SPREAD, last_due
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
