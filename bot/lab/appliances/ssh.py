"""The SSH server of one appliance: password login, and a shell a session."""

import asyncio
import contextlib
from typing import Any

import asyncssh

from bot.lab.appliances.appliance import Appliance, Login
from bot.lab.appliances.network import LOOPBACK, Network
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.parts import SSH_PORT, read_clock
from bot.lab.appliances.session import Session
from bot.lab.appliances.shell import Shell
from bot.lab.appliances.terminal import Terminal


class SshServer:
    """Listens on a free loopback port; the host key is new with each object."""

    def __init__(self, appliance: Appliance, network: Network, settings: LabSettings) -> None:
        self._appliance = appliance
        self._network = network
        self._settings = settings
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._sessions: set[asyncio.Task[Any]] = set()
        self._server: asyncssh.SSHAcceptor | None = None
        self.port = 0

    @property
    def host_key(self) -> str:
        """The public key in one line, without comment: `ssh-ed25519 AAAA…`."""
        return " ".join(self._key.export_public_key().decode().split()[:2])

    async def start(self) -> None:
        """Listen; afterwards `port` is known."""
        self._server = await asyncssh.create_server(
            lambda: _Gate(self._appliance, self._network, self._connections),
            LOOPBACK,
            0,
            server_host_keys=[self._key],
            process_factory=self._serve,
            line_editor=False,
            encoding=None,
            agent_forwarding=False,
            server_version="IPSSH-2.0",
        )
        self.port = self._server.get_port()
        self._network.attach((self._appliance.address, SSH_PORT), self.port)

    async def stop(self) -> None:
        """End the server with all its connections."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._connections):
            connection.abort()
            with contextlib.suppress(OSError, asyncssh.Error):
                await connection.wait_closed()
        await self._server.wait_closed()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        if process.command is not None or process.subsystem is not None:
            process.stderr.write(b"This simulator answers interactive sessions only.\n")
            process.exit(1)
            return
        self._remember_task()
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

    def _remember_task(self) -> None:
        if task := asyncio.current_task():
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)

    async def _converse(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        appliance = self._appliance
        login: Login = process.get_extra_info("login")
        terminal = Terminal(process, appliance.received.append)
        shell = Shell(Session(appliance, self._network, self._settings, terminal, login))
        pump = asyncio.create_task(terminal.pump())
        try:
            await shell.run()
            process.exit(0)
        except (OSError, asyncssh.Error):
            pass  # the client is gone
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)


class _Gate(asyncssh.SSHServer):
    """Who may log in, over one connection."""

    def __init__(
        self, appliance: Appliance, network: Network, connections: set[asyncssh.SSHServerConnection]
    ) -> None:
        self._appliance = appliance
        self._network = network
        self._connections = connections
        self._login: Login | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._source = self._network.take_source(conn.get_extra_info("peername")[1])
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._connection)
        if self._login is not None:
            self._appliance.present.remove(self._login)
            self._appliance.last_login = self._login

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._appliance.accounts.get(username) == password

    def auth_completed(self) -> None:
        user = self._connection.get_extra_info("username")
        self._login = Login(user, self._source, read_clock())
        self._connection.set_extra_info(login=self._login)
        self._appliance.logins += 1
        self._appliance.present.append(self._login)
