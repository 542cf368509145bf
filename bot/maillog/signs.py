"""Whose traffic an event belongs to: the centralized policy quarantine's, somebody else's, or it does not say."""

from collections.abc import Collection
from functools import singledispatch

from bot.maillog.events import ConnectionFailed, Done, Event, OutOpened, Started, TlsOk
from bot.maillog.owner import Owner

_SPAM_PORT = 6025


@singledispatch
def owner(event: Event, ports: Collection[int]) -> Owner | None:
    """Whose connection the event is on, by `ports` (the CPQ ones) and the published words; None: not said."""
    return None


@owner.register
def _(event: OutOpened, ports: Collection[int]) -> Owner | None:
    return Owner.CPQ if event.protocol == "CPQ" else _of_port(event.port, ports)


@owner.register
def _(event: TlsOk, ports: Collection[int]) -> Owner | None:
    return _of_domain(event.destination)


@owner.register
def _(event: ConnectionFailed, ports: Collection[int]) -> Owner | None:
    return owner_of(event.domain, event.port, ports)


@owner.register
def _(event: Started, ports: Collection[int]) -> Owner | None:
    return _of_quarantine(event.destination)


@owner.register
def _(event: Done, ports: Collection[int]) -> Owner | None:
    return _of_quarantine(event.quarantine)


def owner_of(domain: str | None, port: int | None, ports: Collection[int]) -> Owner | None:
    """Whose a connection is by the domain that its line names, else by the port."""
    return _of_domain(domain) or _of_port(port, ports)


def _of_port(port: int | None, ports: Collection[int]) -> Owner | None:
    if port is None:
        return None
    if port == _SPAM_PORT:
        return Owner.SPAM
    return Owner.CPQ if port in ports else Owner.OTHER


def _of_domain(domain: str | None) -> Owner | None:
    words = (domain or "").lower()
    if words.startswith("the.euq."):
        return Owner.SPAM
    return Owner.CPQ if words.startswith("the.cpq.") else None


def _of_quarantine(words: str | None) -> Owner | None:
    if words is None:
        return Owner.OTHER
    if words.lower() == "centralized policy quarantine":
        return Owner.CPQ
    return (
        Owner.SPAM if words.lower() == "external quarantine" or "spam quarantine" in words.lower() else None
    )
