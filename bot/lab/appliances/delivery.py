"""Delivery over CPQ: one courier a path, with a queue, retries, and the sender's log lines."""

import asyncio
import socket
import ssl
import threading
import time

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.network import Network
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.parts import Message
from bot.lab.appliances.receiving import write_headers
from bot.lab.appliances.tls import build_sender_context
from bot.lab.appliances.wire import Reply, Wire

# AsyncOS prints FreeBSD's numbers, whatever this machine's are.
REFUSED = "[Errno 61] Connection refused"
RESET = "[Errno 54] Connection reset by peer"


class DeliveryFailure(Exception):
    """An attempt failed; `lines` are what the sender logs about it."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[0])
        self.lines = lines


class Courier:
    """Carries messages from one appliance to another, in a thread of its own.

    `attempts` counts the finished ones, good or bad.
    """

    def __init__(
        self, sender: Appliance, receiver: Appliance, network: Network, settings: LabSettings
    ) -> None:
        self.sender = sender
        self.receiver = receiver
        self.attempts = 0
        self._network = network
        self._settings = settings
        self._changed = threading.Condition()
        self._due = 0.0  # time.monotonic() of the next attempt
        self._stopped = False
        self._wire: Wire | None = None
        self._thread = threading.Thread(target=self._run, name=f"courier-{sender.name}", daemon=True)
        sender.watch(self.hurry)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    async def stop(self) -> None:
        """End the thread, in the middle of a delivery if need be; the network must be closed before."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if (wire := self._wire) is not None:
            wire.abort()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def enqueue(self, message: Message) -> None:
        """Put a message into the sender's queue; it is tried at once unless the destination is down."""
        with self.sender.lock:
            destination = self.sender.destination(self.sender.cpq_host)
            destination.waiting.append((self.receiver.address, message))
        with self._changed:
            self._changed.notify_all()

    def hurry(self) -> None:
        """Try again now instead of after the retry interval."""
        with self._changed:
            self._due = 0.0
            self._changed.notify_all()

    def waiting(self) -> list[Message]:
        """What waits for this path, oldest first."""
        with self.sender.lock:
            destination = self.sender.destination(self.sender.cpq_host)
            return [message for hop, message in destination.waiting if hop == self.receiver.address]

    def _may_send(self) -> bool:
        return not self._stopped and not self.sender.delivery_suspended

    def _run(self) -> None:
        while self._await_work():
            self._attempt()

    def _await_work(self) -> bool:
        with self._changed:
            while not self._stopped:
                pause = self._due - time.monotonic()
                idle = self.sender.delivery_suspended or not self.waiting()
                if not idle and pause <= 0:
                    return True
                self._changed.wait(None if idle else pause)
            return False

    def _attempt(self) -> None:
        sender, dcid = self.sender, self.sender.count("dcid")
        with sender.lock:
            sender.destination(sender.cpq_host).connections += 1
        try:
            self._deliver(dcid)
        except DeliveryFailure as failure:
            sender.log.write(*failure.lines)
            self._note(failed=True)
        else:
            self._note(failed=False)

    def _note(self, failed: bool) -> None:
        with self.sender.lock:
            destination = self.sender.destination(self.sender.cpq_host)
            destination.connections -= 1
            if failed:
                destination.down.add(self.receiver.address)
                destination.soft_bounced += 1
            else:
                destination.down.discard(self.receiver.address)
        with self._changed:
            self._due = time.monotonic() + self._settings.retry_interval if failed else 0.0
            self.attempts += 1

    def _deliver(self, dcid: int) -> None:
        wire = Wire(self._connect(dcid))
        self._wire = wire
        try:
            _greet(wire)
            self._secure(wire, dcid)
            while self._may_send() and (messages := self.waiting()):
                self._send(wire, dcid, messages[0])
            wire.send("QUIT")
            wire.read_reply()
            self.sender.log.write(f"DCID {dcid} close")
        except Unexpected as error:
            raise self._refusal(dcid, error.reply) from None
        except ConnectionResetError:
            raise self._network_failure(dcid, RESET) from None
        except (OSError, EOFError, ValueError):
            raise self._network_failure(dcid, "EOF") from None
        finally:
            self._wire = None
            wire.close()

    def _connect(self, dcid: int) -> socket.socket:
        sender, receiver = self.sender, self.receiver
        endpoint = (receiver.address, receiver.cpq.port)
        try:
            connection = self._network.connect(sender.address, endpoint, self._settings.connect_timeout)
        except TimeoutError:
            raise self._network_failure(dcid, "timeout", "connection timed out") from None
        except OSError:
            raise self._network_failure(dcid, REFUSED) from None
        connection.settimeout(max(self._settings.connect_timeout, 10.0))
        sender.log.write(
            f"New SMTP DCID {dcid} interface {sender.address} address {endpoint[0]} port {endpoint[1]}"
        )
        return connection

    def _secure(self, wire: Wire, dcid: int) -> None:
        _expect(_command(wire, f"EHLO {self.sender.host}"), 250)
        reply = _command(wire, "STARTTLS")
        if reply.code != 220:
            raise self._tls_failure(dcid, "STARTTLS unexpected response")
        configuration = self.sender.configuration
        try:
            context = build_sender_context(
                configuration["ssl_outbound_ciphers"], configuration["ssl_outbound_method"]
            )
            secured = wire.start_tls(context, server_side=False)
        except ssl.SSLError as error:
            text = f"(336130329, 'error:14094410:SSL routines:ssl3_read_bytes:{_reason(error)}')"
            raise self._tls_failure(dcid, text) from None
        certificate = secured.getpeercert(binary_form=True)
        if certificate is None:
            raise self._tls_failure(dcid, "verify error: no certificate from server")
        if certificate != self.receiver.identity.certificate:
            raise self._tls_failure(dcid, "verify error: certificate is not the expected one")
        cipher = secured.cipher()
        name = cipher[0] if cipher else "unknown"
        self.sender.log.write(
            f"DCID {dcid} TLS success protocol {secured.version()} cipher {name} {self.sender.cpq_host}"
        )
        _expect(_command(wire, f"EHLO {self.sender.host}"), 250)

    def _send(self, wire: Wire, dcid: int, message: Message) -> None:
        sender, mid = self.sender, message.mid
        to = " to Centralized Policy Quarantine" if sender.model.product == "esa" else ""
        sender.log.write(f"Delivery start DCID {dcid} MID {mid} to RID [0]{to}")
        for command, code in (("MAIL FROM:<>", 250), ("RCPT TO:<reader@example.com>", 250), ("DATA", 354)):
            _expect(_command(wire, command), code)
        wire.send(*write_headers(message), "", "Body.", ".")
        reply = wire.read_reply()
        _expect(reply, 250)
        with sender.lock:
            destination = sender.destination(sender.cpq_host)
            destination.waiting.remove((self.receiver.address, message))
            destination.delivered += 1
        sender.log.write(
            f"Message done DCID {dcid} MID {mid} to RID [0] (centralized policy quarantine)",
            f"MID {mid} RID [0] Response '{reply.text}'",
            f"Message finished MID {mid} done",
        )

    def _network_failure(self, dcid: int, details: str, reason: str = "network error") -> DeliveryFailure:
        cause = f"4.4.0 - Other network problem ('000', ['{details}'])"
        return self._connection_error(dcid, details, reason, cause)

    def _refusal(self, dcid: int, reply: Reply) -> DeliveryFailure:
        cause = f"4.1.0 - Unknown address error ('{reply.code}', {reply.text.splitlines()!r})"
        return self._connection_error(dcid, f"{reply.code}-{reply.text!r}", "unexpected SMTP response", cause)

    def _connection_error(self, dcid: int, details: str, reason: str, cause: str) -> DeliveryFailure:
        sender, receiver = self.sender, self.receiver
        lines = [
            f"Connection Error: DCID {dcid} domain: {sender.cpq_host} IP: {receiver.address} "
            f"port: {receiver.cpq.port} details: {details} interface: {sender.address} reason: {reason}"
        ]
        if messages := self.waiting():
            lines.append(f"Delayed: DCID {dcid} MID {messages[0].mid} to RID 0 - {cause}")
        return DeliveryFailure(*lines)

    def _tls_failure(self, dcid: int, text: str) -> DeliveryFailure:
        return DeliveryFailure(
            f"DCID {dcid} TLS failed: {text}",
            f"DCID {dcid} TLS was required but could not be successfully negotiated",
        )


class Unexpected(Exception):
    """The peer answered with another code than the dialogue needs."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


def _greet(wire: Wire) -> None:
    _expect(wire.read_reply(), 220)


def _command(wire: Wire, line: str) -> Reply:
    wire.send(line)
    return wire.read_reply()


def _expect(reply: Reply, code: int) -> None:
    if reply.code != code:
        raise Unexpected(reply)


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or "handshake failure").lower().replace("_", " ")
