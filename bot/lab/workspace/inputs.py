"""The state of inputs: what a view or message reports for each element that a user can fill."""

from collections.abc import Iterator

from bot.lab.workspace.errors import Json

_SELECTED = {
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
}
_VALUE = ("value", "initial_value")


def _fillable(block: Json) -> Iterator[Json]:
    elements = [block.get("element"), block.get("accessory"), *block.get("elements", [])]
    for element in elements:
        kind = element.get("type") if isinstance(element, dict) else None
        if isinstance(element, dict) and (kind in _SELECTED or str(kind).endswith("_input")):
            yield element


def state_values(blocks: list[Json], filled: Json) -> Json:
    """`state.values` by block_id and action_id: untouched inputs have their initial value, or null.

    `filled` is what the user changed, in the same shape; anything that names no such input is left out.
    """
    values: Json = {}
    for block in blocks:
        for element in _fillable(block):
            chosen, initial = _SELECTED.get(element["type"], _VALUE)
            none: list[Json] | None = [] if chosen.endswith("s") else None
            entry = {"type": element["type"], chosen: element.get(initial, none)}
            given = filled.get(block["block_id"], {}).get(element["action_id"], {})
            values.setdefault(block["block_id"], {})[element["action_id"]] = entry | given
    return values
