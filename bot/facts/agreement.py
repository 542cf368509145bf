"""The algorithms that the worker's SSH client and an appliance agreed on, and which of them are weak."""

import re

from bot.model.command import Reading

_WEAK = re.compile(
    r"sha1\b|\bssh-(?:rsa|dss)$|-cbc\b|\b3des|\bdes\b|arcfour|blowfish|cast128|\bhmac-md5|group1\b",
    re.IGNORECASE,
)


def agreement() -> Reading[tuple[str, ...]]:
    """The weak ones, each with its kind: `cipher aes128-cbc`. Nothing is typed for it."""
    return Reading("ssh", parse_agreement, typed=False)


def parse_agreement(text: str) -> tuple[str, ...]:
    pairs = (line.partition(":") for line in text.splitlines())
    return tuple(f"{kind.strip()} {name.strip()}" for kind, _, name in pairs if _WEAK.search(name.strip()))
