"""The hidden CPQ listener of one appliance: TCP on loopback, HAT, STARTTLS and SMTP."""

import asyncio
import socket
import threading
from collections.abc import Callable

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.network import Endpoint, Network
from bot.lab.appliances.parts import Greeting
from bot.lab.appliances.port import Port
from bot.lab.appliances.receiving import receive
from bot.lab.appliances.wire import Wire

PATIENCE = 30.0  # seconds without a command
MAX_BAD_COMMANDS = 5
MASKED_WORDS = ("250-mail", "250-8BITMIME", "250-SIZE 10485760", "250 XXXXXXXA")
REJECTED = (
    "Your access to this mail system has been rejected due to the sending MTA's poor reputation. "
    "If you believe that this failure is in error, please contact the intended recipient via alternate means."
)


class CpqListener:
    """Accepts while its listener is not suspended; each connection is served by a thread of its own.

    Blocking threads, because asyncio's TLS server drops the alert that tells a client what went wrong.
    """

    def __init__(self, appliance: Appliance, network: Network) -> None:
        self._appliance = appliance
        self._network = network
        self._port = Port(self._accept)
        self._endpoint: Endpoint | None = None
        self._threads: dict[threading.Thread, Wire] = {}
        appliance.watch(self.follow)

    def follow(self) -> None:
        """Open or close the port, as the state says; call it in the event loop."""
        appliance = self._appliance
        endpoint = (appliance.address, appliance.cpq.port) if appliance.listens else None
        if endpoint != self._endpoint:
            self._move(endpoint)
        if appliance.away:
            for wire in self._threads.values():
                wire.abort()

    @property
    def number(self) -> int:
        """The loopback port that it listens on whenever it does."""
        return self._port.number

    async def stop(self) -> None:
        """Close the port and every connection, and wait for their threads."""
        self._move(None)
        self._port.release()
        for wire in self._threads.values():
            wire.abort()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _move(self, endpoint: Endpoint | None) -> None:
        if self._endpoint:
            self._network.detach(self._endpoint)
            self._port.close()
        if endpoint:
            self._network.attach(endpoint, self._port.number)
            self._port.open()
        self._endpoint = endpoint

    def _accept(self, connection: socket.socket, port: int) -> None:
        connection.settimeout(PATIENCE)
        wire = Wire(connection)
        conversation = Conversation(self._appliance, wire, self._network.take_source(port))
        thread = threading.Thread(target=conversation.run, name=f"cpq-{self._appliance.name}", daemon=True)
        self._threads = {old: kept for old, kept in self._threads.items() if old.is_alive()}
        self._threads[thread] = wire
        thread.start()


class Conversation:
    """One incoming connection, from the banner to its close."""

    def __init__(self, appliance: Appliance, wire: Wire, source: str) -> None:
        self._appliance = appliance
        self._wire = wire
        self._source = source
        self._icid = appliance.count("icid")
        self._secured = False
        self._bad_commands = 0
        self._commands: dict[str, Callable[[], bool]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "STARTTLS": self._start_tls,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._ok,
            "NOOP": self._ok,
            "QUIT": self._quit,
        }

    def run(self) -> None:
        """Serve until the client leaves or breaks the connection."""
        appliance, icid = self._appliance, self._icid
        interface = appliance.interface(appliance.cpq.interface)
        appliance.log.write(
            f"New CPQ ICID {icid} interface {interface.name} ({interface.address}) "
            f"address {self._source} reverse dns host unknown verified no"
        )
        try:
            self._serve()
        except (OSError, EOFError, ValueError):
            appliance.log.write(f"ICID {icid} lost")
        finally:
            self._wire.close()
            appliance.log.write(f"ICID {icid} close")

    def _serve(self) -> None:
        host, wire, manner = self._appliance.host, self._wire, self._appliance.cpq.manner
        if manner != "serve":
            self._misbehave(manner)
            return
        if not self._appliance.cpq.accepts(self._source):
            self._appliance.log.write(f"ICID {self._icid} REJECT SG None match ALL SBRS not enabled")
            wire.send(f"554-{host}", f"554 {REJECTED}")
            return
        self._appliance.log.write(
            f"ICID {self._icid} RELAY SG RELAYLIST match {self._source} SBRS not enabled"
        )
        wire.send(f"220 {host} ESMTP")
        while self._answer(wire.read_line()):
            pass

    def _misbehave(self, manner: Greeting) -> None:
        """What peers see instead of a listener; the appliance itself knows nothing of it."""
        if manner == "busy":
            self._wire.send("421 #4.4.5 Too many connections to this listener")
        elif manner == "mask":
            self._wire.send("220 " + "*" * 40)
            while not (line := self._wire.read_line().upper()).startswith("QUIT"):
                greeted = line.startswith("EHLO")
                self._wire.send(*MASKED_WORDS if greeted else ["500 #5.5.1 command not recognized"])
        elif manner == "silent":
            self._wire.read_line()

    def _answer(self, line: str) -> bool:
        verb = line.split(" ", 1)[0].upper()
        if verb in self._commands:
            return self._commands[verb]()
        self._bad_commands += 1
        if self._bad_commands < MAX_BAD_COMMANDS:
            self._wire.send("500 #5.5.1 command not recognized")
            return True
        self._wire.send("421 Exceeded bad SMTP command limit, disconnecting.")
        return False

    def _ehlo(self) -> bool:
        words = ["8BITMIME", "SIZE 10485760"] + ([] if self._secured else ["STARTTLS"])
        lines = [f"250-{word}" for word in (self._appliance.host, *words)]
        self._wire.send(*lines[:-1], lines[-1].replace("-", " ", 1))
        return True

    def _helo(self) -> bool:
        self._wire.send(f"250 {self._appliance.host}")
        return True

    def _start_tls(self) -> bool:
        if self._secured:
            self._wire.send("503 #5.5.1 TLS is already active")
            return True
        if self._appliance.starttls == "refuse":
            self._wire.send("454 TLS not available due to a temporary reason")
            return True
        self._wire.send("220 Go ahead with TLS")
        if self._appliance.starttls == "break":
            return False
        try:
            secured = self._wire.start_tls(self._appliance.tls_context, server_side=True)
        except OSError as error:
            self._appliance.log.write(f"ICID {self._icid} TLS failed: {error.strerror or error}")
            raise
        protocol = secured.version()
        cipher = secured.cipher()
        name = cipher[0] if cipher else "unknown"
        self._appliance.log.write(f"ICID {self._icid} TLS success protocol {protocol} cipher {name}")
        self._secured = True
        return True

    def _mail(self) -> bool:
        if not self._secured:
            self._wire.send("530 #5.7.0 Must issue a STARTTLS command first")
            return True
        self._wire.send("250 sender ok")
        return True

    def _rcpt(self) -> bool:
        self._wire.send("250 recipient ok")
        return True

    def _data(self) -> bool:
        if not self._secured:
            self._wire.send("503 #5.5.1 MAIL first")
            return True
        self._wire.send("354 go ahead")
        mid = receive(self._appliance, self._source, self._wire.read_data())
        self._wire.send(f"250 ok:  Message {mid} accepted")
        return True

    def _ok(self) -> bool:
        self._wire.send("250 ok")
        return True

    def _quit(self) -> bool:
        self._wire.send(f"221 {self._appliance.host}")
        return False
