"""Each command in README and docs is run: as it stands there, by a shell, against the lab and a real Redis.

A command that is added to a page and stands in none of the tables below makes a test fail, as does one that stands
in a table and on no page. In running text a shorter mention of a command that is run is covered: `pvo doctor` beside
`pvo doctor --rights`.
"""

import ast
import asyncio
import datetime as dt
import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.core import TyperGroup

from bot.cli import app
from bot.jobs.audit import opened_trail
from bot.lab.redis import EmbeddedRedis, find_servers
from bot.model.remediation import AuditRow
from bot.remediation.seal import Seal
from bot.slack.handlers.parse import COMMANDS, Answer, parse
from tests.docs.written import OTHERS, ROOT, SHELLS, fences, find_commands, is_command, pages, spans
from tests.slack.office import Office, free_port

PLACEHOLDERS = {"FILE": "sites.toml", "SITE": "site-a"}
KEY = "a key of sixteen characters or more"
PATIENCE = 90


@dataclass(frozen=True)
class Ends:
    """A command that ends by itself: its exit status, and words that it prints."""

    status: int
    says: str


@dataclass(frozen=True)
class Elsewhere:
    """Why a command is not run here, and the test (`FILE::NAME`) that runs or judges it, if one can."""

    reason: str
    test: str = ""


SUSPENDED = "The SMA sma-a is suspended"
RUN = {
    "pvo check site-a --inventory sites.toml --capture site-a.json": Ends(1, SUSPENDED),
    "pvo replay site-a.json": Ends(1, SUSPENDED),
    "pvo check site-a --inventory sites.toml": Ends(1, SUSPENDED),
    "pvo check site-a --verbose": Ends(1, SUSPENDED),
    "pvo logs mail.@20260101T000000.s --last 15m": Ends(1, "no certificate from server"),
    "pvo explain tls.ciphers.admit-anonymous": Ends(0, "TechNote 200068"),
    "pvo doctor --inventory sites.toml": Ends(0, "appliances.sma-a login"),
    "pvo doctor --pin --inventory sites.toml": Ends(0, "appliances.sma-a host key"),
    "pvo doctor --rights --inventory sites.toml": Ends(0, "appliances.sma-a showconfig"),
    "pvo audit --format json": Ends(0, '"event": "shared"'),
    "pvo audit --since 7d": Ends(0, "shared  site-a"),
    "pvo audit --verify": Ends(0, "no row is missing or changed"),
}
SERVE = {
    "pvo lab --fault sma-suspended": "inventory: ",
    "pvo lab --dir lab --fault sma-suspended --redis 6379": "inventory: lab/sites.toml",
    "REDIS_URL=redis://127.0.0.1:6379 pvo worker --inventory sites.toml": "verdict=broken",
    "pvo worker --no-changes": "worker.started",
}
DEPLOYED = "tests/deploy/test_deploy_run.py::test_a_process_gets_ready_and_counts"
ELSEWHERE = {
    "pvo": Elsewhere("prints its help", "tests/e2e/test_terminal.py::test_help_and_version"),
    "pvo app": Elsewhere("needs a workspace", DEPLOYED),
    "pvo audit --verify --head HASH": Elsewhere(
        "takes a hash from the reader's logs",
        "tests/test_audit_command.py::test_the_end_of_the_trail_by_a_hash_of_the_log",
    ),
    "lint-imports": Elsewhere("reads the whole house; `make check` runs it"),
    "ssh host command": Elsewhere("tells what pvo is measured beside"),
    "kill -9": Elsewhere("tells what may lose a second of writes"),
    "docker build -f deploy/Dockerfile -t pvo .": Elsewhere(
        "needs docker",
        "tests/deploy/test_deploy_files.py::test_the_dockerfile_passes_hadolint_and_runs_as_nobody_special",
    ),
    "docker compose -f deploy/compose.yaml up -d --build": Elsewhere(
        "needs docker", "tests/deploy/test_deploy_files.py::test_compose_obeys_its_schema"
    ),
    "kubectl apply -k deploy/kubernetes --namespace pvo": Elsewhere(
        "needs a cluster",
        "tests/deploy/test_deploy_files.py::test_the_kubernetes_manifests_obey_their_schemas",
    ),
}
OBJECTS = re.compile(r"kubectl create (configmap|secret generic) (\S+) ")


