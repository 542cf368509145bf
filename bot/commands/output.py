"""Prints any document as it was asked for."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import typer

from bot.commands.options import Format

if TYPE_CHECKING:
    from bot.render.tree import Part


def presenter(form: Format, widest: int = 100) -> "Callable[[object, Iterable[Part]], None]":
    """What prints a document, given its data and its parts, on stdout; its writer is loaded at once."""
    match form:
        case Format.JSON:
            from bot.render.writers.json import write_json

            return lambda data, parts: typer.echo(write_json(data))
        case Format.MARKDOWN:
            from bot.render.writers.markdown import write_markdown

            return lambda data, parts: typer.echo(write_markdown(parts), nl=False)
        case Format.TEXT:
            from rich.console import Console

            from bot.render.writers.terminal import write_text

            return lambda data, parts: write_text(parts, Console(highlight=False), widest)
