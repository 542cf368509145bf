"""`pvo doctor --pin`: host keys that a person has compared are written into the inventory, and nothing else is."""

import asyncio
import os
import re
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import typer

from bot.model.errors import ProbeError, Unusable
from bot.model.inventory import Inventory
from bot.probes.first_sight import look_at_host_key
from bot.probes.host_keys import HostKey

Words = Callable[..., str]
"""`say` of the words of `pvo doctor`, in one language."""

FEWEST = 6
"""Characters of the fingerprint that are asked for: fewer could be met by chance."""
_HEADER = re.compile(r"^[ \t]*\[[ \t]*appliances[ \t]*\.[ \t]*(?:\"([^\"]+)\"|'([^']+)'|([\w-]+))[ \t]*\]")
_ANY_HEADER = re.compile(r"^[ \t]*\[")


def pin_host_keys(path: Path, inventory: Inventory, words: Words) -> None:
    """Asks about every appliance without a pinned key, and writes what was confirmed."""
    for name, appliance in inventory.appliances.items():
        if appliance.host_key or appliance.known_hosts:
            continue
        try:
            key = asyncio.run(look_at_host_key(name, appliance))
        except ProbeError as error:
            _say(words("pin.failed", error=str(error)))
            continue
        if _confirm(name, f"{appliance.host}:{appliance.port}", key, words):
            write_host_key(path, name, key.line)
            _say(words("pin.written", name=name, path=str(path)))


def matches(key: HostKey, typed: str) -> bool:
    """Whether `typed` is the end of the fingerprint, SHA256 or MD5, and long enough to say something."""
    sha256 = typed.strip().rstrip("=")
    md5 = typed.strip().lower().replace(":", "")
    return (len(sha256) >= FEWEST and key.fingerprint.endswith(sha256)) or (
        len(md5) >= FEWEST and key.md5.replace(":", "").endswith(md5)
    )


def _confirm(name: str, place: str, key: HostKey, words: Words) -> bool:
    """The end is not shown: whoever types it has read it on the console."""
    _say(words("pin.shows", name=name, place=place, type=key.type))
    _say(f"  {key.fingerprint[:-FEWEST]}{'·' * FEWEST}   MD5 {key.md5[:-8]}········")
    question = f"  {words('pin.question', count=FEWEST)}"
    typed = typer.prompt(question, default="", show_default=False, err=True)
    if not typed.strip():
        _say(words("pin.left-out", name=name))
        return False
    if matches(key, typed):
        return True
    _say(words("pin.not-written", name=name))
    return False


def write_host_key(path: Path, name: str, line: str) -> None:
    """Adds `host_key` to the table of an appliance; every other byte stays. Raises `Unusable`."""
    real = path.resolve()
    before = real.read_bytes().decode("utf-8")
    entry = f'host_key = "{line}"'
    after = _insert(before, name, entry)
    if after is None or not _only_adds(before, after, name, line):
        raise Unusable(
            f"{path}: [appliances.{name}] is not written as a table of its own; add this line there: {entry}"
        )
    _replace(real, after)


def _insert(text: str, name: str, entry: str) -> str | None:
    """The text with the entry after the last key of the table."""
    lines = text.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if _names(line, name)), None)
    if start is None:
        return None
    last = start
    for number, line in enumerate(lines[start + 1 :], start + 1):
        if _ANY_HEADER.match(line):
            break
        if line.strip() and not line.lstrip().startswith("#"):
            last = number
    ending = "\r\n" if lines[start].endswith("\r\n") else "\n"
    if not lines[last].endswith("\n"):
        lines[last] += ending
    return "".join([*lines[: last + 1], entry + ending, *lines[last + 1 :]])


def _names(line: str, name: str) -> bool:
    found = _HEADER.match(line)
    return found is not None and name in found.groups()


def _only_adds(before: str, after: str, name: str, line: str) -> bool:
    """Whether the key is the only difference for whoever reads the file."""
    wanted = tomllib.loads(before)
    wanted["appliances"][name]["host_key"] = line
    try:
        return tomllib.loads(after) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _replace(path: Path, text: str) -> None:
    """Puts the new text in the file's place at once, with the mode of the old one."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        Path(temporary).chmod(path.stat().st_mode & 0o7777)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _say(text: str) -> None:
    typer.echo(text, err=True)
