"""`delivernow`: has the messages that wait for one destination tried at once."""

import re

from bot.asyncos.reading import confirmed
from bot.model.command import Changing, Entry

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?")


def delivernow(host: str) -> Changing[str]:
    """Acts at once, for one recipient domain: never for all."""
    if not _HOST.fullmatch(host):
        raise ValueError(f"{host!r} is no recipient domain")
    entries = (
        Entry("delivernow"),
        Entry("1", at=r"^[ \t]*1\.[ \t]*By recipient (?:domain|host)"),
        Entry(host, at=r"\A(?![\s\S]*^[ \t]*\d+\.)[\s\S]*\b(?:domain|host)"),
    )
    return Changing(
        entries, confirmed("delivernow", r"schedul\w{1,8} all messages to .{0,80}\b" + re.escape(host))
    )
