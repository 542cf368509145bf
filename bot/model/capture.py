"""A capture: everything that one run asked and was answered, redacted, so that it can be judged again anywhere."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.model.finding import Failure
from bot.model.inventory import Accepted, Inventory, Limits, Maintenance, Name, Port
from bot.model.report import Part
from bot.model.subject import Product


class CapturedAppliance(Part):
    """What judging needs to know of an appliance; `version` as it was printed, None when it was not read."""

    product: Product
    address: str
    version: str | None = None


class CapturedSite(Part):
    """The site's part of the inventory, without accounts, host keys and Slack ids."""

    name: Name
    title: str
    sma: str
    esas: Annotated[tuple[str, ...], Field(min_length=1)]
    cpq_port: Port | None = None
    mode: Literal["observe", "remediate"] = "observe"
    timezone: str = "UTC"
    accepted: tuple[Accepted, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    limits: Limits = Limits()


class CapturedExchange(Part):
    """One thing asked and answered; without an answer `failure` says why."""

    appliance: str
    command: str
    text: str = ""
    at: dt.datetime
    failure: Failure | None = None


class Capture(Part):
    """All of one run that judging rests on; `areas` are those asked for, null = all.

    `elsewhere` are the entries of the site's RELAYLISTs that belong to other sites of the inventory.
    """

    schema_: Literal["pvo-capture/1"] = Field(default="pvo-capture/1", alias="schema")
    pvo: str
    id: str
    started: dt.datetime
    language: str
    areas: tuple[str, ...] | None = None
    site: CapturedSite
    appliances: dict[Name, CapturedAppliance]
    exchanges: tuple[CapturedExchange, ...]
    elsewhere: tuple[str, ...] = ()

    def inventory(self) -> Inventory:
        """An inventory with this site alone; its appliances name no account, so nobody can log in to them."""
        nobody: dict[str, Any] = {"username": "nobody", "password": {"env": "NOT_IN_A_CAPTURE"}}
        return Inventory.model_validate(
            {
                "appliances": {
                    name: nobody
                    | {"product": item.product, "host": item.address or name, "address": item.address}
                    for name, item in self.appliances.items()
                },
                "sites": {self.site.name: self.site.model_dump(exclude={"name"})},
            }
        )
