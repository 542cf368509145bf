"""A report as people and programs read it: terminal, JSON, Markdown."""

from bot.render.json import render_json
from bot.render.markdown import render_markdown
from bot.render.terminal import render_text

__all__ = ["render_json", "render_markdown", "render_text"]
