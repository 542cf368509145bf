"""Whether the AsyncOS release of an appliance has centralized PVO quarantines at all."""

import re

from bot.asyncos.commands.version import version
from bot.facts.attempt import attempt
from bot.model.finding import Reply
from bot.model.ports import Probes
from bot.model.subject import Node, Product

OLDEST: dict[Product, tuple[int, int]] = {"esa": (8, 0), "sma": (8, 1)}
"""The first release with the feature; TechNote 200068 prints the two exchanged."""


def required(product: Product) -> str:
    """The oldest release that has the feature, as people write it."""
    return ".".join(map(str, OLDEST[product]))


def is_supported(release: str, product: Product) -> bool | None:
    """Whether `release`, such as `15.0.1-416`, has the feature; None when it is no release number."""
    found = re.match(r"(\d+)\.(\d+)", release)
    return (int(found[1]), int(found[2])) >= OLDEST[product] if found else None


async def is_too_old(probes: Probes, node: Node) -> bool:
    """Whether the appliance says that it is too old; False also where it cannot be asked."""
    reply = await attempt(probes.ask(node.name, version()))
    release = reply.value.version if isinstance(reply, Reply) else None
    return release is not None and is_supported(release, node.product) is False
