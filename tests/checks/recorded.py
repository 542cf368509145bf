"""Recorded conversations: a healthy site, what a case changes in it, and the findings that it must give."""

import datetime as dt
import re
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

from bot.diagnosis.asking import Asking
from bot.diagnosis.checking import run_checks
from bot.knowledge.load import load
from bot.model import errors
from bot.model.check import Check
from bot.model.command import Reading
from bot.model.finding import Outcome
from bot.model.inventory import Inventory, Limits

CASES = Path(__file__).parent.parent / "cases"
AT = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def inventory(**site: Any) -> Inventory:
    """The inventory of site-a; `site` overrides keys of its table."""
    accounts = {
        "username": "pvo",
        "password": {"env": "NOT_READ"},
        "host": "192.0.2.1",
        "host_key": "ssh-ed25519 AAAA",
    }
    addresses = {"sma-a": "10.10.10.1", "esa-a1": "10.10.20.1", "esa-a2": "10.10.20.2"}
    return Inventory.model_validate(
        {
            "appliances": {
                name: {**accounts, "product": name[:3], "address": address}
                for name, address in addresses.items()
            },
            "sites": {"site-a": {"title": "Site A", "sma": "sma-a", "esas": ["esa-a1", "esa-a2"], **site}},
        }
    )


AGREED = "key exchange: curve25519-sha256@libssh.org\nhost key: rsa-sha2-512\ncipher: aes128-ctr\nMAC: hmac-sha2-256"


class Recorded:
    """Answers as the appliances of a recorded site did; greps are answered from the recorded logs."""

    def __init__(self, *layers: dict[str, Any]) -> None:
        self._answers: dict[str, dict[str, str]] = {}
        for layer in layers:
            for appliance, answers in layer.get("answers", {}).items():
                self._answers.setdefault(appliance, {}).update(answers)
        self.asked: list[tuple[str, str]] = []

    async def converse(self, appliance: str, command: Reading[Any]) -> str:
        self.asked.append((appliance, command.key))
        answers = self._answers[appliance]
        if "login" in answers:
            raise getattr(errors, answers["login"])(f"{appliance}: {answers['login']}")
        if found := re.fullmatch(r'grep -i "(.+)" (\S+)', command.line):
            return self._grep(answers, found[1], found[2])
        if not command.typed:
            return answers.get(command.key, AGREED)
        answer = answers.get(command.key) or answers[command.line]
        if answer.startswith("!"):
            raise getattr(errors, answer[1:])(f"{appliance}: {command.key}: {answer[1:]}")
        return answer

    async def try_cpq(self, appliance: str, port: int) -> str:
        tried = self._answers.get("worker", {}).get(f"cpq {appliance} {port}", "!Rejected")
        if tried.startswith("!"):
            raise getattr(errors, tried[1:])(f"{appliance}: {tried[1:]}")
        return tried

    def _grep(self, answers: dict[str, str], pattern: str, log: str) -> str:
        wanted = re.compile(pattern, re.IGNORECASE)
        return "\n".join(line for line in answers[f"log {log}"].splitlines() if wanted.search(line))


async def run_case(check: Check[Any], case: dict[str, Any]) -> list[Outcome]:
    """The outcomes of one check (and of what it needs) over the healthy site with the case's changes."""
    known = inventory(**case.get("site", {}))
    limits: Limits = known.sites["site-a"].limits
    subjects = known.subjects("site-a")
    asking = Asking(Recorded(read_toml(CASES / "site-a.toml"), case), limits, lambda: AT, subjects)
    from bot.diagnosis.diagnose import select_checks

    needed = [other for other in select_checks(()) if other.id == check.id or other.id in check.needs]
    outcomes = await run_checks(needed, subjects, asking, partial(load().explain, "en"), _ignore)
    return [outcome for outcome in outcomes if outcome.check == check.id]


async def _ignore(done: int, total: int) -> None:
    pass
