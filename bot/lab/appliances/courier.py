"""Delivery on one route: a thread that tries, waits and tries again until the queue is empty."""

import asyncio
import threading
import time

from bot.lab.appliances.attempt import Attempt, DeliveryFailure
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.parts import Message
from bot.lab.appliances.route import Route


class Courier:
    """Carries the messages of a route. `attempts` counts the finished ones, good or bad."""

    def __init__(self, route: Route, settings: LabSettings) -> None:
        self.route = route
        self.attempts = 0
        self._settings = settings
        self._changed = threading.Condition()
        self._due = 0.0  # time.monotonic() of the next attempt
        self._stopped = False
        self._attempt: Attempt | None = None
        self._thread = threading.Thread(target=self._run, name=f"courier-{route.sender.name}", daemon=True)
        route.sender.watch(self.hurry)

    @property
    def may_deliver(self) -> bool:
        """Whether the sender's deliveries run."""
        return self.route.sender.delivers

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    async def stop(self) -> None:
        """End the thread, in the middle of a delivery if need be; close the network before."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if (attempt := self._attempt) is not None:
            attempt.abort()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def enqueue(self, message: Message) -> None:
        """Queue a message; it is tried at once unless the last attempt failed."""
        self.route.enqueue(message)
        with self._changed:
            self._changed.notify_all()

    def hurry(self) -> None:
        """Try again now instead of after the retry interval."""
        with self._changed:
            self._due = 0.0
            self._changed.notify_all()

    def _run(self) -> None:
        while self._await_work():
            self._try_once()

    def _await_work(self) -> bool:
        with self._changed:
            while not self._stopped:
                pause = self._due - time.monotonic()
                idle = not self.may_deliver or not self.route.waiting()
                if not idle and pause <= 0:
                    return True
                self._changed.wait(None if idle else pause)
            return False

    def _try_once(self) -> None:
        self._attempt = attempt = Attempt(self.route, self._settings.connect_timeout)
        self.route.note_begin()
        failed = False
        try:
            attempt.run(lambda: self.may_deliver and not self._stopped)
        except DeliveryFailure as failure:
            failed = True
            self.route.sender.log.write(*failure.lines)
        self.route.note_end(failed)
        with self._changed:
            self._due = time.monotonic() + self._settings.retry_interval if failed else 0.0
            self.attempts += 1
