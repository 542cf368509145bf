"""`telnet`: a real connection from this appliance to another, over the simulated network."""

import asyncio
import contextlib
import ipaddress
from dataclasses import dataclass

from bot.lab.appliances.session import Session
from bot.lab.appliances.terminal import ESCAPE

DEFAULT_PORT = 25  # not 23: mail administrators use it to test SMTP


@dataclass(frozen=True)
class Target:
    """What to connect to, and from which address."""

    source: str
    host: str
    port: int


async def telnet(session: Session, arguments: str) -> None:
    """Connect and relay lines until one side ends it; `^]` and then `quit` leaves."""
    target = _judge(_parse(session, arguments) if arguments else await _ask(session))
    if isinstance(target, str):
        await session.say(f"\nInvalid arguments when processing telnet:\n{target}")
        return
    address = session.network.resolve(target.host)
    if address is None:
        await session.say(f"\n{target.host}: hostname nor servname provided, or not known")
        return
    await session.say(f"\nTrying {address}...")
    connection = await _connect(session, target, address)
    if connection is not None:
        await session.say(f"Connected to {target.host}.\nEscape character is '^]'.")
        await _relay(session, *connection)


def _parse(session: Session, arguments: str) -> Target | None:
    host, _, port = arguments.partition(" ")
    port = port.strip() or str(DEFAULT_PORT)
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        return None
    return Target(session.here.address, host, int(port))


async def _ask(session: Session) -> Target:
    interfaces = session.here.interfaces
    places = [f"{item.name} ({item.address}/24: {session.here.host})" for item in interfaces]
    question = "Please select which interface you want to telnet from."
    number = await session.ask_number(question, ["Auto", *places])
    source = session.here.address if number == 1 else interfaces[number - 2].address
    host = await session.ask("Enter the remote hostname or IP address.")
    while not host:
        await session.say("\nA hostname or IP address is needed.")
        host = await session.ask("Enter the remote hostname or IP address.")
    while True:
        port = await session.ask("Enter the remote port.", str(DEFAULT_PORT))
        if port.isdecimal() and 1 <= int(port) <= 65535:
            return Target(source, host, int(port))
        await session.say("\nValue must be an integer from 1 to 65535.")


def _judge(target: Target | None) -> Target | str:
    """The target itself, or what is wrong with it."""
    if target is None:
        return "the port must be a number from 1 to 65535."
    try:
        address = ipaddress.ip_address(target.host)
    except ValueError:
        return target if "." in target.host else "the hostname must have at least two labels."
    broadcast = str(address) == "255.255.255.255"
    if address.is_loopback or address.is_link_local or address.is_multicast or broadcast:
        return "loopback, link-local, broadcast and multicast addresses are not allowed."
    return target


async def _connect(
    session: Session, target: Target, address: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    endpoint, patience = (address, target.port), session.settings.telnet_timeout
    try:
        return await session.network.open_connection(target.source, endpoint, patience)
    except OSError as error:
        await session.say(
            f"telnet: connect to address {address}: {error.strerror}\n"
            "telnet: Unable to connect to remote host"
        )
        return None


async def _relay(session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    tasks = {
        asyncio.create_task(_show(session, reader)),
        asyncio.create_task(_forward(session, writer)),
    }
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await session.say(" ".join(task.result() for task in done))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _show(session: Session, reader: asyncio.StreamReader) -> str:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(4096):
            await session.terminal.write(chunk.decode("latin-1"))
    return "Connection closed by foreign host."


async def _forward(session: Session, writer: asyncio.StreamWriter) -> str:
    while True:
        line = await session.terminal.read_line()
        if line != ESCAPE:
            with contextlib.suppress(OSError):
                writer.write(f"{line}\r\n".encode())
                await writer.drain()
        elif await _wants_to_quit(session):
            return "Connection closed."


async def _wants_to_quit(session: Session) -> bool:
    await session.terminal.write("^]\ntelnet> ")
    word = (await session.terminal.read_line()).strip()
    if word in ("quit", "q", "close"):
        return True
    if word:
        await session.say("?Invalid command")
    return False
