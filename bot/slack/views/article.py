"""A finding in general, pure: what it means, every fix, and what it explains."""

from collections.abc import Iterator

from bot.model.article import Article
from bot.slack.texts import Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Post, escape
from bot.slack.views.thread import MESSAGE, fit, render_fix


def render_article(article: Article, voice: Voice) -> Post:
    """Told to one person; as many fixes as a message holds."""
    head = kit.rich_text(
        kit.paragraph(*kit.marked(article.title, bold=True)),
        kit.paragraph(kit.words(article.id, code=True)),
        kit.paragraph(*kit.marked(article.why)),
    )
    items = [[head], *([*render_fix(fix, voice)] for fix in article.fixes)]
    if links := list(_links(article, voice)):
        items.append([kit.context(*links)])
    shown = fit(items, len(items), MESSAGE, lambda count: voice.say("explain.more", count=count))
    return Post(kit.cut(escape(f"{article.title} ({article.id})"), kit.TEXT), shown)


def _links(article: Article, voice: Voice) -> Iterator[str]:
    for key, ids in (("explains", article.explains), ("explained-by", article.explained_by)):
        if ids:
            named = ", ".join(f"`{one}`" for one in ids)
            yield (
                voice.say("explain.explains", ids=named)
                if key == "explains"
                else voice.say("explain.explained-by", ids=named)
            )
