"""Pinned host keys: which ones the inventory allows for an appliance, and how a key is shown to people."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

import paramiko

from bot.model.errors import HostKeyMissing
from bot.model.inventory import Appliance


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key as SSH sends it; `type` such as `ssh-ed25519`."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """`SHA256:…`, as ssh-keygen prints it."""
        digest = hashlib.sha256(self.blob).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    @property
    def md5(self) -> str:
        """`aa:bb:…`, as older software shows it."""
        return hashlib.md5(self.blob, usedforsecurity=False).digest().hex(":")

    @property
    def line(self) -> str:
        """What is written into the inventory as `host_key`."""
        return f"{self.type} {base64.b64encode(self.blob).decode()}"

    def __str__(self) -> str:
        return f"{self.type} {self.fingerprint}"


def read_pins(name: str, appliance: Appliance) -> tuple[HostKey, ...]:
    """The keys that the appliance may show; `HostKeyMissing` when there is none that can be read."""
    if appliance.host_key:
        return (_read_line(name, appliance.host_key),)
    if appliance.known_hosts:
        return _read_known_hosts(name, appliance, appliance.known_hosts)
    raise HostKeyMissing(
        f"{name} was not contacted: the inventory pins no host key for it; "
        f"compare its fingerprint on the console and write host_key (or known_hosts) under [appliances.{name}]"
    )


def _read_line(name: str, line: str) -> HostKey:
    try:
        kind, encoded, *_ = line.split()
        key = HostKey(kind, base64.b64decode(encoded, validate=True))
        if paramiko.Message(key.blob).get_text() != kind:
            raise ValueError(kind)
    except (ValueError, binascii.Error):
        raise HostKeyMissing(
            f"{name} was not contacted: host_key under [appliances.{name}] is no public key; "
            "it should look like ssh-ed25519 AAAA…"
        ) from None
    return key


def _read_known_hosts(name: str, appliance: Appliance, file: str) -> tuple[HostKey, ...]:
    host = appliance.host if appliance.port == 22 else f"[{appliance.host}]:{appliance.port}"
    try:
        entries = paramiko.HostKeys(file).lookup(host)
    except (OSError, UnicodeDecodeError, paramiko.hostkeys.InvalidHostKey) as error:
        why = error.strerror if isinstance(error, OSError) else "a line in it is no host key"
        raise HostKeyMissing(
            f"{name} was not contacted: {file} cannot be read as known_hosts ({why})"
        ) from None
    if not entries:
        raise HostKeyMissing(f"{name} was not contacted: {file} has no entry for {host}; add its host key")
    return tuple(HostKey(kind, entries[kind].asbytes()) for kind in entries)
