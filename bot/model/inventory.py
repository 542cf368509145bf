"""The inventory: which sites and appliances there are, who may do what, and what counts as ill."""

import datetime as dt
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from bot.model.subject import Node, Path, Product, Subject

UserId = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{2,}$")]
Member = Annotated[str, StringConstraints(pattern=r"^[UWS][A-Z0-9]{2,}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
FileName = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]

YEAR = 366 * 24 * 60
"""The longest stretch that a key may name, in minutes."""
_ANY_TIME = dt.datetime(2001, 1, 1)


def _check_cron(value: str) -> str:
    from croniter import CroniterBadDateError, croniter  # only who has an inventory needs it

    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValueError("is not a cron expression; write five fields such as */15 * * * *")
    try:
        croniter(value, _ANY_TIME).get_next()
    except CroniterBadDateError:
        raise ValueError("names a day that never comes; write one that the calendar has") from None
    return value


Cron = Annotated[str, AfterValidator(_check_cron)]


class Table(BaseModel):
    """A table of `sites.toml`: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(Table):
    """Where a secret is to be found: an environment variable or a file; never the secret itself."""

    env: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    file: FileName | None = None

    @model_validator(mode="before")
    @classmethod
    def _never_literal(cls, value: object) -> object:
        if isinstance(value, str):
            raise ValueError('must not be written here; use { env = "NAME" } or { file = "PATH" }')
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError('needs exactly one of { env = "NAME" } or { file = "PATH" }')
        return self


class Account(Table):
    """A login on an appliance: a user name with a password or a private key."""

    username: str
    password: Secret | None = None
    key: Secret | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.password is None) == (self.key is None):
            raise ValueError("needs exactly one of password or key")
        return self


class Appliance(Account):
    """Where and how the worker reaches one appliance, and the address that its peers use for CPQ.

    `cpq_probe` is where the worker itself tries the CPQ listener: `HOST:PORT`, or `off`; None = `address` and the
    CPQ port.
    """

    product: Product
    host: str
    port: Port = 22
    address: str = ""
    host_key: str | None = None
    known_hosts: FileName | None = None
    legacy_ssh: bool = False
    sessions: Annotated[int, Field(ge=1, le=16)] = 3
    cpq_probe: Annotated[str, StringConstraints(pattern=r"^(off|\S+:\d{1,5})$")] | None = None
    change: Account | None = None

    @model_validator(mode="after")
    def _peers_use_host_by_default(self) -> Self:
        if not self.address:
            object.__setattr__(self, "address", self.host)
        if self.host_key and self.known_hosts:
            raise ValueError("needs host_key or known_hosts, not both")
        return self


class Accepted(Table):
    """A finding that is known and accepted until a day: shown, without effect on verdict and exit status."""

    finding: str
    subject: str
    until: dt.date
    reason: str


class Maintenance(Table):
    """A window that opens at each time of `cron` and lasts `minutes`."""

    cron: Cron
    minutes: Annotated[int, Field(ge=1, le=YEAR)]


class Limits(Table):
    """What counts as ill: recipients waiting, age of the oldest message, minutes of log that are read."""

    queue_recipients: Annotated[int, Field(ge=0, le=1_000_000_000)] = 100
    queue_age_minutes: Annotated[int, Field(ge=1, le=YEAR)] = 30
    log_minutes: Annotated[int, Field(ge=1, le=YEAR)] = 60


class Site(Table):
    """One SMA and the ESAs that quarantine to it."""

    title: str
    sma: str
    esas: Annotated[tuple[str, ...], Field(min_length=1)]
    cpq_port: Port | None = None
    mode: Literal["observe", "remediate"] = "observe"
    timezone: str = "UTC"
    approvers: tuple[Member, ...] | None = None
    channel: Channel | None = None
    watch: Cron | None = None
    accepted: tuple[Accepted, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    limits: Limits = Limits()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("is not a time zone; write one such as Europe/Madrid") from None
        return value


class Access(Table):
    """Who may run checks and who may approve: Slack user ids and user group ids; empty = nobody."""

    operators: tuple[Member, ...] = ()
    approvers: tuple[Member, ...] = ()
    approvals_channel: Channel | None = None


class Inventory(Table):
    """All of `sites.toml`."""

    access: Access = Access()
    appliances: dict[Name, Appliance]
    sites: dict[Name, Site]

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for name, site in self.sites.items():
            self._expect(f"sites.{name}.sma", site.sma, "sma")
            for number, esa in enumerate(site.esas):
                self._expect(f"sites.{name}.esas.{number}", esa, "esa")
            if len(set(site.esas)) != len(site.esas):
                raise ValueError(f"sites.{name}.esas names an appliance twice")
        return self

    def _expect(self, key: str, name: str, product: Product) -> None:
        if name not in self.appliances:
            known = ", ".join(sorted(self.appliances)) or "none"
            raise ValueError(f"{key}: there is no appliance of that name (known: {known})")
        if self.appliances[name].product != product:
            raise ValueError(
                f'{key}: {name!r} has product "{self.appliances[name].product}", not "{product}"'
            )

    def node(self, name: str) -> Node:
        """The appliance as a subject of checks."""
        appliance = self.appliances[name]
        return Node(name, appliance.product, appliance.address)

    def subjects(self, site_name: str) -> tuple[Subject, ...]:
        """Everything a check of the site may be about: the appliances, then their paths."""
        site = self.sites[site_name]
        sma, esas = self.node(site.sma), [self.node(name) for name in site.esas]
        paths: list[Path] = []
        for esa in esas:
            paths.append(Path("quarantine", esa, sma, site.cpq_port))
            paths.append(Path("release", sma, esa, site.cpq_port))
            paths.append(Path("command", sma, esa))
        return (sma, *esas, *paths)
