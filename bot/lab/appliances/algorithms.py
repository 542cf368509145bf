"""The SSH algorithms that an appliance offers as a server, by the era of its release."""

from dataclasses import dataclass

from bot.lab.appliances.appliance import Appliance


@dataclass(frozen=True)
class Algorithms:
    """What `sshconfig` prints; of it, the server offers what asyncssh knows."""

    host_key: str
    signatures: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]
    kex: tuple[str, ...]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The defaults that TechNote 221658 prints.
OLD = Algorithms(
    host_key="ssh-rsa",
    signatures=_names("rsa1 ssh-dss ssh-rsa"),
    ciphers=_names(
        "aes128-ctr aes192-ctr aes256-ctr aes128-cbc 3des-cbc blowfish-cbc cast128-cbc aes192-cbc aes256-cbc "
        "rijndael-cbc@lysator.liu.se"
    ),
    macs=_names(
        "hmac-md5 hmac-sha1 umac-64@openssh.com hmac-ripemd160 hmac-ripemd160@openssh.com hmac-sha1-96 hmac-md5-96"
    ),
    kex=_names(
        "diffie-hellman-group-exchange-sha256 diffie-hellman-group-exchange-sha1 diffie-hellman-group14-sha1 "
        "diffie-hellman-group1-sha1 ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521"
    ),
)
LEGACY = Algorithms(
    host_key="ssh-rsa",
    signatures=_names("ssh-rsa"),
    ciphers=_names("aes128-cbc 3des-cbc aes192-cbc aes256-cbc"),
    macs=_names("hmac-sha1 hmac-md5"),
    kex=_names("diffie-hellman-group14-sha1 diffie-hellman-group1-sha1 diffie-hellman-group-exchange-sha1"),
)
MODERN = Algorithms(
    host_key="ssh-ed25519",
    signatures=_names("ssh-ed25519"),
    ciphers=_names("aes128-gcm@openssh.com chacha20-poly1305@openssh.com aes128-ctr aes192-ctr aes256-ctr"),
    macs=_names("hmac-sha2-256 hmac-sha2-512 hmac-sha1"),
    kex=_names(
        "curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 "
        "ecdh-sha2-nistp521 diffie-hellman-group14-sha256 diffie-hellman-group-exchange-sha256"
    ),
)
# What somebody leaves who follows today's advice; no kex of it is among those of COMMAND_CLIENT.
HARDENED = Algorithms(
    host_key="ssh-ed25519",
    signatures=_names("ssh-ed25519"),
    ciphers=_names("aes256-gcm@openssh.com aes256-ctr"),
    macs=_names("hmac-sha2-512 hmac-sha2-256"),
    kex=_names("diffie-hellman-group16-sha512"),
)
# What an SMA offers as a client, by TechNote 214278; the host keys are a guess.
COMMAND_CLIENT = Algorithms(
    host_key="",
    signatures=_names("ssh-ed25519 ecdsa-sha2-nistp256 rsa-sha2-256 rsa-sha2-512 ssh-rsa"),
    ciphers=_names(
        "aes128-ctr aes192-ctr aes256-ctr aes128-cbc 3des-cbc blowfish-cbc cast128-cbc aes192-cbc aes256-cbc "
        "aes128-gcm@openssh.com aes256-gcm@openssh.com chacha20-poly1305@openssh.com"
    ),
    macs=_names("hmac-sha2-256 hmac-sha2-512 hmac-sha1 hmac-md5"),
    kex=_names(
        "curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 "
        "diffie-hellman-group-exchange-sha256 diffie-hellman-group-exchange-sha1 diffie-hellman-group14-sha1 "
        "diffie-hellman-group1-sha1"
    ),
)


def choose_algorithms(appliance: Appliance) -> Algorithms:
    """What this appliance offers now."""
    if appliance.door.algorithms != "release":
        return LEGACY if appliance.door.algorithms == "legacy" else HARDENED
    return MODERN if appliance.model.release.modern_ssh else OLD
