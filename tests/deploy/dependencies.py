"""What pvo is made of, and whether anything is known against it: what CI prints of both."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = ROOT / "requirements.lock"
PIP_AUDIT = Path(sys.executable).with_name("pip-audit")
PATIENCE = 60
NOT_REACHED = "not audited: the vulnerability service cannot be reached (make audit asks it again)"
_UNREACHABLE = re.compile(r"ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError")


def describe_parts(document: Mapping[str, list[dict[str, str]]]) -> str:
    """One line about an SBOM; `document` is CycloneDX."""
    return f"SBOM: {len(document['components'])} components (make sbom writes dist/sbom.json)"


def audit(environment: Mapping[str, str], *options: str) -> str:
    """One line about what is known against the packages of the lock; no network is no failure, and is said.

    A package that the service could not be asked about is counted apart: it is not free of vulnerabilities.
    """
    command: list[str | Path] = [
        PIP_AUDIT,
        "--vulnerability-service",
        "osv",
        "--require-hashes",
        "--disable-pip",
    ]
    command += ["--progress-spinner", "off", "--timeout", "5", "--format", "json", *options, "-r", LOCK]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=dict(environment), timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"pip-audit: {NOT_REACHED}"
    if not done.stdout.strip():
        assert _UNREACHABLE.search(done.stderr), done.stderr
        return f"pip-audit: {NOT_REACHED}"
    return f"pip-audit: {_describe(json.loads(done.stdout)['dependencies'])}"


def _describe(packages: list[dict[str, object]]) -> str:
    skipped = [one for one in packages if "skip_reason" in one]
    known = [
        f"{one['name']} {one['version']} {weakness['id']}"
        for one in packages
        for weakness in one.get("vulns", ())  # type: ignore[attr-defined]
    ]
    told = f"{len(packages) - len(skipped)} packages, known vulnerabilities: {', '.join(known) or 'none'}"
    return f"{told}; {len(skipped)} could not be asked about" if skipped else told
