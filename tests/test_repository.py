"""What a fresh clone promises: clean files, honest locks, targets that exist, clear words when Python is wrong."""

import os
import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
TARGETS = (
    "demo",
    "test",
    "check",
    "soak",
    "sbom",
    "audit",
    "lock",
    "clean",
    "bench-ssh",
    "bench-logs",
    "bench-slack",
)
EXTRAS = {
    "requirements.lock": ("demo", "otel"),
    "requirements-dev.lock": ("demo", "otel", "audit", "bench", "dev"),
}

# Put together here, so that this file does not contain what it looks for.
HOSTS = [
    ".".join(parts).encode()
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
    )
]
HOMES = [rb"(?<![\w.$}-])/" + folder + rb"/\w" for folder in (b"root", b"work")]


@cache
def tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [
        ROOT / os.fsdecode(name)
        for name in listed.split(b"\0")
        if name and (ROOT / os.fsdecode(name)).is_file()
    ]


def holders(needle: bytes) -> list[str]:
    """The tracked files that match, with the line: `FILE:LINE`."""
    found = []
    for path in tracked():
        content = path.read_bytes()
        if match := re.search(needle, content):
            found.append(f"{path.relative_to(ROOT)}:{content.count(bytes([10]), 0, match.start()) + 1}")
    return found


@pytest.mark.parametrize("host", HOSTS, ids=bytes.decode)
def test_no_file_names_a_package_registry(host: bytes) -> None:
    assert holders(re.escape(host)) == []


@pytest.mark.parametrize("home", HOMES, ids=("root", "work"))
def test_no_file_names_a_path_of_somebodys_machine(home: bytes) -> None:
    assert holders(home) == []


@pytest.mark.skipif(len(ROOT.parts) < 3, reason="a folder like /app may be anybody's")
def test_no_file_names_the_folder_of_this_checkout() -> None:
    assert holders(re.escape(os.fsencode(ROOT)) + rb"\b") == []


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]), ids=lambda page: page.name
)
def test_what_a_page_shows_and_links_to_is_there(page: Path) -> None:
    """In any case a picture or page of this repository; an address elsewhere is not asked for."""
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    inside = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_no_pattern_has_a_possessive_group() -> None:
    """Python before 3.11.5 matches them wrongly; possessive repetitions of one character are sound."""
    group = rb"(?<!\[\()\)(?:[*?]|\{[0-9]+,?[0-9]*\})\+(?!\+)|\)\+\+"
    assert [place for place in holders(group) if place.startswith("bot/") and ".py:" in place] == []


def test_the_search_itself_finds_something() -> None:
    assert any(place.startswith("pyproject.toml:") for place in holders(rb"(?m)^\[project\]"))
    assert re.search(HOMES[0], b"cd /" + b"root/project")


# --- locks --------------------------------------------------------------------------------------------------


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text().splitlines()
    matches = (re.match(r"([a-z0-9-]+)==([^\s;]+)", line) for line in lines)
    return {match[1]: match[2] for match in matches if match}


def direct(lock: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"]]
    for extra in EXTRAS[lock]:
        named += project["optional-dependencies"][extra]
    return [Requirement(text) for text in named]


@pytest.mark.parametrize("lock", EXTRAS)
def test_a_lock_holds_what_the_project_asks_for(lock: str) -> None:
    pinned = pins(lock)
    wrong = [
        str(asked)
        for asked in direct(lock)
        if not asked.specifier.contains(pinned.get(canonicalize_name(asked.name), "0"), prereleases=True)
    ]
    assert wrong == [], f"{lock} is out of date: make lock"


@pytest.mark.parametrize("lock", EXTRAS)
def test_every_pin_of_a_lock_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    bare = [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry]
    assert bare == []


def test_both_locks_pin_the_same_versions() -> None:
    development = pins("requirements-dev.lock")
    assert {name: development.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


# --- how it is run ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target(target: str) -> None:
    dry = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert dry.returncode == 0, dry.stderr
    assert f"make {target} " in (ROOT / "Makefile").read_text(), "`make help` does not tell it"


def test_ci_runs_the_tests_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "exec make test"


def test_the_procfile_starts_commands_that_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert lines == {"app": "pvo app", "worker": "pvo worker"}
    assert "pvo" in project["scripts"]


# --- a machine that lacks something -------------------------------------------------------------------------

OLD = """#!/bin/sh
[ "$1" = --version ] && echo Python 3.9.2 && exit
exit 1
"""
WITHOUT_VENV = """#!/bin/sh
case "$*" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac
"""


def bootstrap(tmp_path: Path, python: str | None) -> subprocess.CompletedProcess[str]:
    """Run the real script in a checkout of its own, on a machine that has nothing but `python`."""
    tools, checkout = tmp_path / "bin", tmp_path / "checkout" / "deploy"
    tools.mkdir()
    checkout.mkdir(parents=True)
    for name in ("dirname", "rm"):
        (tools / name).symlink_to(shutil.which(name) or pytest.fail(f"this machine has no {name}"))
    if python is not None:
        (tools / "python3").write_text(python)
        (tools / "python3").chmod(0o755)
    script = shutil.copy(ROOT / "deploy" / "bootstrap.sh", checkout)
    return subprocess.run(
        ["/bin/sh", script, "requirements.lock"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("python", "words"),
    [
        pytest.param(OLD, "Python 3.11 or newer is needed, and python3 is Python 3.9.2.", id="old"),
        pytest.param(None, "Python 3.11 or newer is needed, and python3 is not found.", id="none"),
        pytest.param(
            WITHOUT_VENV, "cannot make a virtual environment: its venv module is missing.", id="no venv"
        ),
    ],
)
def test_what_is_missing_gets_one_clear_sentence(tmp_path: Path, python: str | None, words: str) -> None:
    ended = bootstrap(tmp_path, python)
    assert ended.returncode == 1
    (sentence,) = [line for line in ended.stderr.splitlines() if line != "Setting up .venv (once) ..."]
    assert sentence.startswith("pvo: ")
    assert words in sentence
    assert sentence.endswith("and run make again.")
    assert not (tmp_path / "checkout" / ".venv").exists()
