"""Who may log in to an appliance, how, and with how many sessions."""

import asyncio
from collections.abc import Awaitable, Callable, MutableSet, Sequence

import asyncssh

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.parts import COMMAND_CLIENT, Login

Serve = Callable[["asyncssh.SSHServerProcess[bytes]"], Awaitable[None]]
TOO_MANY = "The maximum number of sessions is reached."


class Gate(asyncssh.SSHServer):
    """One SSH connection, from its first byte on; it joins the set of `gates` while it is open."""

    def __init__(self, appliance: Appliance, source: str, gates: "MutableSet[Gate]", serve: Serve) -> None:
        self._appliance = appliance
        self._door = appliance.door
        self._source = source
        self._gates = gates
        self._serve = serve
        self._login: Login | None = None
        self.sessions = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        self._gates.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gates.discard(self)
        if self._login is not None:
            self._appliance.present.remove(self._login)
            if self._login.user != COMMAND_CLIENT:
                self._appliance.last_login = self._login

    def begin_auth(self, username: str) -> bool:
        if self._door.banner:
            self.connection.send_auth_banner(self._door.banner)
        return True

    def password_auth_supported(self) -> bool:
        return "password" in self._door.methods

    async def validate_password(self, username: str, password: str) -> bool:
        return await self._judge("password", username, self._appliance.accounts.get(username) == password)

    def kbdint_auth_supported(self) -> bool:
        return "keyboard-interactive" in self._door.methods

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return "", "", "en", [("Password:", False)]

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        right = list(responses) == [self._appliance.accounts.get(username)]
        return await self._judge("keyboard-interactive", username, right)

    def public_key_auth_supported(self) -> bool:
        return "publickey" in self._door.methods

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        line = " ".join(key.export_public_key().decode().split()[:2])
        known = line in self._appliance.client_keys
        return await self._judge("publickey", username, known and username in self._appliance.accounts)

    def auth_completed(self) -> None:
        user = self.connection.get_extra_info("username")
        self._login = Login(user, self._source, self._appliance.clock())
        self.connection.set_extra_info(login=self._login)
        self._appliance.present.append(self._login)
        if user != COMMAND_CLIENT:
            self._appliance.logins += 1

    def session_requested(
        self,
    ) -> "tuple[asyncssh.SSHServerChannel[bytes], asyncssh.SSHServerProcess[bytes]]":
        full = self._is_full()
        if full and self._door.over_limit == "refuse":
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, TOO_MANY)
        channel: asyncssh.SSHServerChannel[bytes] = self.connection.create_server_channel(encoding=None)
        if full:
            return channel, asyncssh.SSHServerProcess(_turn_away, None, 3, False)
        self.sessions += 1
        return channel, _CountedProcess(self, self._serve)

    def _is_full(self) -> bool:
        everywhere = sum(gate.sessions for gate in self._gates)
        limits = ((self._door.sessions, self.sessions), (self._door.all_sessions, everywhere))
        return any(limit is not None and number >= limit for limit, number in limits)

    async def _judge(self, method: str, username: str, right: bool) -> bool:
        if username != COMMAND_CLIENT:
            self._appliance.login_attempts.append((method, username))
        await asyncio.sleep(self._door.login_time)
        return right


class _CountedProcess(asyncssh.SSHServerProcess[bytes]):
    def __init__(self, gate: Gate, serve: Serve) -> None:
        super().__init__(serve, None, 3, False)
        self._gate = gate

    def connection_lost(self, exc: Exception | None) -> None:
        self._gate.sessions -= 1
        super().connection_lost(exc)


async def _turn_away(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    process.stdout.write(f"{TOO_MANY}\r\n".encode())
    process.exit(1)
