"""docs/findings says what the knowledge says."""

from bot.knowledge import load
from tests.knowledge.finding_pages import PAGES, write_pages


def test_the_pages_of_the_findings_are_not_stale() -> None:
    written = {str(path.relative_to(PAGES)): path.read_text("utf-8") for path in PAGES.glob("*/*.md")}
    wanted = write_pages(load())
    stale = sorted(name for name in written.keys() | wanted.keys() if written.get(name) != wanted.get(name))
    assert stale == [], "make docs"


def test_there_is_a_page_for_every_finding_in_both_languages() -> None:
    names = {path.stem for path in (PAGES / "en").glob("*.md")} - {"README"}
    assert names == set(load().findings) == {path.stem for path in (PAGES / "es").glob("*.md")} - {"README"}
