"""Many simulated sites in one process: `python -m tests.bench.fleet_lab DIR SITES`.

Says `ready` once all answer, obeys lines of `inject|mend FAULT NUMBER…` with `done`, and ends when its input does.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from bot.lab.appliances import Lab, LabSettings


async def serve(directory: Path, count: int) -> None:
    quiet = LabSettings(message_interval=0, release_interval=0)
    async with AsyncExitStack() as stack:
        labs = [Lab(directory / str(number), settings=quiet) for number in range(count)]
        for lab in labs:
            await stack.enter_async_context(lab)
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            verb, fault, *numbers = line.split()
            for number in numbers:
                await obey(labs[int(number)], verb, fault)
            print("done", flush=True)


async def obey(lab: Lab, verb: str, fault: str) -> None:
    if verb == "inject":
        await lab.inject(fault)
    else:
        await lab.mend(fault)
    await lab.settle()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
