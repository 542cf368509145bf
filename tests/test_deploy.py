"""What is shipped for running it: the example inventory loads, the manifest asks for exactly what is used."""

from pathlib import Path

import yaml

from bot.lab.workspace.settings import SCOPES
from bot.settings import load_inventory

DEPLOY = Path(__file__).parent.parent / "deploy"


def test_the_example_inventory_is_usable() -> None:
    assert set(load_inventory(DEPLOY / "sites.example.toml").sites) == {"site-a"}


def test_the_manifest_asks_for_the_scopes_that_the_workspace_grants() -> None:
    manifest = yaml.safe_load((DEPLOY / "slack-manifest.yaml").read_text())
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert manifest["settings"]["socket_mode_enabled"]
    assert [entry["command"] for entry in manifest["features"]["slash_commands"]] == ["/pvo"]
