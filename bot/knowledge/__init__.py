"""The document as data: what each finding means, what it explains, and what the sources say to do."""

from bot.knowledge.edges import Edge, End
from bot.knowledge.entries import Entry, Remedy
from bot.knowledge.knowledge import Description, Knowledge
from bot.knowledge.load import load

__all__ = ["Description", "Edge", "End", "Entry", "Knowledge", "Remedy", "load"]
