"""`pvo doctor` against real SSH, a real Redis and the local workspace: what is wrong, and how to repair it."""

import asyncio
import base64
import json
import re
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.commands.pinning import matches, write_host_key
from bot.lab.appliances import Lab, LabSettings, apply_traits
from bot.lab.workspace import Workspace, WorkspaceSettings
from bot.model.errors import Unusable
from bot.probes.host_keys import HostKey
from bot.settings import load_inventory
from tests.commands.conftest import Pvo

QUIET = LabSettings(message_interval=0, release_interval=0)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, settings=QUIET) as running:
        yield running


@dataclass(frozen=True)
class Told:
    """What one call of `pvo doctor --format json` said."""

    status: int
    lines: list[dict[str, Any]]

    def of(self, topic: str, subject: str) -> tuple[str, str, str]:
        found = [one for one in self.lines if (one["topic"], one["subject"]) == (topic, subject)]
        assert len(found) == 1, (topic, subject, self.lines)
        (line,) = found
        return line["condition"], line["says"], line["remedy"] or ""


async def ask(pvo: Pvo, *arguments: object, **settings: str) -> Told:
    done = await asyncio.to_thread(pvo, "doctor", "--format", "json", *arguments, **settings)
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["schema"] == "pvo-doctor/1"
    for line in document["lines"]:
        assert bool(line["remedy"]) == (line["condition"] in ("warning", "wrong", "untold")), line
    return Told(done.returncode, document["lines"])


async def test_a_sound_surrounding_is_all_ok(pvo: Pvo, lab: Lab, redis_url: str) -> None:
    async with Workspace() as workspace:
        told = await ask(
            pvo,
            "--inventory",
            lab.inventory,
            REDIS_URL=redis_url,
            SLACK_BOT_TOKEN=workspace.bot_token,
            SLACK_APP_TOKEN=workspace.app_token,
            SLACK_API_URL=workspace.api_url,
            PVO_APPROVAL_KEY="a key of sixteen or more",
        )
    assert {line["condition"] for line in told.lines} == {"ok"}, told.lines
    assert told.status == 0
    for subject in ("version", "persistence", "eviction", "clock", "writing", "scripts"):
        assert told.of("redis", subject)
    assert "counts 0 connections" in told.of("slack", "connections")[1]
    for name in ("sma-a", "esa-a1", "esa-a2"):
        assert "pinned ssh-" in told.of(f"appliances.{name}", "host key")[1]
        assert told.of(f"appliances.{name}", "clock")[0] == "ok"
        assert "There is none, so fixes are typed as" in told.of(f"appliances.{name}", "change account")[1]


async def test_each_thing_that_is_wrong_with_slack_is_named(pvo: Pvo, inventory: Path) -> None:
    settings = WorkspaceSettings(scopes=("commands",), app_scopes=())
    async with Workspace(settings) as workspace:
        common = {"SLACK_API_URL": workspace.api_url, "SLACK_APP_TOKEN": workspace.app_token}
        told = await ask(pvo, "--inventory", inventory, SLACK_BOT_TOKEN=workspace.bot_token, **common)
        refused = await ask(pvo, "--inventory", inventory, SLACK_BOT_TOKEN="xoxb-no", **common)
    assert told.status == 1
    assert "chat:write" in told.of("slack", "scopes")[1]
    assert "connections:write" in told.of("slack", "app token")[2]
    assert "invalid_auth" in refused.of("slack", "bot token")[1]
    assert told.of("settings", "REDIS_URL")[0] == "skipped"


