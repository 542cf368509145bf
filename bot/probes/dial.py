"""The TCP connection to an appliance: every failure a sentence about the network."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any

from bot.model.errors import Refused, Unreachable
from bot.probes.host_keys import HostKey
from bot.probes.patience import within

CONNECT = 10.0


@dataclass(frozen=True, slots=True)
class Target:
    """An appliance as it is dialled; `str()` of it is what sentences call it."""

    name: str
    host: str
    port: int
    legacy: bool
    pins: tuple[HostKey, ...]

    def __str__(self) -> str:
        return f"{self.name} ({self.host}:{self.port})"


async def dial(target: Target) -> socket.socket:
    """A connected TCP socket with TCP_NODELAY; raises `Unreachable` or `Refused`."""
    loop = asyncio.get_running_loop()
    try:
        async with within(CONNECT):
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            return await _connect_first(found)
    except TimeoutError:
        raise Unreachable(
            f"{target} did not answer within {CONNECT:g} s; check routes and firewalls between this worker and it"
        ) from None
    except (socket.gaierror, UnicodeError):
        raise Unreachable(
            f"{target}: the name {target.host} does not resolve on this worker; check DNS"
        ) from None
    except ConnectionRefusedError:
        raise Refused(
            f"{target} refused the connection; is SSH enabled on that interface and port?"
        ) from None
    except OSError as error:
        raise Unreachable(f"{target} cannot be reached from this worker: {error.strerror or error}") from None


async def _connect_first(addresses: list[tuple[Any, Any, int, str, Any]]) -> socket.socket:
    failure: OSError | None = None
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure or OSError("no address")
