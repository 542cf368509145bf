"""SSH key pairs: of the appliances themselves, and those that log in to them."""

from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

OLD_SIZE = 1024  # "Minimum Server Key Size" of the releases that have RSA keys here


@dataclass(frozen=True)
class KeyPair:
    """`private` in OpenSSH's own form; `public` as one line without comment: `ssh-ed25519 AAAA…`."""

    private: str
    public: str


def create_key_pair(kind: str = "ssh-ed25519") -> KeyPair:
    """A fresh pair of kind `ssh-ed25519` or `ssh-rsa`."""
    key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey = (
        rsa.generate_private_key(public_exponent=65537, key_size=OLD_SIZE)
        if kind == "ssh-rsa"
        else ed25519.Ed25519PrivateKey.generate()
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return KeyPair(private.decode(), public.decode())
