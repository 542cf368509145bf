"""`make sbom`: the list names exactly what the lock pins, and needs no network."""

import json
import re
import subprocess
from pathlib import Path

from tests.deploy.test_deploy_files import DEPLOY, run

ROOT = DEPLOY.parent


def test_the_sbom_lists_what_the_lock_pins(tmp_path: Path) -> None:
    dry = subprocess.run(["make", "-n", "sbom"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "requirements --output-reproducible" in dry
    target, lock = tmp_path / "sbom.json", ROOT / "requirements.lock"
    arguments = ("--output-reproducible", "--pyproject", ROOT / "pyproject.toml", "--output-file", target)
    run("cyclonedx-py", "requirements", *arguments, lock)
    document = json.loads(target.read_text())
    pinned = set(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock.read_text(), re.MULTILINE))
    assert {(one["name"], one["version"]) for one in document["components"]} == pinned
    assert document["metadata"]["component"]["name"] == "pvo"
