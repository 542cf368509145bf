"""A site full of personal data, checked and replayed in processes of their own: nothing of it comes out anywhere."""

import asyncio
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.lab.appliances import Lab, LabSettings
from tests.e2e.test_terminal import pvo

SECRETS = ("hunter2", "Nightingale", "nell.ward", "wardnell", "planted.example")
SUBJECT = "Project Nightingale port 7025 the.cpq.host CPQ ICID 7"
LINES = (
    f"MID 901 Subject '{SUBJECT}'",
    f"MID 901 Subject '{SUBJECT}\n for nell.ward@planted.example",
    "MID 901 Message-ID '<port 7025.Nightingale@planted.example>'",
    "MID 901 ICID 9 From: <nell.ward@planted.example> port 7025",
    'MID 901 enqueued for transfer to centralized quarantine "Policy" (saw "Nightingale", the.cpq.host)',
    "MID 901 attachment 'Nightingale port 7025.pdf'",
    "MID 901 Custom Log Entry: Nightingale the.cpq.host",
    "New SMTP DCID 9901 interface 10.10.20.2 address 10.10.10.1 port 7025",
    "Delivery start DCID 9901 MID 901 to RID [0] to Centralized Policy Quarantine",
    "Message done DCID 9901 MID 901 to RID [0] (centralized policy quarantine) [('from', 'wardnell'), "
    "('subject', 'Nightingale')]",
    "Delayed: DCID 9901 MID 901 to RID 0 - 4.1.0 - Unknown address error "
    "('450', ['4.1.1 <nell.ward@planted.example>: wait, wardnell@planted.example'])",
    "Bounced: DCID 9901 MID 901 to RID 0 - 5.1.0 - Unknown address error "
    "('550', ['5.1.1 <wardnell>: user unknown']) [('subject', 'Nightingale')]",
    "MID 901 RID [0] Response '250 queued for nell.ward@planted.example, password: hunter2'",
    "Connection Error: DCID 9902 domain: the.cpq.host IP: 10.10.10.1 port: 7025 details: 431 "
    "<nell.ward@planted.example> mail system full interface: 10.10.20.2 reason: unexpected SMTP response",
)  # fmt: skip


def plant(lab: Lab) -> None:
    """Into log, queue and configuration of every appliance, where the checks look."""
    for appliance in lab.appliances.values():
        appliance.log.write(*LINES)
        appliance.destination("nell.ward@planted.example").soft_bounced += 3
        for name in ("snmp_community", "ssl_outbound_password"):
            appliance.configuration[name] = "hunter2"
        for listener in appliance.listeners:
            if listener.peers is not None:
                listener.peers.append("203.0.113.9 (ask nell.ward@planted.example, passphrase: hunter2)")


def leaks(text: str, passwords: list[str]) -> list[str]:
    return [secret for secret in (*SECRETS, *passwords) if secret.casefold() in text.casefold()]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `pvo check` of such a site printed, logged and kept; and what only the site knew."""
    return asyncio.run(_check(tmp_path_factory.mktemp("captured")))


async def _check(folder: Path) -> dict[str, Any]:
    settings = LabSettings(message_interval=0, release_interval=0)
    async with Lab(folder / "lab", ["anonymous-cipher", "peer-not-allowed"], settings) as lab:
        plant(lab)
        printed = await _check_in_all_forms(lab.inventory, folder)
        appliances = lab.appliances.values()
        return printed | {
            "folder": folder,
            "log": "\n".join(line for item in appliances for line in item.log.lines()),
            "passwords": [password for item in appliances for password in item.accounts.values()],
        }


async def _check_in_all_forms(inventory: Path, folder: Path) -> dict[str, Any]:
    """Three checks side by side, each as verbose as it can be."""
    kept = ("--capture", str(folder / "capture.json"), "--picture", str(folder / "paths.svg"))
    forms = {"json": kept, "text": (), "markdown": ("--only", "log,tls")}

    def check(form: str, options: tuple[str, ...]) -> Any:
        site = ("check", "site-a", "--inventory", str(inventory), "--format", form, "--verbose")
        return pvo(*site, *options, PVO_LOG_LEVEL="debug")

    done = await asyncio.gather(*(asyncio.to_thread(check, *item) for item in forms.items()))
    return dict(zip(forms, done, strict=True))


def replay(checked: dict[str, Any], *arguments: str) -> Any:
    return pvo("replay", str(checked["folder"] / "capture.json"), *arguments)


def without_run(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what says which run it was and how long it took."""
    for part in (report, *report["checks"]):
        part.pop("seconds")
    report.pop("id")
    return report


