"""What paramiko 5 needs for appliances: SSH algorithms that it removed, for legacy ones; one request for the login.

Its private names are used here and nowhere else; tests log in to servers that need each of them.
"""

import threading
from collections.abc import Callable, Iterable
from hashlib import sha1
from socket import socket
from typing import Any, ClassVar

import paramiko
from cryptography.hazmat.primitives import hashes
from paramiko.auth_handler import AuthHandler
from paramiko.kex_gex import KexGexSHA256
from paramiko.kex_group14 import KexGroup14SHA256

LEGACY_ONLY = {
    "ciphers": ("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"),
    "macs": ("hmac-sha1", "hmac-md5", "hmac-sha1-96", "hmac-md5-96"),
}
_OAKLEY_2 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)


# The stubs describe paramiko 3: its tables of algorithms are not in them.
_Transport: Any = paramiko.Transport


class Group14SHA1(KexGroup14SHA256):
    name = "diffie-hellman-group14-sha1"
    hash_algo = sha1


class Group1SHA1(Group14SHA1):
    name = "diffie-hellman-group1-sha1"
    P = _OAKLEY_2


class GroupExchangeSHA1(KexGexSHA256):
    name = "diffie-hellman-group-exchange-sha1"
    hash_algo = sha1
    min_bits = 1024


class SHA1RSAKey(paramiko.RSAKey):
    HASHES = {**paramiko.RSAKey.HASHES, "ssh-rsa": hashes.SHA1}  # type: ignore[misc]  # noqa: RUF012


class RememberingTransport(paramiko.Transport):
    """A transport that remembers the key exchange that was agreed on: paramiko forgets it once it is over."""

    agreed_kex = ""

    def _activate_outbound(self) -> None:
        kinds: dict[str, Any] = self._kex_info  # type: ignore[attr-defined]
        engine: Any = self.kex_engine
        self.agreed_kex = next((name for name, kind in kinds.items() if kind is type(engine)), "")
        super()._activate_outbound()  # type: ignore[misc]


class LegacyTransport(RememberingTransport):
    """A transport that also takes SHA-1 key exchange and ssh-rsa signatures, after everything better."""

    _LEGACY_KEX = (GroupExchangeSHA1, Group14SHA1, Group1SHA1)
    _preferred_kex = (*_Transport._preferred_kex, *(kex.name for kex in _LEGACY_KEX))
    _kex_info: ClassVar[dict[str, Any]] = {
        **_Transport._kex_info,
        **{kex.name: kex for kex in _LEGACY_KEX},
    }
    _preferred_keys = (*_Transport._preferred_keys, "ssh-rsa")
    _preferred_pubkeys = (*_Transport._preferred_pubkeys, "ssh-rsa")
    _key_info: ClassVar[dict[str, Any]] = {**_Transport._key_info, "ssh-rsa": SHA1RSAKey}


def open_transport(sock: socket, legacy: bool, pinned_types: Iterable[str]) -> paramiko.Transport:
    """A transport on a connected socket that asks for the pinned types of host key first."""
    transport = (
        LegacyTransport(sock) if legacy else RememberingTransport(sock, disabled_algorithms=LEGACY_ONLY)
    )
    wanted = (
        {"rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"} if "ssh-rsa" in (pins := set(pinned_types)) else set()
    )
    options = transport.get_security_options()
    options.key_types = sorted(options.key_types, key=lambda kind: kind not in pins | wanted)
    return transport


def describe_agreement(transport: paramiko.Transport) -> str:
    """The algorithms that both sides agreed on, one a line: kind, colon, name."""
    agreed: Any = transport
    named = {
        "key exchange": [agreed.agreed_kex],
        "host key": [agreed.host_key_type],
        "cipher": [agreed.local_cipher, agreed.remote_cipher],
        "MAC": [agreed.local_mac, agreed.remote_mac],
    }
    return "\n".join(f"{kind}: {name}" for kind, names in named.items() for name in dict.fromkeys(names))


def request_terminal(channel: paramiko.Channel, columns: int, rows: int) -> None:
    """Asks for a terminal without waiting for the answer, a round trip less: a refusal closes the channel."""
    request = paramiko.Message()
    request.add_byte(paramiko.common.cMSG_CHANNEL_REQUEST)
    request.add_int(channel.remote_chanid)
    request.add_string("pty-req")
    request.add_boolean(True)
    request.add_string("vt100")
    for number in (columns, rows, 0, 0):
        request.add_int(number)
    request.add_string("")
    transport: Any = channel.get_transport()
    transport._send_user_message(request)


class SecondAttempt(AuthHandler):
    """Another way to log in on the same connection, without a second request for the service: some end it then."""

    def _request_auth(self) -> None:
        accepted = paramiko.Message()
        accepted.add_string("ssh-userauth")
        self._parse_service_accept(paramiko.Message(accepted.asbytes()))  # type: ignore[attr-defined]


def interact(
    transport: paramiko.Transport,
    username: str,
    answer: Callable[[str, str, list[tuple[str, bool]]], list[str]],
) -> list[str]:
    """Keyboard-interactive login after another way was turned down; returns further ways that are wanted as well."""
    done = threading.Event()
    attempt: Any = SecondAttempt(transport)
    transport.auth_handler = attempt
    attempt.auth_interactive(username, answer, done)
    further: list[str] = attempt.wait_for_response(done)
    return further
