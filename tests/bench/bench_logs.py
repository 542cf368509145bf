"""Measures `pvo logs` beside grep, mawk and a plain loop on one log whose counts are known; `make bench-logs`.

    python -m tests.bench.bench_logs [MiB]        1024 by default; the log is made in a temporary folder and deleted

Prints one Markdown table. A round runs every way once, side by side; shown is the median of the rounds.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.make_log import Truth, make_log

ROUNDS = 5
SLOW_ROUNDS = 1
HERE = Path(__file__).parent
PVO = [sys.executable, "-m", "bot", "logs", "--format", "json"]


@dataclass(slots=True)
class Way:
    """One way to do the job: its command, what it is a multiple of, its aim, and what was measured."""

    name: str
    command: Sequence[str]
    base: str
    aim: float | None = None
    rounds: int = ROUNDS
    whole: bool = True
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: int = 0
    output: bytes = b""

    def run(self, out: Path) -> None:
        """Once, with the output in a file: grep stops at the first match when it writes to nowhere."""
        with out.open("wb") as file:
            began = time.perf_counter()
            child = subprocess.Popen(self.command, stdout=file, env=os.environ | {"LC_ALL": "C"})
            _, _, usage = os.wait4(child.pid, 0)
            self.seconds.append(time.perf_counter() - began)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.peak = max(self.peak, usage.ru_maxrss // 1024)
        self.output = out.read_bytes() if out.stat().st_size < 1 << 20 else b""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def verdict(self, truth: Truth) -> str:
        """Whether the counts are the true ones, as far as this way gives any of the whole log."""
        if not self.output.startswith(b"{") or not self.whole:
            return ""
        counts = flatten(json.loads(self.output))
        wrong = {name for name in truth.counts if counts.get(name) != truth.counts[name]}
        return f"wrong: {', '.join(sorted(wrong))}" if wrong else "true"


def flatten(document: dict[str, object]) -> dict[str, object]:
    """The counters of any of the outputs, by their names in the JSON document."""
    counts: dict[str, object] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            counts |= {f"{name}.{inner}": number for inner, number in value.items()}
        else:
            counts[name] = value
    return counts


def ways(log: Path, packed: Path) -> list[Way]:
    """Everything that is compared."""
    pattern, plain, gz = "port 7025|CPQ", "grep", "zcat | grep"
    found = [
        Way(plain, ["grep", "-cE", pattern, str(log)], plain),
        Way("cat", ["sh", "-c", f"cat '{log}' > /dev/null"], plain),
        Way(
            "plain Python loop",
            [sys.executable, str(HERE / "line_loop.py"), str(log)],
            plain,
            None,
            SLOW_ROUNDS,
        ),
        Way("pvo logs, ripgrep", [*PVO, str(log)], plain, 1.0),
        Way("pvo logs, no ripgrep", [*PVO, "--no-ripgrep", str(log)], plain, 4.0),
        Way("pvo logs, no child", ["env", "PATH=", *PVO, "--no-ripgrep", str(log)], plain),
        Way("pvo logs --last 15m", [*PVO, "--last", "15m", str(log)], plain, 0.35, whole=False),
        Way(gz, ["sh", "-c", f"zcat '{packed}' | grep -cE '{pattern}'"], gz),
        Way("pvo logs, .gz", [*PVO, str(packed)], gz, 0.75),
    ]
    if mawk := shutil.which("mawk"):
        found.insert(
            2, Way("mawk", [mawk, "-f", str(HERE / "count.awk"), str(log)], plain, None, SLOW_ROUNDS)
        )
    return found


def table(measured: list[Way], truth: Truth) -> str:
    """The Markdown table."""
    bases = {way.name: way.median for way in measured}
    rows = ["| | seconds | multiple | aim | CPU s | peak MiB | counts |", "|---|---|---|---|---|---|---|"]
    for way in measured:
        multiple = f"{way.median / bases[way.base]:.2f} x {way.base}" if way.name != way.base else "1"
        aim = f"<= {way.aim}" if way.aim else ""
        rows.append(
            f"| {_cell(way.name)} | {way.median:.2f} | {_cell(multiple)} | {aim} | {statistics.median(way.cpu):.2f} "
            f"| {way.peak} | {way.verdict(truth)} |"
        )
    return "\n".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Makes the log, measures, prints."""
    size = int(sys.argv[1] if len(sys.argv) > 1 else 1024)
    with tempfile.TemporaryDirectory(prefix="pvo-bench-") as folder:
        log, packed, out = Path(folder) / "mail.log", Path(folder) / "packed.log.gz", Path(folder) / "out"
        truth = make_log(log, size << 20)
        with packed.open("wb") as target:
            subprocess.run(["gzip", "-6", "-c", str(log)], stdout=target, check=True)
        measured = ways(log, packed)
        for number in range(ROUNDS):
            for way in measured:
                if number < way.rounds:
                    way.run(out)
        share = truth.cpq / truth.lines
        system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        print(f"{system}; {load}; {size} MiB, {truth.lines:,} lines, {share:.1%} CPQ; median of {ROUNDS}\n")
        print(table(measured, truth))


if __name__ == "__main__":
    main()
