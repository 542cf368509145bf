"""`applianceconfig` of an SMA: the ESAs it knows, and tests of its way to log in to them."""

import asyncio

from bot.lab.appliances.command_client import CommandFailure, reach
from bot.lab.appliances.parts import Peer
from bot.lab.appliances.session import Session

OPERATIONS = {
    "ADD": "Add a new appliance.",
    "EDIT": "Edit an appliance.",
    "DELETE": "Remove an appliance.",
    "LIST": "List the configured appliances.",
    "TEST": "Test the connection to an appliance.",
    "SERVICES": "Configure the centralized services of an appliance.",
    "STATUS": "Show the connection status of the appliances.",
    "PORT": "Configure the SSH port of an appliance.",
}


async def applianceconfig(session: Session, arguments: str) -> None:
    """Run the operation that is given, or those chosen from the menu until Enter leaves it."""
    if arguments:
        await _operate(session, arguments.upper())
        return
    await session.say(_list(session))
    while operation := await session.ask_operation(OPERATIONS):
        await _operate(session, operation)


async def _operate(session: Session, operation: str) -> None:
    if operation == "LIST":
        await session.say(_list(session))
    elif operation == "TEST":
        await _test(session)
    elif operation == "STATUS":
        await _show_status(session)
    else:
        await session.say(f"\n{operation} changes nothing in this simulator.")


def _list(session: Session) -> str:
    rows = [
        f"{number:2}. {peer.name:24}{peer.address:18}ESA" for number, peer in enumerate(session.here.peers, 1)
    ]
    return "\n".join(["", "Currently configured appliances:", f"    {'Name':24}{'Address':18}Type", *rows])


async def _test(session: Session) -> None:
    peers = session.here.peers
    places = [f"{peer.name} ({peer.address})" for peer in peers]
    peer = peers[await session.ask_number("Choose the appliance to test.", places) - 1]
    await session.say(f"\nTesting the connection to {peer.name} ({peer.address})...")
    failure = await _try(session, peer)
    await session.say(f"Test failed.\n{failure}" if failure else "Test succeeded.")


async def _show_status(session: Session) -> None:
    peers = session.here.peers
    failures = await asyncio.gather(*(_try(session, peer) for peer in peers))
    rows = [
        f"{peer.name:28}{peer.address:18}{'Not connected' if failure else 'Connected'}"
        for peer, failure in zip(peers, failures, strict=True)
    ]
    await session.say("\n".join(["", f"{'Appliance':28}{'Address':18}Connection", *rows]))


async def _try(session: Session, peer: Peer) -> str:
    """What went wrong, empty when nothing did."""
    try:
        await reach(session.here, peer, session.network, session.settings.telnet_timeout)
    except CommandFailure as failure:
        return str(failure)
    return ""
