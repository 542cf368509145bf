"""Prose for a terminal: neutral, with `code` and *names of the interface* set apart where styles exist."""

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from bot.render.marks import Kind, split_marks
from bot.render.neutral import neutralise
from bot.render.signs import Mark
from bot.render.words import Words

_STYLES: dict[Kind, str] = {"plain": "", "code": "cyan", "name": "italic"}


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can show, Unicode or not, colours or not, and in which words."""

    words: Words
    encoding: str
    colours: bool

    @classmethod
    def of(cls, console: Console, language: str) -> "Look":
        """The look of this console; NO_COLOR and a pipe mean no colours."""
        colours = console.color_system is not None and not console.no_color
        return cls(Words(language), console.encoding, colours)

    def sign(self, mark: Mark) -> Text:
        return Text(mark.sign if self._shows(mark.sign) else mark.ascii, style=f"bold {mark.style}")

    def phrase(self, key: str, style: str = "", **values: object) -> Text:
        """A phrase of ours, as it is."""
        return self.verbatim(self.words.say(key, **values), style)

    def verbatim(self, text: str, style: str = "") -> Text:
        """Text of an appliance or a name, as it is."""
        return Text(self._fit(neutralise(text)), style=style)

    def prose(self, text: str, style: str = "") -> Text:
        """A sentence of ours; backticks stay where no colour sets code apart."""
        told = Text(style=style)
        for kind, piece in split_marks(self._fit(neutralise(text))):
            if kind == "code" and not self.colours:
                told.append(f"`{piece}`")
            else:
                told.append(piece, style=_STYLES[kind])
        return told

    def _fit(self, text: str) -> str:
        return text if self._shows(text) else text.encode(self.encoding, "replace").decode(self.encoding)

    def _shows(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True
