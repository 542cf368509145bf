"""`tlsverify`: a real TLS handshake with a destination, told step by step."""

import asyncio
import ssl

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.network import Network
from bot.lab.appliances.session import Session
from bot.lab.appliances.tls import build_sender_context
from bot.lab.appliances.wire import Wire

SMTP_PORT = "25"


async def tlsverify(session: Session, arguments: str) -> None:
    """Ask for domain and destination, then connect, negotiate and look at the certificate."""
    domain = await session.ask("Enter the TLS domain to verify against:")
    destination = await session.ask(
        "Enter the destination host to connect to.  Append the port (example.com:26) if you are not "
        "connecting on port 25:",
        domain,
    )
    host, _, port = destination.partition(":")
    address = session.network.resolve(host)
    if address is None or not (port or SMTP_PORT).isdecimal():
        await session.say(f"\nTLS verification failed: {destination} cannot be resolved.")
        return
    verification = Verification(session.here, session.network, (address, int(port or SMTP_PORT)))
    await asyncio.to_thread(verification.run, session.settings.telnet_timeout)
    await session.say("\n".join(["", *verification.lines]))


class Verification:
    """One connection; `lines` tell how far it came. `run` blocks."""

    def __init__(self, appliance: Appliance, network: Network, endpoint: tuple[str, int]) -> None:
        self._appliance = appliance
        self._network = network
        self._endpoint = endpoint
        self.lines: list[str] = []

    def run(self, timeout: float) -> None:
        """Connect and negotiate within `timeout` seconds a step."""
        address, port = self._endpoint
        source = self._appliance.delivery_source
        self.lines.append(f"Connecting to {address} on port {port}.")
        try:
            wire = Wire(self._network.connect(source, self._endpoint, timeout))
        except OSError as error:
            self.lines += [f"Connection failed: {error.strerror}.", "TLS verification failed."]
            return
        self.lines += [f"Connected to {address} from interface {source}.", "Checking TLS connection."]
        try:
            self._negotiate(wire)
        except (OSError, EOFError, ValueError) as error:
            self.lines += [f"TLS connection failed: {error}.", "TLS verification completed."]
        finally:
            wire.close()

    def _negotiate(self, wire: Wire) -> None:
        settings = self._appliance.configuration
        context = build_sender_context(settings["ssl_outbound_ciphers"], settings["ssl_outbound_method"])
        for line in (None, f"EHLO {self._appliance.host}", "STARTTLS"):
            if line:
                wire.send(line)
            reply = wire.read_reply()
            if reply.code not in (220, 250):
                raise ValueError(f"unexpected response {reply.code} {reply.text}")
        secured = wire.start_tls(context, server_side=False)
        self.lines += [_describe(secured), "Verifying peer certificate."]
        certificate = secured.getpeercert(binary_form=True)
        verdict = "no certificate from server" if certificate is None else "self signed certificate"
        self.lines += [f"TLS certificate verification failed: {verdict}.", "TLS verification completed."]


def _describe(secured: ssl.SSLSocket) -> str:
    cipher = secured.cipher()
    name = cipher[0] if cipher else "unknown"
    return f"TLS connection established: protocol {secured.version()}, cipher {name}."
