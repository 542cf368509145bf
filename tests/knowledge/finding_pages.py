"""`make docs`: a page a finding and language under docs/findings, and a list of them, all from bot/knowledge."""

from pathlib import Path

from bot.knowledge import Knowledge, load
from bot.knowledge.article import write_article
from tests.render.written import render_article_markdown

PAGES = Path(__file__).parent.parent.parent / "docs" / "findings"
HEADINGS = {"en": "What pvo can find", "es": "Lo que pvo puede encontrar"}


def write_pages(knowledge: Knowledge) -> dict[str, str]:
    """Every page by its name below docs/findings, such as `en/queue.quarantine.stalled.md`."""
    pages: dict[str, str] = {}
    for language, heading in HEADINGS.items():
        rows = [f"# {heading}", ""]
        for finding in knowledge.findings:
            article = write_article(knowledge, finding, language)
            pages[f"{language}/{finding}.md"] = render_article_markdown(article)
            rows.append(f"- [`{finding}`]({finding}.md) {article.title}")
        pages[f"{language}/README.md"] = "\n".join(rows) + "\n"
    return pages


def main() -> None:
    """Writes what is new or changed, and removes what no finding stands for any more."""
    pages = write_pages(load())
    for old in PAGES.glob("*/*.md"):
        if str(old.relative_to(PAGES)) not in pages:
            old.unlink()
    for name, text in pages.items():
        path = PAGES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