def fill(text: str) -> str:
    """The command with what a reader puts in for the words in capitals."""
    return re.sub(r"\b(FILE|SITE)\b", lambda found: PLACEHOLDERS[found[0]], text)


WRITTEN = find_commands()
TYPED = {fill(one.text) for one in WRITTEN}


def words(text: str) -> set[str]:
    return set(shlex.split(text))


def is_covered(text: str, *, fenced: bool) -> bool:
    """Whether a test of this file runs a command, or names the one that does."""
    if text in RUN or text in SERVE or text in ELSEWHERE or text.startswith(("make ", "/pvo")):
        return True
    if OBJECTS.match(text):
        return True
    return not fenced and any(words(text) <= words(longer) for longer in (*RUN, *SERVE))


def test_every_command_is_run_or_says_who_runs_it() -> None:
    unknown = [
        f"{one.place}: {one.text}" for one in WRITTEN if not is_covered(fill(one.text), fenced=one.fenced)
    ]
    assert unknown == []


def test_the_tables_hold_nothing_that_no_page_says() -> None:
    assert [text for text in (*RUN, *SERVE, *ELSEWHERE) if text not in TYPED] == []


@pytest.mark.parametrize(
    ("text", "fenced"),
    [
        ("pvo check site-a --capture other.json", False),
        ("pvo doctor", True),
        ("pvo nonsense", False),
        ("docker run pvo", True),
    ],
)
def test_a_command_that_nobody_runs_is_noticed(text: str, fenced: bool) -> None:
    assert is_command(text)
    assert not is_covered(text, fenced=fenced)


def test_no_command_hides_in_a_fence_of_another_kind() -> None:
    for fence in (fence for page in pages() for fence in fences(page)):
        assert fence.language in (*SHELLS, *OTHERS), f"{fence.page}:{fence.line}"
        if fence.language in OTHERS:
            hidden = [line for line in fence.lines if is_command(line.strip().removeprefix("$ "))]
            assert [line for line in hidden if "─" not in line] == [], "a drawing may begin with a command"


# --- in a terminal ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's folder, with the virtual environment where the pages expect it, and a log file."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    head = "Thu Jan  1 00:00:0{} 2026 Info: "
    lines = (
        "New SMTP DCID 5 interface 10.10.20.1 address 10.10.10.1 port 7025",
        "DCID 5 TLS failed: verify error: no certificate from server",
    )
    log = "".join(f"{head.format(second)}{line}\n" for second, line in enumerate(lines))
    (folder / "mail.@20260101T000000.s").write_text(log)
    return folder


@pytest.fixture(scope="module")
def settings(folder: Path) -> Iterator[dict[str, str]]:
    """The reader's environment: what the README tells to set, apart from Slack; the trail has a row."""
    with EmbeddedRedis() as server:
        yield _environment(folder, server.url)


def _environment(folder: Path, url: str) -> dict[str, str]:
    async def write() -> None:
        async with opened_trail(url, Seal(KEY.encode())) as trail:
            await trail.append(
                AuditRow(at=dt.datetime.now(dt.UTC), event="shared", site="site-a", actor="U0A")
            )

    asyncio.run(write())
    return {
        "PATH": f".venv/bin{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "COLUMNS": "200",
        "PYTHONUNBUFFERED": "1",
        "REDIS_URL": url,
        "PVO_INVENTORY": "sites.toml",
        "PVO_APPROVAL_KEY": KEY,
    }


