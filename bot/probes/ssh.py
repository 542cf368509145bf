"""One SSH connection to an appliance: its host key compared, logged in, and every failure a sentence."""

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from bot.model.errors import (
    Disconnected,
    Garbled,
    HostKeyChanged,
    NoCommonAlgorithm,
    ProbeError,
    Rejected,
    TimedOut,
)
from bot.model.remediation import Endpoint
from bot.probes.dial import Target
from bot.probes.host_keys import HostKey
from bot.probes.patience import wait, watched
from bot.probes.private_keys import read_private_key
from bot.probes.shell import SessionRefused, Shell
from bot.probes.transport import describe_agreement, interact, open_transport, request_terminal

LOGIN = 20.0
OPENING = 20.0
NEVER = 600.0
COLUMNS, ROWS = 1_000, 10_000
"""So tall that the appliance does not page, so wide that it does not wrap."""
WIRE = "bot.probes.ssh.wire"

logging.getLogger(WIRE).propagate = False
logging.getLogger(WIRE).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Login:
    """A user name with a password or the text of a private key."""

    username: str
    password: str | None = None
    key: str | None = None

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


class Connection:
    """A connected socket on its way to a logged-in connection. All methods but `cut` block: call them in a thread."""

    def __init__(self, target: Target, sock: socket.socket) -> None:
        self.target = target
        self._sock = sock
        self._transport = open_transport(sock, target.legacy, (pin.type for pin in target.pins))
        self._transport.set_log_channel(WIRE)
        # Its own waits know nothing of a process that is late: ours end first.
        self._transport.banner_timeout = self._transport.handshake_timeout = NEVER
        self._transport.auth_timeout = NEVER

    def log_in(self, login: Login) -> None:
        """Compares the host key, then logs in; nothing secret is sent to a host with another key."""
        with self._sentences():
            self._greet()
            self._compare()
            with self._within(LOGIN):
                self._authenticate(login)

    def look_at_key(self) -> HostKey:
        """The host key that the appliance shows; nothing else happens."""
        with self._sentences():
            self._greet()
            return self._shown()

    def open_shell(self) -> Shell:
        """A shell that shows its prompt; `SessionRefused` when the appliance allows no further one."""
        with self._sentences(), self._within(OPENING):
            try:
                channel = self._transport.open_session(timeout=NEVER)
                request_terminal(channel, COLUMNS, ROWS)
                channel.invoke_shell()
            except (paramiko.SSHException, EOFError) as error:
                if not self._transport.is_active():
                    raise
                why = getattr(error, "text", None) or str(error) or "it closed the channel"
                raise SessionRefused(f"{self.target} refused a session: {why}") from None
        shell = Shell(channel, self.target.name, self.target.host)
        shell.await_prompt(OPENING)
        return shell

    @property
    def endpoint(self) -> Endpoint:
        """Where it leads, and the host key that was compared there."""
        return Endpoint(host=self.target.host, port=self.target.port, host_key=self._shown().fingerprint)

    @property
    def agreement(self) -> str:
        """The algorithms in use, one a line."""
        return describe_agreement(self._transport)

    def cut(self) -> None:
        """Ends the connection at once: whatever thread waits on it wakes up. Never blocks."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        if not self._transport.is_alive():
            self._sock.close()

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Cuts the connection when the appliance leaves a request unanswered: paramiko would wait for ever."""
        expired = threading.Event()  # set before the cut: whoever wakes up from it must see why

        def expire() -> None:
            expired.set()
            self.cut()

        try:
            with watched(seconds, expire):
                yield
        except (paramiko.SSHException, EOFError):
            if expired.is_set():
                raise TimeoutError from None
            raise

    def _greet(self) -> None:
        agreed = threading.Event()
        self._transport.start_client(event=agreed)
        if not wait(agreed, LOGIN):
            raise TimedOut(f"{self.target} accepted the connection, but no SSH handshake within {LOGIN:g} s")
        if not self._transport.is_active():
            raise self._transport.get_exception() or EOFError()

    def _shown(self) -> HostKey:
        server = self._transport.get_remote_server_key()
        return HostKey(server.get_name(), server.asbytes())

    def _compare(self) -> None:
        shown = self._shown()
        if shown not in self.target.pins:
            pinned = ", ".join(str(pin) for pin in self.target.pins)
            raise HostKeyChanged(
                f"{self.target} showed the host key {shown}, but pinned is {pinned}; no password was sent. "
                "Compare it on the appliance's console: a replaced appliance and an interception look the same"
            )

    def _authenticate(self, login: Login) -> None:
        try:
            further = self._offer(login)
        except paramiko.BadAuthenticationType as error:
            ways = ", ".join(error.allowed_types) or "nothing"
            raise Rejected(
                f"{self.target} takes no login of this kind for {login.username}; it takes {ways}"
            ) from None
        except paramiko.AuthenticationException:
            if not self._transport.is_active():
                raise EOFError("in the middle of the login") from None
            kind = "key" if login.key else "password"
            raise Rejected(
                f"{self.target} refused the login of {login.username}; check user name, {kind} and access list"
            ) from None
        if further:
            raise Rejected(
                f"{self.target} wants a further step ({', '.join(further)}) from {login.username}; "
                "use an account without two-factor login"
            )

    def _offer(self, login: Login) -> list[str]:
        if login.key is not None:
            return self._transport.auth_publickey(login.username, self._read_key(login.key))
        password = login.password or ""
        try:
            return self._transport.auth_password(login.username, password, fallback=False)
        except paramiko.BadAuthenticationType as error:
            if "keyboard-interactive" not in error.allowed_types:
                raise
        answers = iter([password])

        def answer(_title: str, _instructions: str, fields: list[tuple[str, bool]]) -> list[str]:
            """The password once, where it is not shown; whatever else is asked stays empty."""
            return ["" if shown else next(answers, "") for _, shown in fields]

        return interact(self._transport, login.username, answer)

    def _read_key(self, text: str) -> paramiko.PKey:
        try:
            return read_private_key(text, self.target.legacy)
        except ValueError:
            raise Rejected(
                f"{self.target} was not logged in to: its key is no private key that can be read "
                "(OpenSSH or PEM, Ed25519, ECDSA or RSA, without passphrase)"
            ) from None

    @contextlib.contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turns what paramiko and the network raise into errors of ours."""
        try:
            yield
        except ProbeError:
            raise
        except IncompatiblePeer as error:
            raise NoCommonAlgorithm(self._explain(str(error))) from None
        except TimeoutError:
            raise TimedOut(f"{self.target} was reached, and then did not answer in time") from None
        except (paramiko.SSHException, EOFError, OSError) as error:
            said = str(error).strip()
            if "Indecipherable" in said or "Invalid SSH banner" in said:
                raise Garbled(
                    f"{self.target} does not answer like an SSH server; is the port right?"
                ) from None
            detail = f" ({said})" if said else ""
            raise Disconnected(f"{self.target} ended the connection{detail}") from None

    def _explain(self, error: str) -> str:
        kinds = {"kex": "key exchange", "host key": "host key type", "cipher": "cipher", "mac": "MAC"}
        kind = next((kind for word, kind in kinds.items() if word in error), "protocol version")
        remedy = (
            "enable a newer one with sshconfig on the appliance"
            if self.target.legacy
            else f"if its AsyncOS is old, set legacy_ssh = true under [appliances.{self.target.name}]"
        )
        return f"{self.target} and this worker have no SSH {kind} in common; {remedy}"
