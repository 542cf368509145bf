"""What a local workspace can be told: who the app is, what it may do, and how patient Slack is."""

import secrets
from dataclasses import dataclass, field

SCOPES = (
    "commands",
    "chat:write",
    "channels:history",
    "groups:history",
    "channels:read",
    "groups:read",
    "files:write",
    "users:read",
    "usergroups:read",
)


def _token(prefix: str) -> str:
    return f"{prefix}-local-{secrets.token_hex(12)}"


@dataclass(frozen=True)
class Shortcut:
    """A message shortcut of the app, as its manifest lists them."""

    callback_id: str
    name: str


@dataclass(frozen=True)
class WorkspaceSettings:
    """Times are seconds; tokens are made up anew for each workspace unless given.

    `request_url` set delivers everything by signed HTTP instead of Socket Mode; `shortcuts` stand in the menu of
    every message; `event_retries` are the pauses before an event is sent again.
    """

    bot_token: str = field(default_factory=lambda: _token("xoxb"))
    app_token: str = field(default_factory=lambda: _token("xapp"))
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    scopes: tuple[str, ...] = SCOPES
    app_scopes: tuple[str, ...] = ("connections:write",)
    command: str = "/pvo"
    usage: str = "check site-a  ·  status  ·  sites  ·  explain FINDING  ·  history site-a  ·  help"
    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    response_seconds: float = 1800.0
    response_uses: int = 5
    connections: int = 10
    request_url: str = ""
    shortcuts: tuple[Shortcut, ...] = (Shortcut("pvo.check-site", "Check this site"),)
    event_retries: tuple[float, ...] = (0.0, 60.0, 300.0)
