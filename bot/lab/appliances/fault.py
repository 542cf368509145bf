"""What a fault of the lab is, and the ways to make one."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.lab.appliances.appliance import Site


@dataclass(frozen=True)
class Fault:
    """One fault. Whether it is active is read from the site: a repair by CLI counts as much as `mend`."""

    name: str
    title: str
    text: str
    inject: Callable[[Site], None]
    mend: Callable[[Site], None]
    is_active: Callable[[Site], bool]


def toggle(
    name: str, title: str, text: str, change: Callable[[Site, bool], None], is_active: Callable[[Site], bool]
) -> Fault:
    """A fault that one function puts in (True) and takes out (False)."""
    return Fault(
        name, title, text, lambda site: change(site, True), lambda site: change(site, False), is_active
    )


def plant(name: str, title: str, text: str, write: Callable[[Site], None]) -> Fault:
    """A fault that only leaves traces, in a log say: what is written stays, though the fault be mended."""

    def change(site: Site, active: bool) -> None:
        if active and name not in site.incidents:
            write(site)
        (site.incidents.add if active else site.incidents.discard)(name)

    return toggle(name, title, text, change, lambda site: name in site.incidents)
