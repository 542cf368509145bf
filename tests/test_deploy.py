"""What is shipped for running it: the example inventory loads, the manifest asks for exactly what is used."""

import re
from pathlib import Path
from typing import Any

import yaml

from bot.lab.workspace.settings import SCOPES
from bot.settings import load_inventory
from bot.slack.handlers.commands import COMMAND
from bot.slack.handlers.parse import COMMANDS
from bot.slack.handlers.start import SHORTCUT
from bot.slack.wire.preflight import SCOPES as NEEDED

DEPLOY = Path(__file__).parent.parent / "deploy"


def test_the_example_inventory_is_usable() -> None:
    assert set(load_inventory(DEPLOY / "sites.example.toml").sites) == {"site-a"}


def manifest() -> Any:
    return yaml.safe_load((DEPLOY / "slack-manifest.yaml").read_text())


def test_the_manifest_asks_for_the_scopes_that_the_workspace_grants_and_the_app_looks_for() -> None:
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == set(SCOPES) == set(NEEDED)


def test_the_manifest_lists_what_the_app_answers_to() -> None:
    features, settings = manifest()["features"], manifest()["settings"]
    assert [entry["command"] for entry in features["slash_commands"]] == [COMMAND]
    assert [entry["callback_id"] for entry in features["shortcuts"]] == [SHORTCUT]
    assert settings["event_subscriptions"]["bot_events"] == ["app_home_opened"]
    assert settings["interactivity"]["is_enabled"]
    assert settings["socket_mode_enabled"]
    assert features["app_home"]["home_tab_enabled"]


def test_the_hint_beside_the_command_names_every_one() -> None:
    (entry,) = manifest()["features"]["slash_commands"]
    assert set(COMMANDS) <= set(re.findall(r"[a-z]+", entry["usage_hint"]))


def test_the_manifest_keeps_within_what_slack_allows() -> None:
    features = manifest()["features"]
    assert all(len(entry["name"]) <= 24 for entry in features["shortcuts"])
    assert all(len(entry["description"]) <= 150 for entry in features["shortcuts"])
    assert all(len(entry["description"]) <= 2000 for entry in features["slash_commands"])
    assert all(len(entry["usage_hint"]) <= 1000 for entry in features["slash_commands"])
    assert len(manifest()["display_information"]["description"]) <= 140
