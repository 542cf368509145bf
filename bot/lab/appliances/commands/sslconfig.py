"""`sslconfig`: TLS methods and cipher lists for GUI, inbound and outbound mail."""

import ssl

from bot.lab.appliances.session import Session
from bot.lab.appliances.tls import expand_ciphers

KINDS = {"GUI": "GUI HTTPS", "INBOUND": "Inbound SMTP", "OUTBOUND": "Outbound SMTP"}
METHODS = {
    "TLS v1.0": "tlsv1",
    "TLS v1.1": "tlsv1.1",
    "TLS v1.2": "tlsv1.2",
    "TLS v1.1 and v1.2": "tlsv1.1/tlsv1.2",
    "TLS v1.0, v1.1 and v1.2": "tlsv1/tlsv1.1/tlsv1.2",
}
OPERATIONS = {
    "GUI": "Edit GUI HTTPS ssl settings.",
    "INBOUND": "Edit Inbound SMTP ssl settings.",
    "OUTBOUND": "Edit Outbound SMTP ssl settings.",
    "VERIFY": "Verify and show ssl cipher list.",
}


async def sslconfig(session: Session, arguments: str) -> None:
    """Print the settings, and edit them until Enter leaves the menu."""
    while True:
        await _print(session)
        operation = await session.ask_operation(OPERATIONS)
        if not operation:
            return
        if operation == "VERIFY":
            await _verify(session)
        else:
            await _edit(session, operation)


async def _print(session: Session) -> None:
    await session.say("\nsslconfig settings:")
    for kind, title in KINDS.items():
        await session.say(f"  {title} method:  {session.setting(f'ssl_{kind.lower()}_method')}")
        await session.say(f"  {title} ciphers: {session.setting(f'ssl_{kind.lower()}_ciphers')}")


async def _edit(session: Session, kind: str) -> None:
    title = KINDS[kind] if kind == "GUI" else KINDS[kind][0].lower() + KINDS[kind][1:]
    name = f"ssl_{kind.lower()}"
    values = list(METHODS.values())
    current = values.index(session.setting(f"{name}_method")) + 1
    question = f"Enter the {title} ssl method you want to use."
    number = await session.ask_number(question, list(METHODS), current)
    session.change(f"{name}_method", values[number - 1])
    question = f"Enter the {title} ssl cipher you want to use."
    session.change(
        f"{name}_ciphers", await _ask_ciphers(session, question, session.setting(f"{name}_ciphers"))
    )


async def _ask_ciphers(session: Session, question: str, current: str) -> str:
    while True:
        ciphers = await session.ask(question, current)
        if _expand(ciphers):
            return ciphers
        await session.say(f"\n{ciphers} is not a usable cipher list.")


async def _verify(session: Session) -> None:
    ciphers = await session.ask("Enter the ssl cipher you want to verify.")
    await session.terminal.write_pages("\n".join(_expand(ciphers) or ["No cipher matches."]))


def _expand(ciphers: str) -> list[str]:
    try:
        return expand_ciphers(ciphers)
    except ssl.SSLError:
        return []
