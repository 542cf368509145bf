"""CONTRIBUTING's *Add a check*, followed literally in a copy of the tree: it says all that is needed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
META_TESTS = ("tests/checks/test_cases.py", "tests/knowledge")
STEP = re.compile(
    r"(?P<verb>Write|Add to|and to) `(?P<file>[\w./]+)`:\n\n   ```\w*\n(?P<text>.*?)\n   ```", re.DOTALL
)
SITE = """
import asyncio, json
from bot.diagnosis.diagnose import Doctor, Order
from bot.knowledge.load import load
from tests.checks.recorded import AT, CASES, Recorded, inventory, read_toml

async def ignore(done, total): pass

recorded = Recorded(read_toml(CASES / "site-a.toml"), read_toml(CASES / "queue_example" / "full.toml"))
doctor = Doctor(load(), lambda: AT)
report = asyncio.run(doctor.diagnose(Order("01CHECK", inventory(), "site-a"), recorded, ignore)).report
print(json.dumps([report.verdict, {f"{one.kind} {one.sender}": one.status for one in report.paths}]))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with the example's files written and `make docs` run."""
    root = tmp_path_factory.mktemp("contributor")
    for folder in ("bot", "tests", "docs/findings"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    steps = list(STEP.finditer((ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    assert len(steps) == 7
    for step in steps:
        file, text = root / step["file"], dedent(f"   {step['text'].lstrip()}") + "\n"
        file.parent.mkdir(exist_ok=True)
        before = "" if step["verb"] == "Write" else file.read_text("utf-8").rstrip("\n") + "\n"
        file.write_text(before + text, encoding="utf-8")
    run(root, "-m", "tests.knowledge.finding_pages")
    return root


def run(root: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_meta_tests_ask_for_nothing_more(copy: Path) -> None:
    run(copy, "-m", "pytest", "-p", "no:cacheprovider", *META_TESTS)


def test_what_the_new_finding_stops_is_failed(copy: Path) -> None:
    verdict, paths = json.loads(run(copy, "-c", SITE))
    assert verdict == "broken"
    assert {path for path, status in paths.items() if status == "failed"} == {"release sma-a"}
    assert paths["quarantine esa-a1"] == "ok"


def test_no_module_is_edited(copy: Path) -> None:
    changed = {
        str(file.relative_to(copy))
        for file in (copy / "bot").rglob("*.py")
        if not (ROOT / file.relative_to(copy)).exists()
        or file.read_bytes() != (ROOT / file.relative_to(copy)).read_bytes()
    }
    assert changed == {"bot/checks/queue_example.py"}
