"""What of an appliance's SSH algorithms and keys asyncssh is to use."""

import functools
import warnings
from collections.abc import Sequence

import asyncssh
from asyncssh.encryption import get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_mac_algs
from cryptography.utils import CryptographyDeprecationWarning

from bot.lab.appliances.algorithms import Algorithms

# Old appliances need what cryptography would rather not do.
warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning, module=r"asyncssh\.")


def select_known(algorithms: Algorithms) -> dict[str, Sequence[str]]:
    """The options of asyncssh for the lists, without what it does not know."""
    return {
        "kex_algs": _known(algorithms.kex, get_kex_algs()),
        "encryption_algs": _known(algorithms.ciphers, get_encryption_algs()),
        "mac_algs": _known(algorithms.macs, get_mac_algs()),
    }


@functools.lru_cache(maxsize=1000)
def load_host_key(private: str) -> asyncssh.SSHKey:
    """A host key; an RSA one signs with SHA-1 only, as those of old appliances do."""
    key = asyncssh.import_private_key(private)
    if key.get_algorithm() == "ssh-rsa":
        key.sig_algorithms = (b"ssh-rsa",)
    return key


def _known(names: Sequence[str], known: Sequence[bytes]) -> list[str]:
    return [name for name in names if name.encode() in known]
