"""The lab's captures for commands: made once, by `pvo check` itself."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Pvo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def pvo(tmp_path_factory: pytest.TempPathFactory) -> Pvo:
    """Runs `pvo` in an empty folder, without settings of the developer's."""
    empty = tmp_path_factory.mktemp("empty")
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("PVO_", "SLACK_", "REDIS_"))
    } | {"NO_COLOR": "1", "COLUMNS": "100", "LANG": "C.UTF-8"}

    def run(*arguments: object, typed: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *map(str, arguments)],
            capture_output=True,
            input=typed,
            text=True,
            env=plain | changes,
            cwd=empty,
            timeout=90,
        )

    return run


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """A complete inventory of two sites; nothing answers there."""
    (tmp_path / "password").write_text("hunter2")
    account = 'username = "pvo"\npassword = { file = "password" }\n'
    appliances = {"sma-a": "sma", "esa-a1": "esa", "sma-b": "sma", "esa-b1": "esa"}
    tables = [
        f'[appliances.{name}]\nproduct = "{product}"\nhost = "192.0.2.{number}"\n{account}'
        for number, (name, product) in enumerate(appliances.items(), start=1)
    ]
    tables += [
        '[access]\noperators = ["U0OPERATOR"]\n',
        '[sites.site-a]\ntitle = "Site A"\nsma = "sma-a"\nesas = ["esa-a1"]\nmode = "remediate"\n'
        "[sites.site-a.limits]\nqueue_recipients = 5\n",
        '[sites.site-b]\ntitle = "[B] | <b>"\nsma = "sma-b"\nesas = ["esa-b1"]\n'
        '[[sites.site-b.accepted]]\nfinding = "a.b.c"\nsubject = "sma-b"\nuntil = 2099-01-01\nreason = "x"\n',
    ]
    path = tmp_path / "sites.toml"
    path.write_text("\n".join(tables))
    return path
