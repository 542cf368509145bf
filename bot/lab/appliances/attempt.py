"""One attempt to deliver over CPQ: connection, STARTTLS, messages, and the sender's log lines."""

import socket
import ssl
from collections.abc import Callable

from bot.lab.appliances.parts import Message
from bot.lab.appliances.receiving import write_headers
from bot.lab.appliances.route import Route
from bot.lab.appliances.tls import build_sender_context
from bot.lab.appliances.wire import Reply, Wire

# AsyncOS prints FreeBSD's numbers, whatever this machine's are.
REFUSED = "[Errno 61] Connection refused"
RESET = "[Errno 54] Connection reset by peer"
UNKNOWN_NAME = "4.1.2 - Bad destination host ('000', ['DNS Hard Error looking up {name} (A):  NXDomain'])"
ANSWER_TIMEOUT = 5.0


class DeliveryFailure(Exception):
    """An attempt failed; `lines` are what the sender logs about it."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines[:1])
        self.lines = lines


class UnexpectedReply(Exception):
    """The peer answered with another code than the dialogue needs."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class Attempt:
    """One DCID. `run` blocks; `abort` may be called from another thread meanwhile."""

    def __init__(self, route: Route, connect_timeout: float) -> None:
        self._route = route
        self._timeout = connect_timeout
        self._sender = route.sender
        self._dcid = route.sender.count("dcid")
        self._wire: Wire | None = None

    def run(self, may_send: Callable[[], bool]) -> None:
        """Deliver all that waits while `may_send` says so; raises DeliveryFailure."""
        wire = Wire(self._connect())
        self._wire = wire
        try:
            _expect(wire.read_reply(), 220)
            self._secure(wire)
            while may_send() and (messages := self._route.waiting()):
                self._send(wire, messages[0])
            _command(wire, "QUIT")
            self._log(f"DCID {self._dcid} close")
        except UnexpectedReply as error:
            raise self._refusal(error.reply) from None
        except ConnectionResetError:
            raise self._network_failure(RESET) from None
        except (OSError, EOFError, ValueError):
            raise self._network_failure("EOF") from None
        finally:
            wire.close()

    def abort(self) -> None:
        """Break the connection, if there is one."""
        if self._wire is not None:
            self._wire.abort()

    def _log(self, *bodies: str) -> None:
        self._sender.log.write(*bodies)

    def _connect(self) -> socket.socket:
        route, (address, port) = self._route, self._route.endpoint
        name = route.receiver.known_as
        if route.network.resolve(name) is None:
            raise self._unresolved(name)
        try:
            connection = route.network.connect(self._sender.delivery_source, (address, port), self._timeout)
        except TimeoutError:
            raise self._network_failure("timeout", "connection timed out") from None
        except OSError:
            raise self._network_failure(REFUSED) from None
        connection.settimeout(ANSWER_TIMEOUT)
        self._log(
            f"New SMTP DCID {self._dcid} interface {self._sender.delivery_source} address {address} port {port}"
        )
        return connection

    def _secure(self, wire: Wire) -> None:
        greeting = f"EHLO {self._sender.host}"
        _expect(_command(wire, greeting), 250)
        if _command(wire, "STARTTLS").code != 220:
            raise self._tls_failure("STARTTLS unexpected response")
        secured = self._negotiate(wire)
        certificate = secured.getpeercert(binary_form=True)
        if certificate is None:
            raise self._tls_failure("verify error: no certificate from server")
        if certificate != self._route.receiver.identity.certificate:
            raise self._tls_failure("verify error: certificate is not the expected one")
        suite = secured.cipher()
        self._log(
            f"DCID {self._dcid} TLS success protocol {secured.version()} "
            f"cipher {suite[0] if suite else 'unknown'} {self._sender.cpq_host}"
        )
        _expect(_command(wire, greeting), 250)

    def _negotiate(self, wire: Wire) -> ssl.SSLSocket:
        settings = self._sender.configuration
        try:
            context = build_sender_context(settings["ssl_outbound_ciphers"], settings["ssl_outbound_method"])
            return wire.start_tls(context, server_side=False)
        except ssl.SSLError as error:
            if (
                not error.reason or "EOF" in error.reason
            ):  # the peer went away: whether by FIN or RST is a race
                raise self._tls_failure(RESET) from None
            reason = error.reason.lower().replace("_", " ")
            text = f"(336130329, 'error:14094410:SSL routines:ssl3_read_bytes:{reason}')"
            raise self._tls_failure(text) from None
        except OSError:
            raise self._tls_failure(RESET) from None

    def _send(self, wire: Wire, message: Message) -> None:
        dcid, mid = self._dcid, message.mid
        to = " to Centralized Policy Quarantine" if self._sender.model.product == "esa" else ""
        self._log(f"Delivery start DCID {dcid} MID {mid} to RID [0]{to}")
        for command, code in (("MAIL FROM:<>", 250), ("RCPT TO:<reader@example.com>", 250), ("DATA", 354)):
            _expect(_command(wire, command), code)
        wire.send(*write_headers(message), "", "Body.", ".")
        reply = wire.read_reply()
        _expect(reply, 250)
        self._route.note_delivered(message)
        self._log(
            f"Message done DCID {dcid} MID {mid} to RID [0] (centralized policy quarantine)",
            f"MID {mid} RID [0] Response '{reply.text}'",
            f"Message finished MID {mid} done",
        )

    def _tls_failure(self, text: str) -> DeliveryFailure:
        return DeliveryFailure(
            f"DCID {self._dcid} TLS failed: {text}",
            f"DCID {self._dcid} TLS was required but could not be successfully negotiated",
        )

    def _unresolved(self, name: str) -> DeliveryFailure:
        """Without an address there is no connection: its number is 0."""
        cause = UNKNOWN_NAME.format(name=name)
        delayed = self._route.waiting()[:1]
        return DeliveryFailure(
            *(f"Delayed: DCID 0 MID {message.mid} to RID 0 - {cause}" for message in delayed)
        )

    def _network_failure(self, details: str, reason: str = "network error") -> DeliveryFailure:
        return self._connection_error(
            details, reason, f"4.4.0 - Other network problem ('000', ['{details}'])"
        )

    def _refusal(self, reply: Reply) -> DeliveryFailure:
        cause = f"4.1.0 - Unknown address error ('{reply.code}', {reply.text.splitlines()!r})"
        return self._connection_error(f"{reply.code}-{reply.text!r}", "unexpected SMTP response", cause)

    def _connection_error(self, details: str, reason: str, cause: str) -> DeliveryFailure:
        address, port = self._route.endpoint
        lines = [
            f"Connection Error: DCID {self._dcid} domain: {self._sender.cpq_host} IP: {address} port: {port} "
            f"details: {details} interface: {self._sender.delivery_source} reason: {reason}"
        ]
        if messages := self._route.waiting():
            lines.append(f"Delayed: DCID {self._dcid} MID {messages[0].mid} to RID 0 - {cause}")
        return DeliveryFailure(*lines)


def _command(wire: Wire, line: str) -> Reply:
    wire.send(line)
    return wire.read_reply()


def _expect(reply: Reply, code: int) -> None:
    if reply.code != code:
        raise UnexpectedReply(reply)
