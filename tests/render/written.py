"""Documents as one text each, by every writer."""

from rich.console import Console

from bot.model.article import Article
from bot.model.logs import LogsReport
from bot.model.report import Report
from bot.render.documents.article import tell_article
from bot.render.documents.logs import tell_logs
from bot.render.documents.report import tell_report
from bot.render.writers.json import write_json
from bot.render.writers.markdown import write_markdown
from bot.render.writers.terminal import write_text


def render_text(report: Report, console: Console, verbose: bool = False) -> None:
    write_text(tell_report(report, verbose), console)


def render_markdown(report: Report) -> str:
    return write_markdown(tell_report(report))


def render_json(report: Report) -> str:
    return write_json(report)


def render_logs_markdown(report: LogsReport) -> str:
    return write_markdown(tell_logs(report))


def render_article_markdown(article: Article) -> str:
    return write_markdown(tell_article(article))
