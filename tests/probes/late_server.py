"""A small appliance as a process of its own: python late_server.py; prints its port and its host key."""

import asyncio
import sys

from tests.probes.small import Shell, SmallAppliance

DELAY = 0.5


class LateShell(Shell):
    """Answers every command after DELAY seconds."""

    def take(self, line: str) -> None:
        asyncio.get_running_loop().call_later(DELAY, super().take, line)


async def main() -> None:
    appliance = SmallAppliance(shell=LateShell)
    await appliance.start()
    print(appliance.port, appliance.host_key, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
