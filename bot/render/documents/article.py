"""A finding in general: what it means, why, every fix, and what it explains."""

from collections.abc import Iterator

from bot.knowledge.voice import Voice
from bot.model.article import Article, GeneralFix
from bot.model.subject import Kind
from bot.render.documents.finding import tell_fix
from bot.render.tree import Heading, Listing, Part, Prose, Span


def tell_article(article: Article) -> Iterator[Part]:
    """In the language of the article."""
    voice = Voice(article.language)
    kinds = _kinds(article.subjects, voice)
    yield Heading(3, (Span(article.title, "prose", "bold"),), apart=False)
    yield Prose(
        (
            Span(f"{article.id}  {kinds}", look="dim", media="screen"),
            Span(article.id, "code", media="print"),
            Span(f", {kinds}", media="print"),
        )
    )
    yield Prose((Span(article.why, "prose"),))
    where = voice.say("some-appliance" if {"sma", "esa"} >= set(article.subjects) else "some-sender")
    for fix in article.fixes:
        yield from tell_fix(_limited(fix, article, voice), where, voice)
    for key, ids in (("explains", article.explains), ("explained-by", article.explained_by)):
        if ids:
            yield Heading(4, (Span(voice.say(key), look="bold"),), indent=2)
            yield Listing(tuple((Span(one, "code"),) for one in ids), indent=4)


def _limited(fix: GeneralFix, article: Article, voice: Voice) -> GeneralFix:
    """One that is not for every subject says so in its title."""
    if fix.subjects == article.subjects:
        return fix
    return fix.model_copy(update={"title": f"{fix.title} ({_kinds(fix.subjects, voice)})"})


def _kinds(kinds: tuple[Kind, ...], voice: Voice) -> str:
    return ", ".join(voice.say(f"subject.{kind}") for kind in kinds)
