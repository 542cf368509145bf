"""Traits of the lab that may be named in one word each: `pager`, `round-trip=200`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.lab.appliances.options import LabSettings


def _count(value: str) -> int:
    if not value.isdecimal():
        raise ValueError("a whole number is needed")
    return int(value)


def _positive(value: str) -> int:
    if not _count(value):
        raise ValueError("a number above 0 is needed")
    return int(value)


def _milliseconds(value: str) -> float:
    return _count(value) / 1000


def _megabytes(value: str) -> int:
    return _count(value) * 1_000_000


def _words(value: str) -> tuple[str, ...]:
    return tuple(value.split(","))


@dataclass(frozen=True)
class Trait:
    """Sets `name` of one part of the settings: to `constant`, or to what `read` makes of the word after `=`."""

    part: Literal["shape", "door", "manners"]
    name: str
    constant: object = None
    value: str = ""
    read: Callable[[str], Any] = str

    def apply(self, settings: LabSettings, word: str) -> LabSettings:
        """The settings with it; raises ValueError for an unusable word."""
        chosen = self.read(word) if self.value else self.constant
        part = replace(getattr(settings, self.part), **{self.name: chosen})
        changes: dict[str, Any] = {self.part: part}
        return replace(settings, **changes)


TRAITS: Mapping[str, Trait] = {
    "keyboard-interactive": Trait("door", "methods", ("keyboard-interactive",)),
    "key": Trait("door", "methods", ("publickey",)),
    "legacy-ssh": Trait("door", "algorithms", "legacy"),
    "sessions": Trait("door", "sessions", value="N", read=_positive),
    "round-trip": Trait("door", "round_trip", value="MS", read=_milliseconds),
    "latency": Trait("manners", "latency", value="MS", read=_milliseconds),
    "pager": Trait("manners", "force_pager", constant=True),
    "chunk": Trait("manners", "chunk", value="BYTES", read=_positive),
    "dies-after": Trait("manners", "dies_after", value="BYTES", read=_count),
    "idle-note": Trait("manners", "idle_note", constant=True),
    "unknown": Trait(
        "manners", "unknown", value="COMMAND,COMMAND", read=lambda value: frozenset(_words(value))
    ),
    "brief-switch": Trait("manners", "switch_lasts", constant=False),
    "configuration": Trait("manners", "configuration_size", value="MB", read=_megabytes),
    "esa-port": Trait("shape", "esa_port", value="PORT", read=_positive),
    "interfaces": Trait("shape", "interfaces", value="NAME,NAME", read=_words),
    "delivery-interface": Trait("shape", "delivery_interface", value="NAME"),
}


def apply_traits(settings: LabSettings, words: Iterable[str]) -> LabSettings:
    """The settings with each trait in it; raises ValueError, in a sentence, for what is none."""
    for word in words:
        name, _, value = word.partition("=")
        trait = TRAITS.get(name)
        if trait is None:
            known = ", ".join(_write(name, trait) for name, trait in TRAITS.items())
            raise ValueError(f"There is no trait {name!r}; known are {known}.")
        if bool(value) != bool(trait.value):
            raise ValueError(f"The trait {name!r} is written {_write(name, trait)}.")
        try:
            settings = trait.apply(settings, value)
        except ValueError as error:
            raise ValueError(f"The trait {word!r} is not usable: {error}.") from None
    return settings


def _write(name: str, trait: Trait) -> str:
    return f"{name}={trait.value}" if trait.value else name
