"""The browser of the tests of pages: Debian's Chromium, without a window."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

_CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

needs_chromium = pytest.mark.skipif(
    not _CHROMIUM.exists(), reason=f"there is no Chromium at {_CHROMIUM}: its tests are skipped"
)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser whose pages share nothing with those of another."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        await browser.close()
