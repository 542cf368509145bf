"""Everything that reads text of others: found by folder and by type, so that a new reader is tested by itself."""

import contextlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

import bot
from bot.asyncos.dialogue import finds
from bot.asyncos.session import Session
from bot.asyncos.terminal import Transcript
from bot.model.command import Changing, Question, Reaction, Reading
from bot.model.errors import PvoError

Reader = Callable[[str], object]

ROOMS = ("asyncos", "checks", "diagnosis", "facts", "maillog", "model", "probes", "remediation")
TEXTS = {
    "answer",
    "block",
    "body",
    "gauge",
    "hat",
    "line",
    "output",
    "printed",
    "reason",
    "rest",
    "said",
    "text",
}
"""What a function calls the text that it reads."""
WORDS: dict[str, Any] = {"host": "mail.example.com", "port": 7025, "length": 160}
CHUNK = 65_536


def find_modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(bot.__path__, "bot."):
        if found.name.split(".")[1] in ROOMS:
            yield importlib.import_module(found.name)


def find_readers() -> dict[str, Reader]:
    """By name: functions of a text, parts of commands, and what hears a session."""
    readers: dict[str, Reader] = {"transcript": hear, "session": converse, "banner": greet}
    for module in find_modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or inspect.iscoroutinefunction(function):
                continue
            if reader := _of_text(function):
                readers[f"{module.__name__}.{name}"] = reader
            elif command := _command(function):
                readers |= {f"{module.__name__}.{name}: {part}": read for part, read in _parts(command)}
    return readers


def _hints(function: Callable[..., object]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except NameError:  # a type that is imported for type checkers alone
        return {}


def _of_text(function: Callable[..., object]) -> Reader | None:
    """The function as one of its text alone; None when that is not what it is of."""
    hints, parameters = _hints(function), list(inspect.signature(function).parameters.values())
    if not parameters or parameters[0].name not in TEXTS or hints.get(parameters[0].name) not in (str, bytes):
        return None
    others = _fill(parameters[1:], hints)
    if others is None:
        return None
    encode = hints[parameters[0].name] is bytes
    return lambda text: function(text.encode() if encode else text, **others)


def _command(function: Callable[..., object]) -> Reading[Any] | Changing[Any] | None:
    hints = _hints(function)
    kind = hints.get("return")
    if (getattr(kind, "__origin__", kind)) not in (Reading, Changing):
        return None
    arguments = _fill(list(inspect.signature(function).parameters.values()), hints)
    assert arguments is not None, f"say in WORDS what {function.__name__} is to be called with"
    command = function(**arguments)
    assert isinstance(command, Reading | Changing)
    return command


def _fill(parameters: list[inspect.Parameter], hints: dict[str, Any]) -> dict[str, Any] | None:
    kinds: dict[Any, Any] = {str: "Management", int: 7025, float: 10.0, bool: True, bytes: b"Management"}
    filled: dict[str, Any] = {}
    for one in parameters:
        kind = hints.get(one.name)
        if one.default is not inspect.Parameter.empty and one.name != "interface":
            continue
        value = WORDS.get(one.name, kinds.get(kind))
        if value is None and kind == str | None:
            value = "Management"
        if value is None:
            return None
        filled[one.name] = value
    return filled


def _parts(command: Reading[Any] | Changing[Any]) -> Iterator[tuple[str, Reader]]:
    """What of a command reads: parser, distillation, sieve, questions and their answers, reactions, confirmation."""
    if isinstance(command, Changing):
        yield "confirm", command.confirm
        for entry in command.entries:
            if entry.at:
                yield f"at {entry.at}", _finding(entry.at)
        return
    yield "parse", command.parse
    if command.distil:
        yield "distil", command.distil
    if make := command.sieve:
        yield "sieve", lambda text: (sieve := make()).take(text) + sieve.end()
    for words in (
        command.fallback_when,
        *(one.words for one in (*command.questions, *_all(command.reactions))),
    ):
        if words:
            yield f"words {words}", _finding(words)
    for question in command.questions:
        if callable(question.answer):
            yield f"answer to {question.words}", question.answer


def _all(reactions: tuple[Reaction, ...]) -> Iterator[Reaction | Question]:
    for reaction in reactions:
        yield reaction
        yield from _all(reaction.then)


def _finding(words: str) -> Reader:
    return lambda text: finds(words, text)


def hear(text: str) -> object:
    """A terminal that shows the text."""
    transcript = Transcript(2_000_000, keep_newest=True)
    for chunk in _chunks(text):
        transcript.feed(chunk)
    return transcript.text, transcript.last_line


def greet(text: str) -> object:
    """A session whose banner is the text."""
    session = Session("esa-a1")
    for chunk in _chunks(text):
        session.feed(chunk)
    session.rest()
    session.expire()
    return session.busy


def converse(text: str) -> object:
    """A whole session of `telnet`, the command that listens most closely."""
    from bot.asyncos.commands.telnet import telnet

    session = Session("esa-a1")
    session.feed(b"esa1.example.com> ")
    session.start(telnet("10.10.10.1", 7025))
    session.feed(b"telnet\r\nTrying 10.10.10.1...\r\nEscape character is '^]'.\r\n")
    for chunk in _chunks(text):
        session.feed(chunk)
        session.rest()
    session.expire()
    session.feed(b"\r\nesa1.example.com> ")
    session.end()
    return session.result()


def _chunks(text: str) -> Iterator[bytes]:
    data = text.encode()
    for at in range(0, len(data), CHUNK):
        yield data[at : at + CHUNK]


def read(reader: Reader, text: str) -> None:
    """Whatever it makes of the text: that it says no to it in a sentence of ours is fine, too."""
    with contextlib.suppress(PvoError, ValueError, AssertionError):
        reader(text)
