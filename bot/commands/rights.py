"""Which of the commands that checks use may this account run on an appliance?"""

from collections.abc import Iterator
from typing import Any

from bot.asyncos.commands.deliveryconfig import deliveryconfig
from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.commands.sslconfig import sslconfig
from bot.asyncos.commands.status import status
from bot.asyncos.commands.status_detail import status_detail
from bot.asyncos.commands.telnet import telnet
from bot.asyncos.commands.tophosts import tophosts
from bot.asyncos.commands.version import version
from bot.diagnosis.asking import Asking
from bot.model.command import Reading
from bot.model.errors import ProbeError, RoleRefused
from bot.model.examination import Condition, Examined
from bot.model.subject import Node

_READ_ONLY = "Read-Only Operator"
_OPERATOR = "Operator"
_GUESSED = {"grep", "logconfig", "deliveryconfig", "interfaceconfig", "sslconfig", "showconfig", "telnet"}
"""What Cisco's guides leave open for the Read-Only Operator: where it is refused, Operator can."""


async def examine_rights(node: Node, probes: Asking) -> list[Examined]:
    """One line a command: it may be run, or it is refused and which role can."""
    return [await _try(node, command, probes) for command in _commands(node)]


def _commands(node: Node) -> Iterator[Reading[Any]]:
    yield from (version(), status(), status_detail(), tophosts(), logconfig(), grep("port 7025", "mail_logs"))
    yield from (interfaceconfig(), deliveryconfig(), showconfig(), telnet(node.address, 22, patience=3.0))
    if node.product == "esa":
        yield sslconfig()


async def _try(node: Node, command: Reading[Any], probes: Asking) -> Examined:
    name = command.line.split()[0]
    try:
        await probes.ask(node.name, command)
    except RoleRefused as error:
        role = _OPERATOR if name in _GUESSED else _READ_ONLY
        return _line(node, command, "warning", "right.refused", error=str(error), role=role)
    except ProbeError as error:
        return _line(node, command, "untold", "right.unknown", error=str(error), line=command.line)
    return _line(node, command, "ok", "right.ok")


def _line(
    node: Node, command: Reading[Any], condition: Condition, says: str, **details: str | int
) -> Examined:
    return Examined(
        topic=f"appliances.{node.name}",
        subject=command.line,
        condition=condition,
        says=says,
        details=details,
    )
