"""One file a check, nothing else; adding a check edits no other module."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from bot.model.check import Check


@cache
def discover() -> tuple[Check[Any], ...]:
    """Every check of this folder (each module's `CHECK`), in the order of their ids."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found = [importlib.import_module(f"{__name__}.{name}").CHECK for name in names]
    return tuple(sorted(found, key=lambda check: check.id))
