"""A Slack workspace in a box: Web API, Socket Mode and a page in the browser, all on loopback."""

from bot.lab.workspace.interactions import Touch
from bot.lab.workspace.panel import Panel
from bot.lab.workspace.server import Workspace
from bot.lab.workspace.settings import Shortcut, WorkspaceSettings

__all__ = ["Panel", "Shortcut", "Touch", "Workspace", "WorkspaceSettings"]