async def test_redis_that_forgets_is_not_fit(pvo: Pvo, inventory: Path, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
        try:
            told = await ask(pvo, "--inventory", inventory, REDIS_URL=redis_url)
        finally:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("appendonly", "yes")
    assert told.of("redis", "eviction")[0] == "wrong"
    assert "noeviction" in told.of("redis", "eviction")[2]
    assert told.of("redis", "persistence")[0] == "warning"


async def test_a_script_that_a_server_refuses_is_named(pvo: Pvo, inventory: Path, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("ACL", "SETUSER", "default", "-hincrby")
        try:
            told = await ask(pvo, "--inventory", inventory, REDIS_URL=redis_url)
        finally:
            client.execute_command("ACL", "SETUSER", "default", "+@all")
        version = client.info()
    condition, says, _ = told.of("redis", "scripts")
    assert condition == "wrong"
    assert "admit: " in says, "the first function that needs it"
    assert str(version.get("valkey_version") or version["redis_version"]) in says
    assert told.status == 1


async def test_values_that_could_not_be_read_are_counted(pvo: Pvo, inventory: Path, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.hset(
            "pvo:unreadable", mapping={"pvo:run:1": "1 not a run: hash", "pvo:run:2": "1 not a run: hash"}
        )
        told = await ask(pvo, "--inventory", inventory, REDIS_URL=redis_url)
    condition, says, remedy = told.of("redis", "values")
    assert (condition, "set aside: 2" in says, "pvo:unreadable" in remedy) == ("warning", True, True)


def test_the_account_for_changes_is_named_where_the_bot_may_change(pvo: Pvo, inventory: Path) -> None:
    def accounts() -> dict[str, str]:
        told = json.loads(pvo("doctor", "--format", "json", "--inventory", inventory).stdout)["lines"]
        return {line["topic"]: line["says"] for line in told if line["subject"] == "change account"}

    plain = inventory.read_text()
    account = '[appliances.sma-a.change]\nusername = "pvo-change"\npassword = { file = "password" }\n'
    inventory.write_text(f"{plain}\n{account}")
    told = accounts()
    assert set(told) == {"appliances.sma-a", "appliances.esa-a1"}, "site-b is only observed"
    assert "typed as pvo-change, which checks never use" in told["appliances.sma-a"]
    assert "There is none" in told["appliances.esa-a1"]
    inventory.write_text(plain.replace('mode = "remediate"', 'mode = "observe"'))
    assert accounts() == {}


async def test_redis_that_is_away_and_secrets_that_are_missing(pvo: Pvo, inventory: Path) -> None:
    (inventory.parent / "password").unlink()
    told = await ask(pvo, "--inventory", inventory, REDIS_URL="unix:///nowhere/redis.sock")
    assert told.of("redis", "reach")[0] == "wrong"
    assert "cannot be read" in told.of("appliances.sma-a", "secret")[1]
    assert told.of("appliances.sma-a", "host key")[0] == "wrong"
    assert "--pin" in told.of("appliances.sma-a", "host key")[2]


async def test_an_appliance_with_another_key_and_one_that_is_away(pvo: Pvo, lab: Lab) -> None:
    text = lab.inventory.read_text()
    keys = re.findall(r'host_key = "(.*)"', text)
    text = text.replace(keys[0], "x").replace(keys[1], keys[0]).replace('"x"', f'"{keys[1]}"', 1)
    port = re.findall(r"^port = (\d+)", text, re.MULTILINE)[2]
    lab.inventory.write_text(text.replace(f"port = {port}\n", "port = 1\n"))
    told = await ask(pvo, "--inventory", lab.inventory)
    condition, says, remedy = told.of("appliances.sma-a", "host key")
    assert (condition, "which is not what is pinned" in says, "interception" in remedy) == (
        "wrong",
        True,
        True,
    )
    assert "refused the connection" in told.of("appliances.esa-a2", "reach")[1]
    assert not [
        line for line in told.lines if line["topic"] == "appliances.sma-a" and line["subject"] == "login"
    ]


async def test_rights_name_each_command_and_the_role_it_needs(pvo: Pvo, tmp_path: Path) -> None:
    async with Lab(tmp_path, settings=apply_traits(QUIET, ["unknown=sslconfig,tophosts"])) as lab:
        told = await ask(pvo, "--rights", "--inventory", lab.inventory)
    for command in ("status", "showconfig", "grep", "logconfig", "deliveryconfig", "interfaceconfig"):
        lines = [line for line in told.lines if line["subject"].split()[0] == command]
        assert {line["condition"] for line in lines} == {"ok"}, lines
        assert len({line["topic"] for line in lines}) == 3
    assert "Read-Only Operator" in told.of("appliances.sma-a", "tophosts")[2]
    assert "role Operator" in told.of("appliances.esa-a1", "sslconfig")[2]
    assert told.status == 1


def test_text_says_what_and_how_without_steering_the_terminal(pvo: Pvo, inventory: Path) -> None:
    done = pvo("doctor", "--inventory", inventory)
    assert done.returncode == 1
    assert "wrong           appliances.sma-a host key: No host key is pinned" in done.stdout
    assert "\n                  Compare it on the appliance's console" in done.stdout
    assert "No host key" not in pvo("doctor", "--inventory", "nowhere.toml").stdout
    assert pvo("doctor", "--inventory", inventory, SLACK_BOT_TOKEN="x").returncode == 2


# --- pinning ------------------------------------------------------------------------------------------------


def pin(lab: Lab, pvo: Pvo, answers: str) -> subprocess.CompletedProcess[str]:
    return pvo("doctor", "--pin", "--inventory", lab.inventory, typed=answers)


async def test_only_a_key_whose_end_was_read_elsewhere_is_written(pvo: Pvo, lab: Lab) -> None:
    text = lab.inventory.read_text()
    pinned = load_inventory(lab.inventory)
    removed = re.sub(r"host_key = .*\n", "", text).replace("[appliances.esa", "# a remark\n[appliances.esa")
    lab.inventory.write_text(removed)
    kind, blob = (pinned.appliances["esa-a1"].host_key or "").split()
    key = HostKey(kind, base64.b64decode(blob))
    done = await asyncio.to_thread(pin, lab, pvo, f"wrong9\n{key.fingerprint[-6:]}\n\n")
    assert key.fingerprint[-6:] not in done.stderr
    assert key.fingerprint[:-6] in done.stderr
    after = load_inventory(lab.inventory).appliances
    assert [after[name].host_key for name in ("sma-a", "esa-a1", "esa-a2")] == [None, key.line, None]
    written = lab.inventory.read_text()
    assert written.replace(f'host_key = "{key.line}"\n', "") == removed
    assert "wrong" in done.stdout  # the others are still without


def test_the_end_of_either_fingerprint_counts_and_a_short_one_does_not() -> None:
    key = HostKey("ssh-ed25519", b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32))
    assert matches(key, key.fingerprint[-8:])
    assert matches(key, key.fingerprint[-8:] + "=")
    assert matches(key, key.md5[-11:].upper())
    assert not matches(key, key.fingerprint[-5:])
    assert not matches(key, key.fingerprint[-8:-1] + "!")
    assert not matches(key, "")


@pytest.mark.parametrize(
    "text",
    [
        '[appliances.x]\nproduct = "esa"\n‹NEW›\n\n# end\n\n[appliances.y]\nproduct = "sma"\n',
        '[appliances."x"] # one\r\nproduct = "esa" # two\r\n‹NEW›\r\n',
        '[appliances.x]\nproduct = "esa"\n‹NEW›\n[appliances.x.change]\nusername = "u"',
        'title = "[appliances.x]"\n[ appliances . x ]\nproduct = "esa"\n‹NEW›\n',
    ],
)
def test_pinning_keeps_every_other_byte(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_bytes(re.sub("‹NEW›\r?\n", "", text).encode())
    path.chmod(0o640)
    write_host_key(path, "x", "ssh-ed25519 AAAA")
    assert path.read_bytes().decode() == text.replace("‹NEW›", 'host_key = "ssh-ed25519 AAAA"')
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "text",
    ['[appliances]\nx = { product = "esa" }\n', '[appliances.x]\nhost = """\n[appliances.x]\n"""\n[a]\n'],
)
def test_where_it_cannot_be_added_safely_the_line_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(text)
    with pytest.raises(Unusable, match='add this line there: host_key = "ssh-ed25519 AAAA"'):
        write_host_key(path, "x", "ssh-ed25519 AAAA")
    assert path.read_text() == text


# --- in Spanish ---------------------------------------------------------------------------------------------


def test_a_person_who_speaks_spanish_is_told_in_spanish(pvo: Pvo, inventory: Path) -> None:
    (inventory.parent / "password").unlink()
    told = pvo("doctor", "--inventory", inventory, "--language", "es", REDIS_URL="unix:///nowhere/redis.sock")
    assert told.returncode == 1
    assert "mal               appliances.sma-a host key: No hay ninguna clave de host fijada" in told.stdout
    assert "sin revisar       settings SLACK_BOT_TOKEN: No está definida" in told.stdout
    assert "No se puede preguntar a Redis" in told.stdout
    by_setting = pvo("doctor", "--format", "json", "--inventory", "nowhere.toml", PVO_LANGUAGE="es")
    (line,) = [one for one in json.loads(by_setting.stdout)["lines"] if one["topic"] == "inventory"]
    assert (line["condition"], line["remedy"]) == ("wrong", "Corríjalo ahí.")
