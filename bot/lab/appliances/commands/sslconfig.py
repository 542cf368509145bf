"""`sslconfig`: TLS methods and cipher lists, in the dialect of the release."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from bot.lab.appliances.releases import SslDialect
from bot.lab.appliances.session import Session
from bot.lab.appliances.tls import expand_ciphers

KINDS = {"GUI": "GUI HTTPS", "INBOUND": "Inbound SMTP", "OUTBOUND": "Outbound SMTP"}
OLD_METHODS = {
    "SSL v2.": "sslv2",
    "SSL v3": "sslv3",
    "TLS v1": "tlsv1",
    "SSL v2 and v3": "sslv2sslv3",
    "SSL v3 and TLS v1": "sslv3tlsv1",
    "SSL v2, v3 and TLS v1": "sslv2sslv3tlsv1",
}
METHODS = {
    "TLS v1.0": "tlsv1",
    "TLS v1.1": "tlsv1.1",
    "TLS v1.2": "tlsv1.2",
    "TLS v1.0 and v1.2": "tlsv1/tlsv1.2",
    "TLS v1.1 and v1.2": "tlsv1.1/tlsv1.2",
    "TLS v1.0, v1.1 and v1.2": "tlsv1/tlsv1.1/tlsv1.2",
}
CONTIGUOUS_METHODS = {
    "TLS v1.0": "tlsv1",
    "TLS v1.1": "tlsv1.1",
    "TLS v1.2": "tlsv1.2",
    "TLS v1.3": "tlsv1.3",
    "TLS v1.1 and v1.2": "tlsv1.1/tlsv1.2",
    "TLS v1.2 and v1.3": "tlsv1.2/tlsv1.3",
    "TLS v1.1, v1.2 and v1.3": "tlsv1.1/tlsv1.2/tlsv1.3",
}


@dataclass(frozen=True)
class Dialect:
    """How a release words it: which kinds, which methods, ciphers joined by colons or one per line."""

    kinds: Mapping[str, str]
    methods: Mapping[str, str]
    one_per_line: bool


_SMTP = {"INBOUND": "inbound SMTP", "OUTBOUND": "outbound SMTP"}
DIALECTS: Mapping[SslDialect, Dialect] = {
    "pair": Dialect(_SMTP, OLD_METHODS, one_per_line=False),
    "colons": Dialect(KINDS, OLD_METHODS, one_per_line=False),
    "lines": Dialect(KINDS, METHODS, one_per_line=True),
    "contiguous": Dialect(KINDS, CONTIGUOUS_METHODS, one_per_line=True),
}


async def sslconfig(session: Session, arguments: str) -> None:
    """Print the settings, and edit them until Enter leaves the menu."""
    dialect = DIALECTS[session.appliance.model.release.ssl_dialect]
    operations = {kind: f"Edit {title} ssl settings." for kind, title in dialect.kinds.items()}
    operations["VERIFY"] = "Verify and show ssl cipher list."
    while True:
        await session.say("\n".join(["", "sslconfig settings:", *_render(session, dialect)]))
        operation = await session.ask_operation(operations)
        if not operation:
            return
        if operation == "VERIFY":
            await _verify(session)
        else:
            await _edit(session, dialect, operation)


def _render(session: Session, dialect: Dialect) -> list[str]:
    lines = []
    for kind, title in dialect.kinds.items():
        ciphers = session.setting(f"ssl_{kind.lower()}_ciphers")
        lines.append(f"  {title} method:  {session.setting(f'ssl_{kind.lower()}_method')}")
        if dialect.one_per_line:
            lines += [f"  {title} ciphers:", *(f"        {word}" for word in ciphers.split(":"))]
        else:
            lines.append(f"  {title} ciphers: {ciphers}")
    return lines


async def _edit(session: Session, dialect: Dialect, kind: str) -> None:
    title = KINDS[kind] if kind == "GUI" else KINDS[kind][0].lower() + KINDS[kind][1:]
    name = f"ssl_{kind.lower()}"
    values = list(dialect.methods.values())
    current = values.index(session.setting(f"{name}_method")) + 1
    question = f"Enter the {title} ssl method you want to use."
    number = await session.ask_number(question, list(dialect.methods), current)
    session.change(f"{name}_method", values[number - 1])
    question = f"Enter the {title} ssl cipher you want to use."
    ciphers = await _ask_ciphers(session, question, session.setting(f"{name}_ciphers"))
    session.change(f"{name}_ciphers", ciphers)
    if dialect.one_per_line and kind != "OUTBOUND":
        await session.say()
        await session.ask_yes(
            f"Would you like to Enable/Disable TLS renegotiation for {title}?", default=True
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
