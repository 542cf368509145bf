"""Private keys for logging in: read by `cryptography`, for paramiko misreads about half of all OpenSSH ECDSA keys."""

import io

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from bot.probes.transport import SHA1RSAKey


def read_private_key(text: str, legacy: bool) -> paramiko.PKey:
    """An Ed25519, ECDSA or RSA key in OpenSSH or PEM form without passphrase; anything else is a `ValueError`."""
    data = f"{text.strip()}\n".encode()
    opened = b"BEGIN OPENSSH PRIVATE KEY" in data
    try:
        key = (
            serialization.load_ssh_private_key(data, None)
            if opened
            else serialization.load_pem_private_key(data, None)
        )
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from None
    match key:
        case ed25519.Ed25519PrivateKey():
            return paramiko.Ed25519Key.from_private_key(io.StringIO(_write_openssh(key)))
        case ec.EllipticCurvePrivateKey():
            return paramiko.ECDSAKey(vals=(key, key.public_key()))
        case rsa.RSAPrivateKey():
            return (SHA1RSAKey if legacy else paramiko.RSAKey)(key=key)
    raise ValueError(f"a key of type {type(key).__name__} cannot be used")


def _write_openssh(key: ed25519.Ed25519PrivateKey) -> str:
    form = serialization.PrivateFormat.OpenSSH
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
