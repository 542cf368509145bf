"""Changes go by the inventory as its file stands now: where that cannot be read, there are none."""

from collections.abc import Callable

from bot.model.errors import Unusable
from bot.model.inventory import Inventory
from bot.remediation.approve import Denied


def for_changes(read_present: Callable[[], Inventory]) -> Callable[[], Inventory]:
    """What reads the inventory for a change; it raises `Denied` where `read_present` raises `Unusable`."""

    def read() -> Inventory:
        try:
            return read_present()
        except Unusable:
            raise Denied("inventory-unreadable") from None

    return read