@pytest.fixture(scope="module")
def site(folder: Path, settings: dict[str, str]) -> Iterator[None]:
    """`pvo lab --fault …` as the README has it, and its inventory as the reader's own `sites.toml`."""
    with serving("pvo lab --fault sma-suspended", folder, settings) as line:
        shutil.copy(line.removeprefix("inventory: ").strip(), folder / "sites.toml")
        yield


class serving:  # noqa: N801 - used as a context manager
    """A command that runs until Ctrl-C, once it has said its word; yields that line. `port` is that of its Redis."""

    def __init__(self, text: str, folder: Path, settings: dict[str, str], port: int = 0) -> None:
        self._says, text = SERVE[text], text.replace("6379", str(port))
        self._process = subprocess.Popen(
            ["env", *shlex.split(text)],
            cwd=folder,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> str:
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if self._says in line:
                return line
        pytest.fail("".join(said))

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        said, _none = self._process.communicate(timeout=PATIENCE)
        assert self._process.returncode == 0, said


@pytest.mark.parametrize("text", RUN)
def test_a_command_does_what_the_page_says(
    text: str, folder: Path, settings: dict[str, str], site: None
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", text],
        cwd=folder,
        env=settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == RUN[text].status, done.stdout + done.stderr
    assert RUN[text].says in done.stdout
    assert done.stderr == ""


def test_a_worker_starts_and_stops(folder: Path, settings: dict[str, str], site: None) -> None:
    with serving("pvo worker --no-changes", folder, settings):
        pass


@pytest.mark.skipif(next(find_servers(), None) is None, reason="there is no Redis on this machine")
def test_the_rehearsal_ends_in_a_verdict(folder: Path, settings: dict[str, str]) -> None:
    """As the README has it: the lab's inventory copied, its site renamed and watched, a Redis, a worker."""
    lab, worker = (text for text in SERVE if "6379" in text)
    reader, port = folder / "rehearsal", free_port()
    reader.mkdir()
    (reader / ".venv").symlink_to(folder / ".venv")
    with serving(lab, reader, settings, port):
        written = (reader / "lab" / "sites.toml").read_text()
        mine = written.replace("[sites.site-a]", '[sites.mine]\nwatch = "* * * * *"')
        (reader / "sites.toml").write_text(mine)
        with serving(worker, reader, settings, port) as line:
            assert "site=mine" in line


def commands() -> dict[str, Any]:
    """The commands of `pvo` by name, as the parser of the command line knows them."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(group.commands)


@cache
def options() -> set[str]:
    """Every option of every command of `pvo`."""
    return {name for command in commands().values() for one in command.params for name in one.opts}


def test_every_option_that_a_page_names_exists() -> None:
    named = {
        (text.split()[0], place) for page in pages() for text, place in spans(page) if text.startswith("--")
    }
    assert len(named) > 5
    assert [(option, place) for option, place in named if option not in options()] == []


# --- by make ------------------------------------------------------------------------------------------------

HANDED_DOWN = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ARGS", "JOBS")
"""What `make test ARGS=…` puts into the environment of the tests."""
TARGETS = sorted(text for text in TYPED if text.startswith("make "))


@pytest.mark.parametrize("text", TARGETS)
def test_what_make_would_run_is_a_command_with_options_that_it_knows(
    text: str, pytestconfig: pytest.Config
) -> None:
    target, *settings = shlex.split(text)[1:]
    dry = subprocess.run(
        ["make", "-n", "--no-print-directory", "-o", ".venv/.dev", "-o", ".venv/.demo", target, *settings],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in HANDED_DOWN},
        capture_output=True,
        text=True,
    )
    assert dry.returncode == 0, dry.stderr
    steps = [shlex.split(line) for line in dry.stdout.replace("\\\n", "").splitlines()]
    assert steps
    for program, *arguments in steps:
        knows(Path(program).name, arguments, pytestconfig)


def knows(program: str, arguments: list[str], config: pytest.Config) -> None:
    """Fails when a program of ours would not understand these arguments."""
    match program:
        case "pvo":
            commands()[arguments[0]].make_context(arguments[0], arguments[1:])
        case "python":
            assert arguments[0] == "-m"
            assert importlib.util.find_spec(arguments[1]), arguments
            assert all(re.fullmatch(r"\d+|docs/\w+", word) for word in arguments[2:])
        case "pytest":
            known, unknown = config._parser.parse_known_and_unknown_args(arguments)
            assert unknown == []
            for path in known.file_or_dir if known.markexpr.isidentifier() else ():
                assert f"pytest.mark.{known.markexpr}" in (ROOT / path).read_text(), (
                    f"nothing to run in {path}"
                )
        case _:
            assert shutil.which(
                program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            )


def test_variables_of_a_target_are_read_by_what_it_runs() -> None:
    given = {name for text in TARGETS for name in re.findall(r"\b([A-Z_]+)=", text)}
    readers = [ROOT / "Makefile", *(ROOT / "tests").rglob("test_*soak*.py")]
    read = "\n".join(path.read_text() for path in readers)
    assert given
    assert [name for name in given if not re.search(rf'\$\({name}\)|environ\.get\("{name}"', read)] == []


# --- in Slack -----------------------------------------------------------------------------------------------


def test_the_readme_lists_the_commands_of_slack() -> None:
    (listed,) = re.findall(r"In Slack: (.*?)\.", (ROOT / "README.md").read_text(), re.DOTALL)
    assert [word.split()[-1 if " " not in word else 1] for word in re.findall("`([^`]+)`", listed)] == list(
        COMMANDS
    )


async def test_what_is_typed_in_slack_gets_an_answer(office: Office) -> None:
    lines = sorted(text for text in TYPED if text.startswith("/pvo"))
    assert "/pvo check site-a" in lines
    async with office.app():
        for line in lines:
            heard, shown = len(office.whispers()), len(office.cards())
            await office.workspace.people.type("U0OPERATOR", "C0OPS", line)
            await office.until(lambda: len(office.whispers()) > heard or len(office.cards()) > shown)  # noqa: B023
            understood = not isinstance(parse(line.removeprefix("/pvo")), Answer)
            assert understood or line == "/pvo", line
    assert len(office.cards()) == 1


# --- where it cannot be run ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ELSEWHERE)
def test_what_is_not_run_here_says_why_and_who_judges_it(text: str) -> None:
    entry = ELSEWHERE[text]
    assert entry.reason
    if entry.test:
        file, name = entry.test.split("::")
        tree = ast.parse((ROOT / file).read_text())
        assert name in {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
    for path in re.findall(r"deploy/\S+", text):
        assert (ROOT / path).exists()


def test_what_is_made_with_kubectl_is_what_the_manifests_look_for() -> None:
    made = dict(reversed(found) for text in TYPED for found in OBJECTS.findall(text))  # name: kind
    texts = [path.read_text() for path in (ROOT / "deploy" / "kubernetes").glob("*.yaml")]
    objects = [one for text in texts for one in yaml.safe_load_all(text)]
    wanted = dict(pair for one in objects for pair in references(one))
    assert wanted == {name: kind.split()[0] for name, kind in made.items()}
    slack = next(text for text in TYPED if "pvo-slack" in text)
    for key in set(re.findall(r"name: pvo-slack, key: ([\w-]+)", "".join(texts))):
        assert f"--from-literal={key}=" in slack


def references(node: object) -> Iterator[tuple[str, str]]:
    """(name, kind) of every secret and configuration map that a manifest refers to."""
    match node:
        case {"secretKeyRef": {"name": str(name)}} | {"secretName": str(name)}:
            yield name, "secret"
        case {"configMap": {"name": str(name)}}:
            yield name, "configmap"
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from references(child)
