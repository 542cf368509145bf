"""A finding in general, for a terminal, as Markdown and as JSON."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from bot.model.article import Article, GeneralFix
from bot.model.subject import Kind
from bot.render.indent import Indented
from bot.render.json import write_json
from bot.render.markdown import code, prose, tell_fix
from bot.render.prose import Look
from bot.render.terminal import WIDEST
from bot.render.terminal_finding import show_fix
from bot.render.words import Words


def render_article_json(article: Article) -> str:
    """The document `pvo-explanation/1`, without a final newline."""
    return write_json(article.model_dump(by_alias=True, exclude_none=True))


def render_article_text(article: Article, console: Console) -> None:
    """Prints it, at most WIDEST columns wide."""
    for part in _parts(article, Look.of(console, article.language)):
        console.print(part, width=min(console.width, WIDEST))


def _parts(article: Article, look: Look) -> Iterator[RenderableType]:
    yield look.prose(article.title, "bold")
    yield Indented(look.verbatim(f"{article.id}  {_kinds(article.subjects, look.words)}", "dim"), 2)
    yield Indented(look.prose(article.why), 2)
    for fix in _fixes(article, look.words):
        yield from show_fix(fix, _where(article, look.words), look)
    for key, ids in _links(article):
        yield Indented(look.verbatim(look.words.say(key), "bold"), 2, apart=True)
        yield Indented(Text("\n".join(ids)), 4)


def render_article_markdown(article: Article) -> str:
    """One Markdown document that ends with a newline."""
    return "\n".join(_lines(article, Words(article.language))).rstrip() + "\n"


def _lines(article: Article, words: Words) -> Iterator[str]:
    yield from (f"# {prose(article.title)}", "")
    yield from (f"{code(article.id)}, {_kinds(article.subjects, words)}", "", prose(article.why))
    for fix in _fixes(article, words):
        yield from tell_fix(fix, _where(article, words), words, depth=2)
    for key, ids in _links(article):
        yield from ("", f"## {words.say(key)}", "")
        yield from (f"- {code(one)}" for one in ids)


def _links(article: Article) -> Iterator[tuple[str, tuple[str, ...]]]:
    if article.explains:
        yield "explains", article.explains
    if article.explained_by:
        yield "explained-by", article.explained_by


def _fixes(article: Article, words: Words) -> Iterator[GeneralFix]:
    """The fixes; one that is not for every subject says so in its title."""
    for fix in article.fixes:
        limited = fix.subjects != article.subjects
        title = f"{fix.title} ({_kinds(fix.subjects, words)})" if limited else fix.title
        yield fix.model_copy(update={"title": title})


def _kinds(kinds: tuple[Kind, ...], words: Words) -> str:
    return ", ".join(words.say(f"subject.{kind}") for kind in kinds)


def _where(article: Article, words: Words) -> str:
    """Where the lines of its fixes go."""
    at_appliance = {"sma", "esa"} >= set(article.subjects)
    return words.say("some-appliance" if at_appliance else "some-sender")
