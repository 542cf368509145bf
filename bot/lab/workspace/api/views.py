"""views.*: modals and home tabs."""

from bot.lab.workspace.api.arguments import Arguments
from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.judge import require_view
from bot.lab.workspace.state import State

VIEW_BYTES = 250_000


def _view(arguments: Arguments, kind: str = "modal") -> Json:
    if len(arguments.text("view")) > VIEW_BYTES:
        raise SlackError("view_too_large")
    return require_view(arguments.value("view"), kind)


def open_view(state: State, arguments: Arguments) -> Json:
    """views.open: spends the trigger."""
    body = _view(arguments)
    trigger = state.permits.use_trigger(arguments.text("trigger_id"))
    return {"view": state.views.open(trigger.user, body).to_json()}


def push(state: State, arguments: Arguments) -> Json:
    """views.push: on top of the modal that the trigger came from, three at most."""
    body = _view(arguments)
    trigger = state.permits.use_trigger(arguments.text("trigger_id"))
    return {"view": state.views.push(trigger.user, body).to_json()}


def update(state: State, arguments: Arguments) -> Json:
    """views.update: by id or the app's own id, guarded by `hash`."""
    external = arguments.text("external_id")
    view = state.views.find_external(external) if external else state.views.find(arguments.text("view_id"))
    body = _view(arguments, view.body["type"])
    return {"view": state.views.update(view, body, arguments.text("hash") or None).to_json()}


def publish(state: State, arguments: Arguments) -> Json:
    """views.publish: a user's home tab."""
    body = _view(arguments, "home")
    user = state.user(arguments.text("user_id"))
    return {"view": state.views.publish(user.id, body, arguments.text("hash") or None).to_json()}
