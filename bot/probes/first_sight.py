"""The host key of an appliance that nothing is pinned for yet: looked at, without logging in."""

import asyncio

from bot.model.inventory import Appliance
from bot.probes.dial import Target, dial
from bot.probes.host_keys import HostKey
from bot.probes.ssh import Connection


async def look_at_host_key(name: str, appliance: Appliance, wanted: tuple[HostKey, ...] = ()) -> HostKey:
    """The key that the appliance shows, of the type of `wanted` if it has such; raises a `ProbeError`.

    Nothing but the greeting of SSH is sent.
    """
    target = Target(name, appliance.host, appliance.port, appliance.legacy_ssh, wanted)
    connection = Connection(target, await dial(target))
    try:
        return await asyncio.to_thread(connection.look_at_key)
    finally:
        connection.cut()
