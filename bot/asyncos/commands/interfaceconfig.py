"""`interfaceconfig`: the IP interfaces of the appliance."""

import re

from bot.asyncos.reading import LEAVE_MENU, Interface, read_interfaces, unreadable
from bot.model.command import Reading

__all__ = ["Interface", "interfaceconfig", "parse_interfaceconfig"]


def interfaceconfig() -> Reading[tuple[Interface, ...]]:
    return Reading("interfaceconfig", parse_interfaceconfig, (LEAVE_MENU,))


def parse_interfaceconfig(text: str) -> tuple[Interface, ...]:
    interfaces = read_interfaces(text)
    if not interfaces and not re.search(r"configured interfaces", text, re.IGNORECASE):
        raise unreadable("interfaceconfig", text)
    return interfaces
