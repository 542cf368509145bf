"""The mail of the site: what each ESA quarantines, what the SMA releases, and ordinary mail beside it."""

import asyncio
import time
from collections.abc import Callable, Sequence

from bot.lab.appliances.appliance import Appliance, Site
from bot.lab.appliances.courier import Courier
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.ordinary import write_arrival, write_delivery, write_spam
from bot.lab.appliances.parts import Message
from bot.lab.appliances.route import Route

QUARANTINE, REASON = "Policy", "f1"
PATIENCE = 10.0  # seconds beyond the connect time-out


class Traffic:
    """Owns the couriers of all paths; `start` also starts the regular mail."""

    def __init__(self, site: Site, settings: LabSettings) -> None:
        self._site = site
        self._settings = settings
        self._quarantining = {esa.name: self._couple(esa, site.sma) for esa in site.esas}
        self._releasing = {esa.name: self._couple(site.sma, esa) for esa in site.esas}
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Start the couriers and let mail pass in both directions; raises TimeoutError if it does not."""
        for courier in self._couriers:
            courier.start()
        for _ in range(3):
            for esa in self._site.esas:
                self.quarantine(esa)
        await self._await(lambda: not any(courier.route.waiting() for courier in self._couriers))
        for esa in self._site.esas:
            self.release(esa)
        await self._await(lambda: not any(courier.route.waiting() for courier in self._couriers))

    def start(self) -> None:
        """Let mail flow at the intervals of the settings."""
        if self._settings.message_interval > 0:
            self._tasks.append(asyncio.create_task(self._produce()))
        if self._settings.release_interval > 0:
            self._tasks.append(asyncio.create_task(self._release_regularly()))

    async def stop(self) -> None:
        """End the mail and the couriers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(courier.stop() for courier in self._couriers))

    def quarantine(self, esa: Appliance) -> int:
        """Let an ESA quarantine a message; returns its MID there."""
        mid = write_arrival(esa)
        if not esa.cpq.enabled:
            esa.log.write(f'MID {mid} quarantined to "{QUARANTINE}" ({REASON})')
            return mid
        esa.log.write(f'MID {mid} enqueued for transfer to centralized quarantine "{QUARANTINE}" ({REASON})')
        self._quarantining[esa.name].enqueue(Message(mid, esa.address, mid, QUARANTINE, REASON))
        return mid

    def release(self, esa: Appliance) -> int | None:
        """Let somebody release the oldest message of an ESA; returns its MID on the SMA, None without one."""
        sma = self._site.sma
        with sma.lock:
            message = next((kept for kept in sma.quarantine if kept.origin == esa.address), None)
            if message is None or not esa.cpq.enabled:
                return None
            sma.quarantine.remove(message)
        sma.log.write(
            f'MID {message.mid} released from quarantine "{message.quarantine}" (manual)',
            f"MID {message.mid} released from all quarantines",
        )
        self._releasing[esa.name].enqueue(message)
        return message.mid

    async def settle(self) -> None:
        """Send a message on every path and wait until each was tried, so that a change shows everywhere."""
        for esa in self._site.esas:
            self.quarantine(esa)
            self.release(esa)
        able = [item for item in self._couriers if item.route.waiting() and item.may_deliver]
        before = [courier.attempts for courier in able]
        for courier in able:
            courier.hurry()
        await self._await(lambda: _all_tried(able, before))

    @property
    def _couriers(self) -> list[Courier]:
        return [*self._quarantining.values(), *self._releasing.values()]

    def _couple(self, sender: Appliance, receiver: Appliance) -> Courier:
        return Courier(Route(sender, receiver, self._site.network), self._settings)

    async def _await(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self._settings.connect_timeout + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError("The simulated mail did not pass in time.")
            await asyncio.sleep(0.01)

    async def _produce(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(self._settings.message_interval)
            turn += 1
            for esa in self._site.esas:
                self.quarantine(esa)
                write_delivery(esa, write_arrival(esa))
                if turn % 5 == 0:
                    write_spam(esa, write_arrival(esa), self._site.sma.address)

    async def _release_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._settings.release_interval)
            for esa in self._site.esas:
                self.release(esa)


def _all_tried(couriers: Sequence[Courier], before: Sequence[int]) -> bool:
    return all(
        courier.attempts > number or not courier.may_deliver or not courier.route.waiting()
        for courier, number in zip(couriers, before, strict=True)
    )
