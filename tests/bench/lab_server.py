"""The simulated site of a bench, in a process of its own: `python -m tests.bench.lab_server DIR ESAS RTT LATENCY`.

Prints a line once it answers, and ends when its input does.
"""

import asyncio
import sys
from pathlib import Path

from bot.lab.appliances import Lab, LabSettings
from bot.lab.appliances.options import Door, Manners, Shape


async def serve(directory: Path, esas: int, round_trip: float, latency: float) -> None:
    settings = LabSettings(
        message_interval=0,
        release_interval=0,
        shape=Shape(esas=esas),
        door=Door(methods=("publickey",), round_trip=round_trip),
        manners=Manners(latency=latency),
    )
    async with Lab(directory, settings=settings) as lab:
        print(lab.inventory, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
