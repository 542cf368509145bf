"""Captures: made of a diagnosis, and answering instead of the appliances when it is judged again."""

import datetime as dt
from collections.abc import Mapping
from typing import TypeVar

from bot.asyncos.commands.version import parse_version, version
from bot.diagnosis.asking import WORKER
from bot.diagnosis.diagnose import Diagnosis, Order
from bot.diagnosis.redact import redact
from bot.model import errors
from bot.model.capture import Capture, CapturedAppliance, CapturedExchange, CapturedSite
from bot.model.command import Reading
from bot.model.errors import ProbeError
from bot.model.finding import Exchange
from bot.model.inventory import Site

T = TypeVar("T")

KINDS: Mapping[str, type[ProbeError]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, ProbeError)
}


def make_capture(order: Order, diagnosis: Diagnosis, release: str) -> Capture:
    """The capture of a run by this `release` of pvo."""
    site = order.inventory.sites[order.site]
    return Capture(
        pvo=release,
        id=order.run,
        started=diagnosis.report.started,
        language=order.language,
        areas=order.areas or None,
        site=_capture_site(order.site, site),
        appliances={
            name: CapturedAppliance(
                product=order.inventory.appliances[name].product,
                address=order.inventory.appliances[name].address,
                version=_read_release(name, diagnosis.exchanges),
            )
            for name in (site.sma, *site.esas)
        },
        exchanges=tuple(_capture_exchange(exchange) for exchange in diagnosis.exchanges),
        elsewhere=diagnosis.elsewhere,
    )


def order_again(capture: Capture, run: str, language: str) -> Order:
    """The order that the capture answers, told in a language of its own."""
    return Order(
        run,
        capture.inventory(),
        capture.site.name,
        capture.areas or (),
        language,
        elsewhere=capture.elsewhere,
    )


class Recording:
    """The `Appliances` and the clock of a capture: same answers, same errors, same times."""

    def __init__(self, capture: Capture) -> None:
        self._answers = {(item.appliance, item.command): item for item in capture.exchanges}
        self._at = capture.started

    def now(self) -> dt.datetime:
        """When the last answer was given: whoever asks for the time just got it."""
        return self._at

    async def converse(self, appliance: str, command: Reading[T]) -> str:
        """What the appliance answered then; `ProbeError` when it did not, or was not asked."""
        return self._answer(appliance, command.key)

    async def try_cpq(self, appliance: str, port: int) -> str:
        """What the worker of then was told."""
        return self._answer(WORKER, f"cpq {appliance} {port}")

    def _answer(self, appliance: str, command: str) -> str:
        answer = self._answers.get((appliance, command))
        if answer is None:
            raise ProbeError(f"the capture holds no answer of {appliance} to {command}")
        self._at = answer.at
        if answer.failure:
            kind = KINDS.get(answer.failure.kind, ProbeError)
            raise kind(answer.failure.sentence, **answer.failure.details)
        return answer.text


def _capture_site(name: str, site: Site) -> CapturedSite:
    """What people wrote into the inventory is redacted too."""
    kept = site.model_dump(include=set(CapturedSite.model_fields))
    accepted = [entry | {"reason": redact(entry["reason"])} for entry in kept.pop("accepted")]
    return CapturedSite.model_validate(
        kept | {"name": name, "title": redact(site.title), "accepted": accepted}
    )


def _capture_exchange(exchange: Exchange) -> CapturedExchange:
    return CapturedExchange(
        appliance=exchange.appliance,
        command=exchange.command,
        text=exchange.text,
        at=exchange.at,
        failure=exchange.failure,
    )


def _read_release(appliance: str, exchanges: tuple[Exchange, ...]) -> str | None:
    for exchange in exchanges:
        if (exchange.appliance, exchange.command) == (appliance, version().key) and exchange.text:
            try:
                return parse_version(exchange.text).version
            except ProbeError:
                return None
    return None
