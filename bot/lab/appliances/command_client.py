"""The SMA's command client: it logs in to an ESA by SSH, through the simulated network."""

import asyncio

import asyncssh

from bot.lab.appliances.algorithms import COMMAND_CLIENT
from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.negotiation import select_known
from bot.lab.appliances.network import Network
from bot.lab.appliances.parts import SSH_PORT, Peer

CHANGED = """Error - The host key for {address} appears to have changed.
It is possible that someone is trying to hijack the encrypted
connection to the remote host.
Please use the logconfig->hostkeyconfig command to verify
(and possibly update) the SSH host key for {address}."""


class CommandFailure(Exception):
    """The ESA was not reached or did not let the SMA in; its text is what the SMA prints."""


async def reach(sma: Appliance, peer: Peer, network: Network, timeout: float) -> None:
    """Log in and out again; raises CommandFailure. `timeout` is that of the connection, in seconds."""
    endpoint = (peer.address, SSH_PORT)
    try:
        connection = await asyncio.to_thread(network.connect, sma.address, endpoint, timeout)
    except TimeoutError:
        raise CommandFailure("(60, 'Operation timed out')") from None
    except OSError:
        raise CommandFailure("(61, 'Connection refused')") from None
    connection.setblocking(False)
    try:
        async with asyncssh.connect(sock=connection, options=_build_options(sma, peer)):
            pass
    except asyncssh.HostKeyNotVerifiable:
        raise CommandFailure(CHANGED.format(address=peer.address)) from None
    except asyncssh.KeyExchangeFailed:
        raise CommandFailure("(3, 'Could not find matching key exchange algorithm.')") from None
    except asyncssh.PermissionDenied:
        raise CommandFailure(f"Authentication failed for user {peer.user}.") from None
    except (asyncssh.Error, OSError):
        raise CommandFailure("Unexpected EOF on connect") from None


def _build_options(sma: Appliance, peer: Peer) -> asyncssh.SSHClientConnectionOptions:
    return asyncssh.SSHClientConnectionOptions(
        username=peer.user,
        password=peer.password,
        client_keys=[asyncssh.import_private_key(sma.client_key.private)],
        known_hosts=([asyncssh.import_public_key(peer.host_key)], [], []),
        server_host_key_algs=COMMAND_CLIENT.signatures,
        signature_algs=COMMAND_CLIENT.signatures,
        config=None,
        agent_path=None,
        **select_known(COMMAND_CLIENT),
    )
