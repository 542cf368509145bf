"""files.*: the two calls around an upload."""

from bot.lab.workspace.api.arguments import Arguments
from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.messages import Message
from bot.lab.workspace.people import BOT
from bot.lab.workspace.state import State

LARGEST = 1_000_000_000


def get_upload_url(state: State, arguments: Arguments) -> Json:
    """files.getUploadURLExternal."""
    length = arguments.number("length", 0, LARGEST)
    file = state.files.announce(arguments.required("filename"), length)
    return {"upload_url": f"{state.url}upload/{file.id}", "file_id": file.id}


def complete_upload(state: State, arguments: Arguments) -> Json:
    """files.completeUploadExternal: shares uploaded files, in a thread where asked to."""
    wanted = arguments.value("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments")
    shared = []
    for entry in wanted:
        file = state.files.find(str(entry.get("id")))
        if file.content is None:
            raise SlackError("file_update_failed")
        file.title = str(entry.get("title") or "")
        shared.append(file.to_json(state.url))
    if "channel_id" in arguments:
        channel = state.joined_channel(arguments.text("channel_id"))
        text, thread_ts = arguments.text("initial_comment"), arguments.text("thread_ts") or None
        state.messages.post(Message(channel.id, BOT, text, files=shared, thread_ts=thread_ts))
    return {"files": shared}
