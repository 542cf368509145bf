"""Which causes each fault of the lab must lead to, as data and as a table: `python -m tests.e2e.fault_table`."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.lab.appliances import FAULTS

HERE = Path(__file__).parent
DOCUMENT = HERE.parent.parent / "docs" / "faults.md"
KINDS = {"q": "quarantine", "r": "release", "c": "command"}
HEAD = """# Faults of the lab, and the causes that pvo finds

Each fault is put into a simulated site over which real mail flows, the site is diagnosed over real SSH, and
exactly these causes must be found: none missing, none beside them. Made by `make faults`; proved by
`tests/e2e/test_faults.py`.

| `pvo lab --fault` | what is wrong | cause found | where | paths that fail | verdict |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Expected:
    """What the diagnosis must say."""

    verdict: str
    causes: frozenset[tuple[str, str]]
    failed: frozenset[str]


def read_expected() -> dict[str, Expected]:
    """The expectations of `faults.toml` by the name of the fault."""
    table = tomllib.loads((HERE / "faults.toml").read_text(encoding="utf-8"))
    return {
        name: Expected(
            row["verdict"],
            frozenset((cause.split(" @ ")[0], cause.split(" @ ")[1]) for cause in row["causes"]),
            frozenset(row["failed"]),
        )
        for name, row in table.items()
    }


def render() -> str:
    """The whole document."""
    return HEAD + "".join(_render_rows())


def _render_rows() -> Iterator[str]:
    for name, expected in read_expected().items():
        causes = sorted({cause for cause, _ in expected.causes})
        places = sorted({place for _, place in expected.causes})
        failed = [f"{KINDS[path[0]]} {path[2:]}" for path in sorted(expected.failed)]
        cells = (
            f"`{name}`",
            FAULTS[name].text,
            "<br>".join(f"`{cause}`" for cause in causes) or "–",
            "<br>".join(places) or "–",
            "<br>".join(failed) or "–",
            expected.verdict,
        )
        yield f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(render(), encoding="utf-8")
