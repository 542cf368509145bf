"""What a careful administrator never does: send a password to a stranger, lock an account, open too much at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.model.errors import HostKeyChanged, Rejected
from bot.model.inventory import Inventory, Secret
from bot.probes.budget import Budget
from bot.probes.live import LiveDoors
from bot.probes.refusals import RememberedRefusals
from tests.probes.small import PASSWORD, VERSION, Serve, SmallAppliance, ask, inventory

KEXINIT, KEX_ECDH_INIT, NEWKEYS = 20, 30, 21


@dataclass
class Tap:
    """A relay to an appliance that keeps what the client sent."""

    upstream: int
    sent: bytearray = field(default_factory=bytearray)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.upstream)
        pull = asyncio.create_task(self._pull(there, writer))
        while data := await reader.read(65_536):
            self.sent += data
            back.write(data)
        pull.cancel()
        for end in (back, writer):
            end.close()
        self.closed.set()

    async def _pull(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await there.read(65_536):
            writer.write(data)

    def messages(self) -> list[int]:
        """The types of the plain messages, up to the one that switches to ciphers; -1 for whatever follows it."""
        types: list[int] = []
        rest = bytes(self.sent).split(b"\r\n", 1)[1]
        while rest and (not types or types[-1] != NEWKEYS):
            length = int.from_bytes(rest[:4], "big")
            types.append(rest[5])
            rest = rest[4 + length :]
        return [*types, -1] if rest else types


@contextlib.asynccontextmanager
async def tapped(appliance: SmallAppliance) -> AsyncIterator[tuple[Tap, int]]:
    tap = Tap(appliance.port)
    server = await asyncio.start_server(tap.relay, "127.0.0.1", 0)
    try:
        yield tap, server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_nothing_is_sent_to_a_host_with_another_key(doors: LiveDoors, serve: Serve) -> None:
    """On the wire: after the key exchange, which shows the host's key, the client falls silent."""
    appliance, pinned = await serve(SmallAppliance()), SmallAppliance()
    async with tapped(appliance) as (tap, port):
        with pytest.raises(HostKeyChanged) as caught:
            await ask(doors, inventory(appliance, port=port, host_key=pinned.host_key))
        await asyncio.wait_for(tap.closed.wait(), 10)
    assert tap.messages() == [KEXINIT, KEX_ECDH_INIT, NEWKEYS]
    for key in (appliance.key, pinned.key):
        assert key.get_fingerprint() in str(caught.value)


async def test_the_tap_sees_a_login(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    async with tapped(appliance) as (tap, port):
        assert await ask(doors, inventory(appliance, port=port)) == ["Version: 15.0.1-416"]
    assert tap.messages() == [KEXINIT, KEX_ECDH_INIT, NEWKEYS, -1]


@dataclass
class Vault:
    """A secret that can be changed."""

    password: str

    def read(self, secret: Secret) -> str:
        return self.password


async def visit(doors: LiveDoors, sites: Inventory, *, unattended: bool) -> None:
    async with doors.open(sites, "site-a", unattended=unattended) as appliances:
        await appliances.converse("sma-a", VERSION)
    await doors.settle()


async def test_a_schedule_never_tries_a_refused_secret_again(serve: Serve) -> None:
    appliance, vault = await serve(SmallAppliance()), Vault("wrong")
    scheduled = LiveDoors(vault.read, threads=2)
    sites = inventory(appliance)
    with pytest.raises(Rejected, match="refused the login of pvo"):
        await visit(scheduled, sites, unattended=True)
    for _ in range(3):
        with pytest.raises(Rejected, match="sma-a was not logged in to: it refused the login of pvo before"):
            await visit(scheduled, sites, unattended=True)
    assert (appliance.attempts, appliance.dialled) == (["wrong"], 1)
    vault.password = PASSWORD
    await visit(scheduled, sites, unattended=True)
    assert appliance.attempts == ["wrong", PASSWORD]
    scheduled.close()


async def test_a_person_may_try_again_and_a_login_is_forgiven(serve: Serve) -> None:
    appliance, vault = await serve(SmallAppliance()), Vault("wrong")
    first = LiveDoors(vault.read, threads=2, refusals=(shared := RememberedRefusals()))
    second = LiveDoors(vault.read, threads=2, refusals=shared)
    sites = inventory(appliance)
    for unattended in (False, True, False):
        with pytest.raises(Rejected):
            await visit(first, sites, unattended=unattended)
    assert appliance.attempts == ["wrong", "wrong"]
    with pytest.raises(Rejected, match="before"):
        await visit(second, sites, unattended=True)
    vault.password = PASSWORD
    await visit(second, sites, unattended=False)
    vault.password = "wrong"
    with pytest.raises(Rejected, match="check user name"):
        await visit(first, sites, unattended=True)
    for opened in (first, second):
        opened.close()


async def test_what_is_remembered_tells_nobody_the_secret(serve: Serve) -> None:
    appliance, kept = await serve(SmallAppliance()), RememberedRefusals()
    opened = LiveDoors(lambda secret: "wrong", threads=2, refusals=kept)
    with pytest.raises(Rejected):
        await visit(opened, inventory(appliance), unattended=True)
    account = f"pvo@127.0.0.1:{appliance.port}"
    remembered = str(await kept.recall(account))
    assert len(remembered) == 64
    assert "wrong" not in remembered
    opened.close()


async def test_a_budget_is_kept_and_first_come_is_first_served() -> None:
    budget, order, most, now = Budget(5), list[int](), 0, 0

    async def run(number: int, count: int) -> None:
        nonlocal most, now
        async with budget.take(count):
            now += count
            most = max(most, now)
            order.append(number)
            await asyncio.sleep(0)
            now -= count

    await asyncio.gather(*(run(number, 2 + number % 3) for number in range(20)))
    assert order == list(range(20))
    assert 2 < most <= 5
    await asyncio.wait_for(run(20, 99), 10)


async def test_who_is_cancelled_while_waiting_leaves_the_queue() -> None:
    budget = Budget(1)

    async def hold(until: asyncio.Event) -> None:
        async with budget.take(1):
            await until.wait()

    release = asyncio.Event()
    holder, waiting, last = (asyncio.create_task(hold(release)) for _ in range(3))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    release.set()
    await asyncio.wait_for(asyncio.gather(holder, last), 10)


async def test_only_so_many_connections_stand_at_a_time(serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    bounded = LiveDoors(lambda secret: PASSWORD, threads=4, connections=4)
    await asyncio.gather(*(visit(bounded, inventory(appliance), unattended=True) for _ in range(12)))
    assert appliance.logins == 12
    assert appliance.most <= 2  # two appliances a site
    bounded.close()