def test_nothing_personal_or_secret_comes_out(checked: dict[str, Any]) -> None:
    for secret in SECRETS[1:]:
        assert secret in checked["log"], "the site itself knows it"
    outputs = [
        text for form in ("json", "text", "markdown") for text in (checked[form].stdout, checked[form].stderr)
    ]
    outputs += [(checked["folder"] / name).read_text() for name in ("capture.json", "paths.svg")]
    for form in ("text", "json", "markdown"):
        outputs.append(replay(checked, "--format", form, "--verbose").stdout)
    for output in outputs:
        assert leaks(output, checked["passwords"]) == []


def test_what_findings_need_is_still_there(checked: dict[str, Any]) -> None:
    assert checked["json"].returncode == 1
    report = json.loads(checked["json"].stdout)
    found = {(finding["id"], finding["subject"]) for finding in report["findings"]}
    assert ("setup.listener.peer-not-allowed", "esa-a2 -> sma-a") in found
    assert ("tls.ciphers.admit-anonymous", "esa-a2") in found
    assert report["coverage"] == {"unlisted_peers": ["203.0.113.9"]}
    capture = (checked["folder"] / "capture.json").read_text()
    for needed in ("10.10.20.2", "203.0.113.9", "DCID 9901", "554", "the.cpq.host"):
        assert needed in capture


def test_a_replay_in_another_process_gives_the_same_report(checked: dict[str, Any]) -> None:
    again = replay(checked, "--format", "json")
    assert (again.returncode, again.stderr) == (1, "")
    live = json.loads(checked["json"].stdout)
    assert without_run(json.loads(again.stdout)) == without_run(live)

    spanish = json.loads(replay(checked, "--format", "json", "--language", "es").stdout)
    told = {"title", "why", "fixes"}
    for one, other in zip(spanish["findings"], live["findings"], strict=True):
        assert {key: one[key] for key in one if key not in told} == {
            key: other[key] for key in other if key not in told
        }
        assert one["title"] != other["title"]
    assert spanish["verdict"] == live["verdict"]


def test_replays_as_text_and_markdown_are_what_check_prints(checked: dict[str, Any]) -> None:
    markdown = replay(checked, "--format", "markdown").stdout
    assert markdown.startswith("# site-a: broken")
    assert "`setup.listener.peer-not-allowed`" in markdown
    text = replay(checked, "--verbose").stdout
    assert text.splitlines()[0] == checked["text"].stdout.splitlines()[0]


def test_what_is_printed_and_kept_obeys_its_schema(checked: dict[str, Any]) -> None:
    for name, document in (
        ("report", json.loads(checked["json"].stdout)),
        ("capture", json.loads((checked["folder"] / "capture.json").read_text())),
    ):
        schema = json.loads(pvo("schema", name).stdout)
        jsonschema.validate(document, schema)
        for key in schema["required"]:
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({k: v for k, v in document.items() if k != key}, schema)


def test_the_picture_names_what_breaks(checked: dict[str, Any]) -> None:
    drawn = ET.parse(checked["folder"] / "paths.svg").getroot()
    words = "\n".join(text or "" for text in drawn.itertext())
    assert "quarantine: setup.listener.peer-not-allowed" in words
    png = checked["folder"] / "again.png"
    assert replay(checked, "--picture", str(png)).returncode == 1
    assert png.read_bytes().startswith(b"\x89PNG")
