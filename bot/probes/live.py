"""The door to real appliances: runs take their turn, each has its contacts, blocking work is in a bounded pool."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.model.command import Reading
from bot.model.inventory import Inventory, Secret
from bot.model.ports import Refusals
from bot.probes.budget import Budget
from bot.probes.console import LiveConsole, as_changer
from bot.probes.contact import Contact, Tools
from bot.probes.refusals import RememberedRefusals

T = TypeVar("T")


class LiveDoors:
    """Opens the door for one run.

    `read_secret` raises `Unusable`. `threads` bounds the blocking work of all runs, `connections` how many
    appliances are logged in to at a time: each costs a thread of its own.
    """

    def __init__(
        self,
        read_secret: Callable[[Secret], str],
        threads: int = 32,
        connections: int = 48,
        refusals: Refusals | None = None,
    ) -> None:
        self._tools = Tools(
            read_secret,
            ThreadPoolExecutor(threads, thread_name_prefix="appliance"),
            refusals or RememberedRefusals(),
        )
        self._budget = Budget(connections)
        self._farewells: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(
        self, inventory: Inventory, site: str, *, unattended: bool = False
    ) -> AsyncIterator["LiveAppliances"]:
        """The appliances of one site; on the way out every session is left with `exit`, and cut when cancelled.

        `settle` waits for that.
        """
        members = (inventory.sites[site].sma, *inventory.sites[site].esas)
        contacts = {
            name: Contact(name, inventory.appliances[name], self._tools, unattended) for name in members
        }
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self._budget.take(len(members)))
            stack.push_async_callback(_close, contacts.values())
            try:
                yield LiveAppliances(contacts)
            except asyncio.CancelledError:
                for contact in contacts.values():
                    contact.cut()
                raise
            # Nobody waits for the farewell: the answers are there.
            farewell = asyncio.create_task(stack.pop_all().aclose())
            self._farewells.add(farewell)
            farewell.add_done_callback(self._farewells.discard)

    async def settle(self) -> None:
        """Waits until every session has been left and every connection closed."""
        await asyncio.gather(*self._farewells, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def console(self, inventory: Inventory, appliance: str) -> AsyncIterator[LiveConsole]:
        """A login that may change the appliance, for one remediation; what it leaves uncommitted is lost."""
        account = as_changer(inventory.appliances[appliance])
        contact = Contact(appliance, account, self._tools)
        try:
            async with contact.hold() as console:
                yield console
        finally:
            await contact.close()

    def close(self) -> None:
        """Ends the threads; the runs must have ended, and what has not settled is cut."""
        self._tools.threads.shutdown(wait=False, cancel_futures=True)


class LiveAppliances:
    """The appliances of one run."""

    def __init__(self, contacts: dict[str, Contact]) -> None:
        self._contacts = contacts

    async def converse(self, appliance: str, command: Reading[T]) -> str:
        """What the appliance printed for `command`, without echo, pager and prompt; raises a `ProbeError`."""
        return await self._contacts[appliance].converse(command)

    async def try_cpq(self, appliance: str, port: int) -> str:
        """What its CPQ listener says to this process; at the place that the inventory gives, if it gives one."""
        return await self._contacts[appliance].try_cpq(port)


async def _close(contacts: Iterable[Contact]) -> None:
    await asyncio.gather(*(contact.close() for contact in contacts))
