"""What a check is about: one appliance, or one path from an appliance to another."""

from dataclasses import dataclass
from typing import Literal

Product = Literal["sma", "esa"]
PathKind = Literal["quarantine", "release", "command"]
Kind = Literal["sma", "esa", "quarantine", "release", "command"]


@dataclass(frozen=True, slots=True)
class Node:
    """One appliance of a site; `address` is what its peers dial for CPQ (an IP address or a host name)."""

    name: str
    product: Product
    address: str

    @property
    def kind(self) -> Kind:
        return self.product

    @property
    def asked(self) -> "Node":
        """The appliance that a check of this subject must be able to log in to."""
        return self

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Path:
    """One direction of traffic; `cpq_port` is the inventory's expectation, if it has one."""

    kind: PathKind
    sender: Node
    receiver: Node
    cpq_port: int | None = None

    @property
    def asked(self) -> Node:
        """The sending end: only it can say whether its mail gets through."""
        return self.sender

    def __str__(self) -> str:
        return f"{self.sender} -> {self.receiver}"


Subject = Node | Path
