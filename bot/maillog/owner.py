"""Whose a connection is."""

from enum import Enum


class Owner(Enum):
    """`OTHER` is a hint that a CPQ sign outweighs; `SPAM` (the spam quarantine's look-alikes) is final."""

    CPQ = "cpq"
    SPAM = "spam"
    OTHER = "other"
