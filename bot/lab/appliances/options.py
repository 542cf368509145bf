"""What a caller may set about the simulated site: its shape, its SSH doors, its manners, its pace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.lab.appliances.releases import DEFAULT_RELEASE

CPQ_PORT = 7025
MAX_ESAS = 4

LoginMethod = Literal["password", "keyboard-interactive", "publickey"]
Mode = Literal["machine", "group", "cluster"]


@dataclass(frozen=True)
class Shape:
    """What the site consists of. `versions` names the AsyncOS of appliances that differ from `asyncos`.

    ESAs get all `interfaces`, `Management` must be among them and is where CPQ listens; `delivery_interface`
    is `Auto` or one of them. `domain` may be empty: short host names. `sma_port`, `esa_port` are those of CPQ.
    """

    asyncos: str = DEFAULT_RELEASE
    versions: Mapping[str, str] = field(default_factory=dict)
    esas: int = 2
    cluster: str | None = None
    login_mode: Mode = "machine"
    sma_port: int = CPQ_PORT
    esa_port: int = CPQ_PORT
    interfaces: tuple[str, ...] = ("Management",)
    delivery_interface: str = "Auto"
    domain: str = "example.com"
    zone: tuple[str, int] = ("GMT", 0)  # its abbreviation, seconds east of Greenwich
    clock_offsets: Mapping[str, float] = field(default_factory=dict)  # seconds an appliance is ahead


@dataclass(frozen=True)
class Door:
    """How an appliance lets SSH clients in. Times are seconds; None means no limit.

    `round_trip` delays what is on the wire, half in each direction. `algorithms` are those of the release,
    or `legacy`: SHA-1 key exchange, ssh-rsa and CBC only,
    or `hardened`: nothing that an SMA's command client knows. Above `sessions` a connection, or `all_sessions` an
    appliance, a channel is refused, or with `over_limit="close"` ends before its first prompt.
    """

    algorithms: Literal["release", "legacy", "hardened"] = "release"
    methods: tuple[LoginMethod, ...] = ("password", "keyboard-interactive")
    banner: str = ""
    login_time: float = 0.0
    round_trip: float = 0.0
    sessions: int | None = None
    all_sessions: int | None = None
    over_limit: Literal["refuse", "close"] = "refuse"


@dataclass(frozen=True)
class Manners:
    """How the command line of an appliance behaves, whatever its release.

    `latency`: seconds before each command's answer. `chunk`: output is sent in pieces of so many bytes.
    `force_pager`: pages of 24 rows, however tall the terminal. `idle_note`: a NOTE in the middle of answers.
    `unknown`, `forbidden`: commands that the appliance does not have, or the role may not run.
    `dies_after`: a session's connection breaks once so many bytes were printed.
    `configuration_size`: bytes that `showconfig` prints at least. `commit_question`: asked before a commit.
    `clear_question`: what `clear` asks instead of its own question.
    `switch_lasts`: the mode that a restricted command was allowed to change to stays after it.
    """

    login_banner: str = ""
    prompt: str = "{place}> "
    latency: float = 0.0
    chunk: int | None = None
    dies_after: int | None = None
    force_pager: bool = False
    idle_note: bool = False
    unknown: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    configuration_size: int = 0
    commit_question: str = ""
    clear_question: str = ""
    switch_lasts: bool = True


@dataclass(frozen=True)
class LabSettings:
    """Times are seconds. A `message_interval` or `release_interval` of 0 means: only when told.

    `door` and `manners` are what every appliance starts with; each may be replaced on an appliance later.
    The limits go into the inventory; None leaves the product's default.
    """

    message_interval: float = 2.0
    release_interval: float = 5.0
    retry_interval: float = 2.0
    connect_timeout: float = 2.0  # of mail delivery
    telnet_timeout: float = 5.0  # of the CLI's telnet; a real one waits about 75 s
    reboot_time: float = 2.0
    log_minutes: int | None = None
    queue_recipients: int | None = None
    queue_age_minutes: int | None = None
    shape: Shape = Shape()
    door: Door = Door()
    manners: Manners = Manners()
