"""Whom the RELAYLISTs let in and the inventory does not know: told once, replayed alike, never claimed blindly."""

import json
from typing import Any

import pytest

from bot.diagnosis.diagnose import Diagnosis, Doctor, Order
from bot.diagnosis.replay import Recording, make_capture, order_again
from bot.facts.coverage import covers
from bot.knowledge.load import load
from bot.model.capture import Capture
from bot.model.inventory import Inventory
from tests.checks.recorded import AT, CASES, Recorded, inventory, read_toml

OTHERS = ("10.10.20.77", "203.0.113.9", "203.0.114.0/24")


async def ignore(done: int, total: int) -> None:
    pass


def site(*answers: dict[str, Any]) -> Recorded:
    """The healthy site, whose SMA lets others in as well."""
    healthy = read_toml(CASES / "site-a.toml")
    configuration = healthy["answers"]["sma-a"]["showconfig"]
    entries = "\n  ".join(("10.10.20.1", *OTHERS))
    assert configuration.count("10.10.20.1\n  10.10.20.2") == 1
    more = {"showconfig": configuration.replace("10.10.20.1", entries, 1)}
    return Recorded(healthy, {"answers": {"sma-a": more}}, *({"answers": one} for one in answers))


def with_another_site(**appliance: str) -> Inventory:
    """The inventory, in which another site has an ESA of its own."""
    known = inventory()
    esa = known.appliances["esa-a1"].model_copy(update=appliance)
    other = known.sites["site-a"].model_copy(update={"esas": ("esa-b1",)})
    return known.model_copy(
        update={
            "appliances": {**known.appliances, "esa-b1": esa},
            "sites": {**known.sites, "site-b": other},
        }
    )


async def diagnose(
    known: Inventory, answers: Recorded, areas: tuple[str, ...] = ()
) -> tuple[Order, Diagnosis]:
    order = Order("01LIVE", known, "site-a", areas)
    return order, await Doctor(load(), lambda: AT).diagnose(order, answers, ignore)


async def test_strangers_are_told_and_harm_nothing() -> None:
    _, diagnosis = await diagnose(inventory(), site())

    assert diagnosis.report.coverage.unlisted_peers == tuple(sorted(OTHERS))
    assert (diagnosis.report.verdict, diagnosis.report.findings) == ("healthy", ())


async def test_nobody_is_a_stranger_on_a_site_that_the_inventory_knows() -> None:
    _, diagnosis = await diagnose(inventory(), Recorded(read_toml(CASES / "site-a.toml")))

    assert diagnosis.report.coverage.unlisted_peers == ()


@pytest.mark.parametrize("known_by", ["address", "host"])
async def test_an_appliance_of_another_site_is_none_even_in_a_replay(known_by: str) -> None:
    known = with_another_site(**{"address": "10.10.99.1", known_by: "203.0.113.9"})
    order, diagnosis = await diagnose(known, site())
    document = make_capture(order, diagnosis, "1.2.3").model_dump(mode="json", by_alias=True)
    capture = Capture.model_validate(json.loads(json.dumps(document)))
    recording = Recording(capture)
    again = await Doctor(load(), recording.now).diagnose(
        order_again(capture, "01AGAIN", "es"), recording, ignore
    )

    assert diagnosis.report.coverage.unlisted_peers == ("10.10.20.77", "203.0.114.0/24")
    assert again.report.coverage == diagnosis.report.coverage
    assert capture.elsewhere == ("203.0.113.9",)
    assert "10.10.99.1" not in json.dumps(document), "nothing else of other sites is captured"


async def test_a_capture_without_the_field_is_read() -> None:
    order, diagnosis = await diagnose(inventory(), site())
    document = make_capture(order, diagnosis, "1.2.3").model_dump(mode="json", by_alias=True)
    del document["elsewhere"]
    assert Capture.model_validate(document).elsewhere == ()


async def test_nothing_is_claimed_while_an_appliance_cannot_tell_its_own_addresses() -> None:
    _, diagnosis = await diagnose(inventory(), site({"esa-a2": {"login": "Rejected"}}))

    assert diagnosis.report.coverage.unlisted_peers == ()


async def test_a_run_of_one_area_asks_for_nothing_more() -> None:
    answers = site()
    _, diagnosis = await diagnose(inventory(), answers, ("connectivity",))

    assert diagnosis.report.coverage.unlisted_peers == ()


@pytest.mark.parametrize(
    ("entry", "known", "expected"),
    [
        ("10.10.20.1", {"10.10.20.1"}, True),
        ("10.10.20.1", {"10.10.20.10"}, False),
        ("ESA-A1.example.com", {"esa-a1.example.com"}, True),
        ("10.10.20.0/24", {"esa-a1", "10.10.20.7"}, True),
        ("10.10.20.0/24", {"10.10.21.7"}, False),
        ("2001:DB8::1", {"2001:db8:0::1"}, True),
        ("2001:db8::/32", {"10.10.20.1"}, False),
        (".example.com", {"10.10.20.1"}, False),
    ],
)
def test_an_entry_covers(entry: str, known: set[str], expected: bool) -> None:
    assert covers(entry, known) is expected
