"""A worker as a process: python slow_worker.py URL JOURNAL NAME SECONDS; a line a step goes to the journal."""

import asyncio
import datetime as dt
import signal
import sys
from pathlib import Path

from bot.jobs.attempt import Progress
from bot.jobs.worker import work
from bot.model.report import Report
from bot.model.run import Run


def report_of(run: Run) -> Report:
    return Report(
        id=run.id,
        site=run.request.site,
        language="en",
        started=dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC),
        seconds=0.1,
        requested_by=run.request.user,
        verdict="healthy",
        paths=(),
        checks=(),
        findings=(),
    )


async def main(url: str, journal: Path, name: str, seconds: float) -> None:
    def note(event: str) -> None:
        with journal.open("a") as file:
            file.write(f"{name} {event}\n")

    async def check(run: Run, progress: Progress) -> Report:
        note("began")
        await progress(1, 2)
        await asyncio.sleep(seconds)
        note("ended")
        return report_of(run)

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    note("ready")
    await work(url, check, 2, stop)
    note("stopped")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])))
