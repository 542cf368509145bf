"""A small SSH server for tests of the door: its shell echoes, answers what it is told, misbehaves on demand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from bot.model.command import Reading
from bot.model.inventory import Inventory, Secret
from bot.probes.live import LiveDoors

PROMPT = "esa1.example.com> "
PASSWORD = "correct horse"
VERSION = Reading("version", str)


@dataclass
class SmallAppliance:
    """A server whose shell echoes, answers `answers`, and knows a few ways to misbehave."""

    methods: tuple[str, ...] = ("password",)
    key_type: str = "ssh-ed25519"
    algorithms: dict[str, list[str]] = field(default_factory=dict)
    only_ssh_rsa: bool = False
    channels: int = 99
    shells: int = 99
    uncommitted: bool = False
    terminals: bool = True
    answers: dict[str, str] = field(default_factory=lambda: {"version": "Version: 15.0.1-416\r\n"})
    client_keys: tuple[str, ...] = ()
    attempts: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    logins: int = 0
    dialled: int = 0
    open: int = 0
    most: int = 0
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    shell: "type[Shell] | None" = None

    def __post_init__(self) -> None:
        self.key = asyncssh.generate_private_key(self.key_type)

    @property
    def host_key(self) -> str:
        return self.key.export_public_key().decode().strip()

    async def start(self) -> asyncssh.SSHAcceptor:
        acceptor = await asyncssh.create_server(
            lambda: Gate(self),
            "127.0.0.1",
            0,
            server_host_keys=[self.key],
            line_editor=False,
            encoding=None,
            gss_host=None,
            **self.algorithms,
        )
        self.port = acceptor.get_port()
        return acceptor


class Gate(asyncssh.SSHServer):
    def __init__(self, appliance: SmallAppliance) -> None:
        self.appliance = appliance
        self.sessions = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        self.appliance.dialled += 1
        if self.appliance.only_ssh_rsa:  # asyncssh has no setting for it
            for kind in set(conn._server_host_keys) - {b"ssh-rsa"}:
                del conn._server_host_keys[kind]
            conn._server_host_key_algs = [b"ssh-rsa"]

    def password_auth_supported(self) -> bool:
        return "password" in self.appliance.methods

    def kbdint_auth_supported(self) -> bool:
        return "keyboard-interactive" in self.appliance.methods

    def public_key_auth_supported(self) -> bool:
        return "publickey" in self.appliance.methods

    def validate_password(self, username: str, password: str) -> bool:
        self.appliance.attempts.append(password)
        return password == PASSWORD

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [("Password:", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        self.appliance.attempts.extend(responses)
        return list(responses) == [PASSWORD]

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.get_fingerprint() in self.appliance.client_keys

    def auth_completed(self) -> None:
        self.appliance.logins += 1

    def session_requested(self) -> "Shell":
        if self.sessions >= self.appliance.channels:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "no more sessions")
        self.sessions += 1
        return (self.appliance.shell or Shell)(self)


class Shell(asyncssh.SSHServerSession[bytes]):
    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.appliance = gate.appliance
        self.buffer = b""

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self.channel = chan

    def connection_lost(self, exc: Exception | None) -> None:
        self.gate.sessions -= 1
        self.appliance.open -= 1

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:
        self.appliance.sizes.append(term_size[:2])
        return self.appliance.terminals

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self.appliance.open += 1
        self.appliance.most = max(self.appliance.most, self.appliance.open)
        if self.appliance.open > self.appliance.shells:
            self.write("Too many sessions for this user.\r\n")
            self.channel.exit(1)
        else:
            self.write("AsyncOS 15.0.1 for Cisco C100V\r\n\r\n" + PROMPT)

    def data_received(self, data: bytes, datatype: Any) -> None:
        self.buffer += data
        while b"\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\n")
            self.take(line.decode())

    def take(self, line: str) -> None:
        self.appliance.typed.append(line)
        self.write(line + "\r\n")
        if line == "hang":
            self.appliance.hanging.set()
        elif line == "die":
            self.write("half an ans")
            self.gate.connection.abort()
        elif line == "exit" and self.appliance.uncommitted:
            self.write("Exiting will lose changes.\r\nAre you sure you wish to exit? [N]> ")
        elif line in ("exit", "Y"):
            self.channel.exit(0)
        else:
            self.write(
                self.appliance.answers.get(line, f"Unknown command or missing feature key: {line}\r\n")
                + PROMPT
            )

    def write(self, text: str) -> None:
        self.channel.write(text.encode())


Serve = Callable[[SmallAppliance], Any]


def inventory(appliance: SmallAppliance | None = None, **changes: Any) -> Inventory:
    entry: dict[str, Any] = {
        "product": "sma",
        "host": "127.0.0.1",
        "port": appliance.port if appliance else 22,
        "username": "pvo",
        "password": {"env": "P"},
        "host_key": appliance.host_key if appliance else None,
    }
    entry |= changes
    if "key" in entry:
        del entry["password"]
    return Inventory.model_validate(
        {
            "appliances": {"sma-a": entry, "esa-a": {**entry, "product": "esa"}},
            "sites": {"site-a": {"title": "A", "sma": "sma-a", "esas": ["esa-a"]}},
        }
    )


def read_secret(secret: Secret) -> str:
    return f"{PASSWORD}\n" if secret.env else Path(secret.file or "").read_text()


async def ask(doors: LiveDoors, sites: Inventory, *commands: Reading[Any]) -> list[str]:
    async with doors.open(sites, "site-a") as appliances:
        answers = await asyncio.gather(
            *(appliances.converse("sma-a", command) for command in commands or (VERSION,))
        )
    await doors.settle()
    return answers
