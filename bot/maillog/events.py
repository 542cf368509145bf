"""The events of a mail log that matter to CPQ, typed; whatever else a line says is ordinary or unrecognised.

`at` is the appliance's local time without a zone, None where the line has none; `line` is the raw line.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log."""

    at: datetime | None
    line: str


@dataclass(frozen=True, slots=True)
class Ordinary(Event):
    """A known line that says nothing about CPQ."""


@dataclass(frozen=True, slots=True)
class Unrecognised(Event):
    """A line of unknown form, a cut line, or the continuation of the one before."""


@dataclass(frozen=True, slots=True)
class OutOpened(Event):
    """A connection to a peer; `interface` and `address` are addresses."""

    dcid: int
    protocol: str
    interface: str
    address: str
    port: int | None


@dataclass(frozen=True, slots=True)
class TlsOk(Event):
    """The handshake with the peer succeeded; `destination` is the object or domain that the line ends with."""

    dcid: int
    protocol: str | None
    cipher: str | None
    destination: str | None


@dataclass(frozen=True, slots=True)
class TlsFailed(Event):
    """The handshake with the peer failed; old releases give no reason."""

    dcid: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class TlsRequired(Event):
    """The effect of a failed handshake where TLS is mandatory; usually the line after its cause."""

    dcid: int
    address: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionFailed(Event):
    """A `Connection Error`; `dcid` is 0 where no connection was made, old releases name no domain or port."""

    dcid: int
    address: str
    interface: str
    details: str
    reason: str
    domain: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Started(Event):
    """A message begins to go out; `destination` is a quarantine or None for ordinary mail."""

    dcid: int
    mid: int
    destination: str | None


@dataclass(frozen=True, slots=True)
class Done(Event):
    """The peer took a message; `quarantine` is None for ordinary mail."""

    dcid: int
    mid: int
    quarantine: str | None


@dataclass(frozen=True, slots=True)
class Response(Event):
    """What the peer answered to a message, where the appliance logs it."""

    mid: int
    text: str


@dataclass(frozen=True, slots=True)
class Delayed(Event):
    """A recipient will be tried again; `dcid` is 0 where no connection was made."""

    dcid: int
    mid: int
    text: str


@dataclass(frozen=True, slots=True)
class Bounced(Event):
    """A recipient was given up; `dcid` is 0 where no connection was made."""

    dcid: int
    mid: int
    text: str


@dataclass(frozen=True, slots=True)
class OutClosed(Event):
    """The end of a connection to a peer; one that ended by an error has none."""

    dcid: int


@dataclass(frozen=True, slots=True)
class InOpened(Event):
    """A connection from a peer; `protocol` is `CPQ` on the quarantine's own listener."""

    icid: int
    protocol: str
    interface_name: str
    interface_address: str | None
    address: str


@dataclass(frozen=True, slots=True)
class HatVerdict(Event):
    """What the host access table decided: `ACCEPT`, `RELAY`, `REJECT` or `TCPREFUSE`, by which sender group."""

    icid: int
    action: str
    group: str


@dataclass(frozen=True, slots=True)
class InMessage(Event):
    """A message begins to come in; `icid` is 0 for copies, bounces and notices."""

    mid: int
    icid: int


@dataclass(frozen=True, slots=True)
class InClosed(Event):
    """The end of a connection from a peer."""

    icid: int


@dataclass(frozen=True, slots=True)
class Enqueued(Event):
    """A message waits for its transfer to the centralized quarantine."""

    mid: int
    quarantine: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Quarantined(Event):
    """A message came into a quarantine on this appliance."""

    mid: int
    quarantine: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Released(Event):
    """A message left a quarantine; `why` is for instance `manual`, `expired` or `queue full`."""

    mid: int
    quarantine: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Deleted(Event):
    """A message was deleted from a quarantine."""

    mid: int
    quarantine: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Returned(Event):
    """A released message came back from the SMA under a new MID; `original` is its MID before."""

    mid: int
    address: str
    original: int | None


@dataclass(frozen=True, slots=True)
class Fault(Event):
    """An application fault; `text` is the traceback as the appliance prints it, on one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Suspended(Event):
    """Deliveries to a domain are suspended."""

    domain: str
