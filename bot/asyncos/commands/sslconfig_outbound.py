"""`sslconfig`, OUTBOUND: another cipher list for the connections that the appliance opens; waits for `commit`."""

import re

from bot.asyncos.reading import confirmed
from bot.model.command import Changing, Entry

_LIST = re.compile(r"[A-Za-z0-9+!@_:.,=-]+")


def sslconfig_outbound(old: str, new: str) -> Changing[str]:
    """The new list is typed only where the question shows `old`, letter by letter, as the one that holds now."""
    for ciphers in (old, new):
        if not _LIST.fullmatch(ciphers):
            raise ValueError(f"{ciphers!r} is no cipher list that can be typed")
    entries = (
        Entry("sslconfig"),
        Entry("OUTBOUND", at=r"choose the operation[\s\S]*^- OUTBOUND\b"),
        Entry("", at=r"outbound SMTP ssl method"),
        Entry(new, at=rf"outbound SMTP ssl cipher[^\[]*\[{re.escape(old)}\]>"),
        Entry("", at=r"choose the operation"),
    )
    return Changing(entries, confirmed("sslconfig", r"\A\s*\Z"), pends=True)
