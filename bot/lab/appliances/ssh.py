"""The SSH server of one appliance: its ports, its host key, and a shell a session."""

import asyncio
import contextlib
import socket
from collections.abc import Coroutine
from typing import Any

import asyncssh

from bot.lab.appliances.algorithms import choose_algorithms
from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.delay import LongWire
from bot.lab.appliances.gate import Gate
from bot.lab.appliances.inventory import InventoryDoor
from bot.lab.appliances.keys import KeyPair
from bot.lab.appliances.negotiation import load_host_key, select_known
from bot.lab.appliances.network import Network
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.parts import ACCOUNT, SSH_PORT, Login
from bot.lab.appliances.port import Port
from bot.lab.appliances.session import Session
from bot.lab.appliances.shell import Shell
from bot.lab.appliances.terminal import Terminal


class SshServer:
    """Each connection gets the door and host key of the moment it comes.

    Listens on two free loopback ports: clients dial one, the other appliances come by the other, so that a firewall
    may stand before one of them.
    """

    def __init__(self, appliance: Appliance, network: Network, settings: LabSettings) -> None:
        self._appliance = appliance
        self._network = network
        self._settings = settings
        self._gates: set[Gate] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._port: Port | None = None
        self._inside: Port | None = None
        appliance.watch(self.follow)

    @property
    def port(self) -> int:
        """The loopback port that clients dial, known after `start`."""
        return self._port.number if self._port else 0

    def describe_door(self, key: KeyPair, cpq_port: int) -> InventoryDoor:
        """What the inventory says of it; `key` is the client's, used where no password is asked for.

        `cpq_port` is the loopback port of the appliance's CPQ listener.
        """
        keyed = self._appliance.door.methods == ("publickey",)
        return InventoryDoor(
            self.port,
            self._appliance.host_key.public,
            "key" if keyed else "password",
            key.private if keyed else self._appliance.accounts[ACCOUNT],
            legacy=choose_algorithms(self._appliance).host_key == "ssh-rsa",
            cpq_port=cpq_port,
        )

    async def start(self) -> None:
        """Listen; afterwards `port` is known."""
        self._port, self._inside = Port(self._accept), Port(self._accept)
        self.follow()

    async def stop(self) -> None:
        """End the server with all its connections."""
        if self._port is None or self._inside is None:
            return
        self._port.release()
        self._inside.release()
        for gate in list(self._gates):
            gate.connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def follow(self) -> None:
        """Open or close the ports, as the state says; call it in the event loop."""
        if self._port is None or self._inside is None:
            return
        endpoint, way_in = (self._appliance.address, SSH_PORT), self._appliance.way_in
        serves = not (self._appliance.away or self._appliance.ssh_off)
        if way_in == "drop":
            self._port.drop()
        else:
            (self._port.open if serves and way_in == "open" else self._port.close)()
        if serves:
            self._inside.open()
            self._network.attach(endpoint, self._inside.number)
        else:
            self._network.detach(endpoint)
            self._inside.close()
            for gate in list(self._gates):
                gate.connection.close()

    def _accept(self, connection: socket.socket, port: int) -> None:
        self._spawn(self._attend(connection, self._network.take_source(port)))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._remember(asyncio.create_task(work))

    def _remember(self, task: "asyncio.Task[Any] | None") -> None:
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _attend(self, connection: socket.socket, source: str) -> None:
        round_trip = self._appliance.door.round_trip
        if round_trip:
            # Loopback completes the TCP handshake at once; on a long wire that takes one and a half round trips.
            try:
                await asyncio.sleep(1.5 * round_trip)
            except asyncio.CancelledError:
                connection.close()
                raise
            wire = LongWire(connection, round_trip)
            self._spawn(wire.run())
            connection = wire.near
        with contextlib.suppress(OSError, asyncssh.Error):  # a client that does not get in, or breaks off
            accepted = await asyncssh.run_server(
                connection,
                server_factory=lambda: Gate(self._appliance, source, self._gates, self._serve),
                server_host_keys=[load_host_key(self._appliance.host_key.private)],
                line_editor=False,
                agent_forwarding=False,
                server_version="IPSSH-2.0",
                **select_known(choose_algorithms(self._appliance)),
            )
            await accepted.wait_closed()

    async def _serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        if process.subsystem is not None:
            process.exit(1)
            return
        self._remember(asyncio.current_task())
        conversation = asyncio.create_task(self._converse(process))
        closed = asyncio.create_task(process.wait_closed())
        try:
            await asyncio.wait({conversation, closed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            conversation.cancel()
            closed.cancel()
            await asyncio.gather(conversation, closed, return_exceptions=True)
        if not conversation.cancelled():
            conversation.result()  # a bug in a command must not pass unseen

    async def _converse(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        appliance = self._appliance
        login: Login = process.get_extra_info("login")
        lines: list[str] = []
        appliance.received_by_session.append(lines)

        def record(line: str) -> None:
            appliance.received.append(line)
            lines.append(line)

        terminal = Terminal(process, lambda: appliance.manners, record)
        shell = Shell(Session(appliance, self._network, self._settings, terminal, login))
        pump = asyncio.create_task(terminal.pump())
        try:
            if process.command is None:
                await shell.run()
            else:
                await shell.run_line(process.command)
            process.exit(0)
        except (OSError, asyncssh.Error):
            pass  # the client is gone
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
