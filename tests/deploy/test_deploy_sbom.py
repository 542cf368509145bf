"""`make sbom` and `make audit`: what pvo is made of, exactly as the lock pins it, and what is known against it.

Both are told at the end of the tests, so that they stand in what CI prints.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.conftest import Tell
from tests.deploy.dependencies import LOCK, NOT_REACHED, ROOT, audit, describe_parts
from tests.deploy.test_deploy_files import run

PINNED = set(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", LOCK.read_text(), re.MULTILINE))


def dry(target: str) -> str:
    return subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_sbom_lists_what_the_lock_pins(tmp_path: Path, tell: Tell) -> None:
    assert "requirements --output-reproducible" in dry("sbom")
    target = tmp_path / "sbom.json"
    arguments = ("--output-reproducible", "--pyproject", ROOT / "pyproject.toml", "--output-file", target)
    run("cyclonedx-py", "requirements", *arguments, LOCK)
    document = json.loads(target.read_text())
    assert {(one["name"], one["version"]) for one in document["components"]} == PINNED
    assert document["metadata"]["component"]["name"] == "pvo"
    tell(describe_parts(document))


def test_what_is_known_against_the_packages_is_told(surroundings: dict[str, str], tell: Tell) -> None:
    """It fails nothing: an advisory of today is no fault of the change under test, but `make audit` fails."""
    assert "pip-audit --vulnerability-service osv" in dry("audit")
    tell(audit(surroundings))


@contextmanager
def advisories(weak: str) -> Iterator[str]:
    """A service that speaks OSV's protocol and knows one weakness of the package `weak`; yields its URL."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            known = [WEAKNESS | {"affected": affected(weak)}] if asked == weak else []
            answer = json.dumps({"vulns": known} if known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


WEAKNESS = {"id": "PYSEC-2099-1", "summary": "a weakness", "details": "…", "aliases": []}


def affected(package: str) -> list[dict[str, object]]:
    named = {"name": package, "ecosystem": "PyPI"}
    return [{"package": named, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]


def test_a_known_vulnerability_is_named(surroundings: dict[str, str]) -> None:
    with advisories("aiohttp") as url:
        told = audit(surroundings, "--osv-url", url)
    version = dict(PINNED)["aiohttp"]
    assert told.startswith("pip-audit: ")
    assert told.endswith(f"packages, known vulnerabilities: aiohttp {version} PYSEC-2099-1")


def test_without_the_service_nothing_is_called_sound(surroundings: dict[str, str]) -> None:
    assert audit(surroundings, "--osv-url", "http://127.0.0.1:9/") == f"pip-audit: {NOT_REACHED}"
