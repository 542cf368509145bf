"""An inventory that cannot be read now: checks go on with the last good one, and changes wait until it is mended."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.jobs.redis import Client
from bot.jobs.remedies import RedisRemediations, Rules
from bot.knowledge import load
from bot.lab.appliances import Lab, LabSettings
from bot.model.errors import NotAllowed
from bot.model.inventory import Inventory
from bot.model.remediation import Asking, Remediation, RemediationState
from bot.model.report import Report
from bot.probes.live import LiveDoors
from bot.remediation.present import for_changes
from bot.settings import InventoryFile
from tests.remediation.theatre import CHANNEL, FIRST, RESUME, Theatre, make_surgeon, press_of

QUIET = LabSettings(message_interval=0, release_interval=0, retry_interval=0.5)
SAID = "The inventory cannot be read now"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, ["sma-suspended"], QUIET) as running:
        yield running


def delete(file: Path) -> None:
    file.unlink()


def mistype(file: Path) -> None:
    file.write_text(file.read_text() + "\n[acess]\n")


class Filed(Theatre):
    """App and worker read the inventory from its file, as the wiring has them do."""

    def __init__(self, client: Client, lab: Lab, doors: LiveDoors) -> None:
        super().__init__(client, lab, doors)
        file = InventoryFile(lab.inventory)
        reading = for_changes(file.read_present)
        self.app = RedisRemediations(
            self.state, self.trail, Rules(reading, self.seal, load().remark, self.clock)
        )
        self.surgeon = make_surgeon(reading, doors, self.seal, self.clock, file)
        self.text = lab.inventory.read_text()

    def mend(self) -> None:
        self.lab.inventory.write_text(self.text)


@pytest.fixture(params=[delete, mistype])
def harm(request: pytest.FixtureRequest, lab: Lab) -> Callable[[], None]:
    """Deletes the file, or puts a table into it that there is not."""
    spoil: Callable[[Path], None] = request.param
    return lambda: spoil(lab.inventory)


@pytest.fixture
def theatre(client: Client, lab: Lab, doors: LiveDoors) -> Filed:
    return Filed(client, lab, doors)


async def test_nothing_is_proposed_requested_or_approved_until_it_is_mended(
    theatre: Filed, harm: Callable[[], None]
) -> None:
    planned = await theatre.plan(RESUME)
    asking = Asking(user=RESUME.user, reason="mail is stuck", channel=CHANNEL)
    harm()
    with pytest.raises(NotAllowed, match=SAID):
        await theatre.propose(RESUME)
    with pytest.raises(NotAllowed, match=SAID):
        await theatre.app.request(planned.id, asking)
    theatre.mend()
    request = await theatre.ask_for(planned)
    harm()
    with pytest.raises(NotAllowed, match=SAID):
        await theatre.app.consider(request.id, press_of(FIRST), "approve")
    with pytest.raises(NotAllowed, match=SAID):
        await theatre.app.approve(request.id, press_of(FIRST))
    theatre.mend()
    ended = await theatre.run(await theatre.approve(request, FIRST))
    assert ended.state is RemediationState.VERIFIED
    assert "resume" in theatre.typed("sma-a")


async def test_a_worker_draws_no_plan(theatre: Filed, harm: Callable[[], None]) -> None:
    proposed = await theatre.propose(RESUME)
    harm()
    await expect_refused(theatre, proposed)


async def test_a_worker_runs_nothing(theatre: Filed, harm: Callable[[], None]) -> None:
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    harm()
    await expect_refused(theatre, queued)


async def test_it_is_read_again_right_before_the_first_line(theatre: Filed, harm: Callable[[], None]) -> None:
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    examine = theatre.surgeon.examine

    async def examine_then_harm(inventory: Inventory, site: str, language: str) -> Report:
        report = await examine(inventory, site, language)
        harm()
        return report

    theatre.surgeon = replace(theatre.surgeon, examine=examine_then_harm)
    await expect_refused(theatre, queued)


async def test_what_became_of_a_change_is_looked_at_all_the_same(
    theatre: Filed, harm: Callable[[], None]
) -> None:
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    examine, looks = theatre.surgeon.examine, 0

    async def examine_and_harm_later(inventory: Inventory, site: str, language: str) -> Report:
        nonlocal looks
        looks += 1
        if looks == 2:  # the first look after the last line
            harm()
        return await examine(inventory, site, language)

    theatre.surgeon = replace(theatre.surgeon, examine=examine_and_harm_later)
    assert (await theatre.run(queued)).state is RemediationState.VERIFIED


async def expect_refused(theatre: Filed, remediation: Remediation) -> None:
    ended = await theatre.run(remediation)
    assert (ended.state, SAID in (ended.reason or "")) == (RemediationState.REFUSED, True)
    assert "resume" not in theatre.typed("sma-a")


def test_both_languages_say_it() -> None:
    assert SAID in load().remark("en", "inventory-unreadable", {})
    assert "no se puede leer" in load().remark("es", "inventory-unreadable", {})
