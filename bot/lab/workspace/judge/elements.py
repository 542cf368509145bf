"""Interactive elements of Block Kit, and which of them may stand where."""

from bot.lab.workspace.judge.objects import (
    CONFIRM,
    CONVERSATION_FILTER,
    IDENTIFIER,
    OPTION,
    OPTION_GROUPS,
    OPTIONS,
    OVERFLOW_OPTION,
    URL,
    plain_text,
)
from bot.lab.workspace.judge.shapes import (
    Problem,
    Problems,
    Shape,
    array,
    boolean,
    both,
    choice,
    number,
    pick,
    record,
    string,
)

_ACTING: dict[str, Shape] = {
    "type": string(),
    "action_id": IDENTIFIER,
    "confirm": CONFIRM,
    "focus_on_load": boolean,
}
_FILLED = _ACTING | {"placeholder": plain_text(150)}
_DISPATCH = record({}, {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"))})
_IDS = array(string())


def _one_list_of_options(value: object, pointer: str) -> Problems:
    if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
        yield Problem(pointer, "must have either options or option_groups")


def _static(**extra: Shape) -> Shape:
    return both(
        record({}, _FILLED | {"options": OPTIONS, "option_groups": OPTION_GROUPS} | extra),
        _one_list_of_options,
    )


def _choices(**extra: Shape) -> Shape:
    return record({"options": array(OPTION, least=1, most=10)}, _ACTING | extra)


def _typed(**extra: Shape) -> Shape:
    fields = {"initial_value": string(3000), "dispatch_action_config": _DISPATCH}
    return record({}, _FILLED | fields | extra)


ELEMENTS: dict[str, Shape] = {
    "button": record(
        {"text": plain_text(75)},
        _ACTING
        | {
            "value": string(2000),
            "url": URL,
            "style": choice("primary", "danger"),
            "accessibility_label": string(75, least=1),
        },
    ),
    "image": record(
        {"image_url": URL, "alt_text": string(2000, least=1)},
        {"type": string()},
    ),
    "overflow": record({"options": array(OVERFLOW_OPTION, least=1, most=5)}, _ACTING),
    "static_select": _static(initial_option=OPTION),
    "multi_static_select": _static(initial_options=OPTIONS, max_selected_items=number),
    "external_select": record({}, _FILLED | {"initial_option": OPTION, "min_query_length": number}),
    "users_select": record({}, _FILLED | {"initial_user": string()}),
    "multi_users_select": record({}, _FILLED | {"initial_users": _IDS, "max_selected_items": number}),
    "channels_select": record({}, _FILLED | {"initial_channel": string(), "response_url_enabled": boolean}),
    "conversations_select": record(
        {},
        _FILLED
        | {
            "initial_conversation": string(),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": CONVERSATION_FILTER,
        },
    ),
    "multi_conversations_select": record(
        {},
        _FILLED
        | {
            "initial_conversations": _IDS,
            "default_to_current_conversation": boolean,
            "max_selected_items": number,
            "filter": CONVERSATION_FILTER,
        },
    ),
    "datepicker": record({}, _FILLED | {"initial_date": string(10)}),
    "timepicker": record({}, _FILLED | {"initial_time": string(5), "timezone": string()}),
    "checkboxes": _choices(initial_options=array(OPTION, least=1, most=10)),
    "radio_buttons": _choices(initial_option=OPTION),
    "plain_text_input": _typed(multiline=boolean, min_length=number, max_length=number),
    "email_text_input": _typed(),
    "url_text_input": _typed(),
    "number_input": both(
        record(
            {"is_decimal_allowed": boolean},
            _FILLED
            | {
                "initial_value": string(),
                "min_value": string(),
                "max_value": string(),
                "dispatch_action_config": _DISPATCH,
            },
        )
    ),
}

_TYPED = {name for name in ELEMENTS if name.endswith("_input")}
IN_ACTIONS = pick(ELEMENTS, sorted(ELEMENTS.keys() - _TYPED - {"image"}))
IN_SECTION = pick(ELEMENTS, sorted(ELEMENTS.keys() - _TYPED))
IN_INPUT = pick(ELEMENTS, sorted(ELEMENTS.keys() - {"button", "image", "overflow"}))
