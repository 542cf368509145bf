"""Modals and home tabs: a stack of views for each user, with hashes and the state of their inputs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.feed import Feed
from bot.lab.workspace.messages import Messages
from bot.lab.workspace.people import APP, BOT_ID, TEAM

STACK = 3
OPTIONAL = ("private_metadata", "callback_id", "external_id")


@dataclass
class View:
    """One open view; `body` is what the app sent, with ids filled in."""

    id: str
    user: str
    body: Json
    root: str
    previous: str | None = None
    hash: str = field(default_factory=lambda: f"1.{secrets.token_hex(4)}")

    def to_json(self, values: Json | None = None) -> Json:
        """The view as answers and payloads show it; `values` is the state of its inputs."""
        return {
            "id": self.id,
            "team_id": TEAM,
            "app_id": APP,
            "bot_id": BOT_ID,
            "hash": self.hash,
            "root_view_id": self.root,
            "previous_view_id": self.previous,
            "state": {"values": values or {}},
            **dict.fromkeys(OPTIONAL, ""),
            "title": None,
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
            **self.body,
        }


class Views:
    """Who has which modals open, topmost last, and each user's home tab."""

    def __init__(self, feed: Feed, messages: Messages) -> None:
        self._feed = feed
        self._messages = messages
        self._stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        """The user's open modals, topmost last."""
        return list(self._stacks.get(user, []))

    def find(self, view_id: str) -> View:
        """An open view by id; SlackError `not_found`."""
        return self._search(lambda view: view.id == view_id)

    def find_external(self, external_id: str) -> View:
        """An open view by the app's own id; SlackError `not_found`."""
        return self._search(lambda view: view.body.get("external_id") == external_id)

    def _search(self, wanted: Callable[[View], bool]) -> View:
        for view in (*self.homes.values(), *(view for stack in self._stacks.values() for view in stack)):
            if wanted(view):
                return view
        raise SlackError("not_found")

    def open(self, user: str, body: Json) -> View:
        """Shows a new modal in place of any other."""
        view = self._make(user, body)
        self._stacks[user] = [view]
        self._show(user)
        return view

    def push(self, user: str, body: Json) -> View:
        """Puts a modal on top; SlackError `push_limit_reached` above three."""
        stack = self._stacks.get(user, [])
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        if not stack:
            raise SlackError("not_found")
        view = self._make(user, body, below=stack[-1])
        stack.append(view)
        self._show(user)
        return view

    def update(self, view: View, body: Json, expected_hash: str | None = None) -> View:
        """Replaces what a view shows; SlackError `hash_conflict` when it changed in between."""
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        view.body = self._named(body)
        view.hash = f"1.{secrets.token_hex(4)}"
        self._show(view.user)
        return view

    def publish(self, user: str, body: Json, expected_hash: str | None = None) -> View:
        """Sets a user's home tab."""
        home = self.homes.get(user)
        if home:
            return self.update(home, body, expected_hash)
        self.homes[user] = view = self._make(user, body)
        self._show(user)
        return view

    def close(self, view: View) -> None:
        """Takes a view and all above it off its user's stack."""
        stack = self._stacks.get(view.user, [])
        if view in stack:
            del stack[stack.index(view) :]
        self._show(view.user)

    def clear(self, user: str) -> None:
        """Closes all of a user's modals."""
        self._stacks.pop(user, None)
        self._show(user)

    def _make(self, user: str, body: Json, below: View | None = None) -> View:
        number = f"V{secrets.token_hex(5).upper()}"
        root, previous = (below.root, below.id) if below else (number, None)
        return View(number, user, self._named(body), root, previous)

    def _named(self, body: Json) -> Json:
        return {**body, "blocks": self._messages.name_blocks(body["blocks"])}

    def _show(self, user: str) -> None:
        home = self.homes.get(user)
        stack = [view.to_json() for view in self.stack(user)]
        event = {"type": "views", "user": user, "stack": stack, "home": home.to_json() if home else None}
        self._feed.publish(event)
