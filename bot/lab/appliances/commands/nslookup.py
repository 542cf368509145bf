"""`nslookup`: resolves names of the simulated network."""

from bot.lab.appliances.session import Session

TYPES = ("Query the IP address of a host", "Query the mail exchanger records")


async def nslookup(session: Session, arguments: str) -> None:
    """Print `A=… TTL=…`, or that there is no such name."""
    host = arguments.split(" ")[0]
    if not host:
        host = await session.ask("Please enter the host or IP address to resolve.")
        await session.ask_number("Choose the query type:", TYPES)
    address = session.network.resolve(host)
    await session.say(f"A={address} TTL=30m" if address else f"NXDomain: {host}")
