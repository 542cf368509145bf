"""All the checks of a site, asked anew for a remediation."""

from bot.diagnosis.diagnose import Doctor, Order
from bot.model.inventory import Inventory
from bot.model.ports import Doors
from bot.model.report import Report
from bot.remediation.followup import Examine


def examine_by(doctor: Doctor, doors: Doors) -> Examine:
    """What a `Surgeon` asks: every check of the site, with the account that only reads."""

    async def examine(inventory: Inventory, site: str, language: str) -> Report:
        order = Order("remediation", inventory, site, language=language)
        async with doors.open(inventory, site) as appliances:
            return (await doctor.diagnose(order, appliances, _tell_nobody)).report

    return examine


async def _tell_nobody(done: int, total: int) -> None:
    """Progress of checks that nobody watches."""
