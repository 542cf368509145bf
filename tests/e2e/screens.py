"""Takes the pictures of the documentation: `python -m tests.e2e.screens docs/screens`, over a demo of its own."""

import asyncio
import io
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, expect

from bot.lab.demo import Demo, Surroundings, Watched
from bot.settings import environment
from tests.chromium import launched
from tests.e2e.test_stories import EVERY_MINUTE, PATIENCE, Desk

LARGEST = 200_000
Shoot = Callable[[str], Awaitable[None]]
Way = Callable[[Page, Shoot], Awaitable[None]]


def small(png: bytes) -> bytes:
    """The picture with as many colours as fit into `LARGEST` bytes."""
    if len(png) < LARGEST:
        return png
    sink = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    few = picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(sink, "PNG", optimize=True)
    return sink.getvalue()


async def walk(page: Page, shoot: Shoot) -> None:
    """One way through the product, with a picture at each turn."""
    desk = Desk(page)
    await shoot("start")
    await desk.switch("sma-suspended", "Mend")
    card = await desk.check("setup.service.sma-suspended")
    await card.get_by_test_id("replies").click()
    await expect(page.get_by_test_id("thread").locator("figure img")).to_be_visible()
    await shoot("check")
    await page.get_by_test_id("thread-close").click()
    await card.get_by_role("button", name="Share").click()
    modal = page.get_by_test_id("modal")
    await modal.get_by_role("combobox").select_option("C0INCIDENTS")
    await shoot("share")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("Shared in")
    await page.keyboard.press("Escape")
    await expect(modal).to_be_hidden()

    await desk.be("U0GUEST")
    await desk.say("/pvo check site-a")
    await expect(desk.notes("You may not use this bot")).to_be_visible()
    await shoot("guest")
    await desk.be("U0LUCIA")
    await desk.go("C0NIGHT")
    await desk.say("/pvo check site-a")
    spanish = desk.messages("averiado (broken)")
    await expect(spanish.get_by_test_id("replies")).to_contain_text("6")
    await shoot("spanish")

    await desk.be("U0OPERATOR")
    await desk.go("C0OPS")
    await desk.switch("sma-suspended", "Break")
    await card.get_by_role("button", name="Check again").click()
    again = desk.messages(re.compile("Site A: (healthy|degraded)"))
    await expect(again.get_by_test_id("replies")).to_be_visible()
    await shoot("recheck")


async def watch(page: Page, shoot: Shoot) -> None:
    """What the schedule tells of a site that breaks and recovers, and what has gone over the wire by then."""
    desk = Desk(page)
    await desk.go("C0SITEA")
    await expect(desk.messages("Watched sites: 1 healthy")).to_be_visible()
    await desk.switch("command-login-refused", "Mend")
    trouble = desk.messages("Site A:")
    await expect(trouble.get_by_test_id("replies")).to_be_visible()
    await shoot("watch")
    await desk.switch("command-login-refused", "Break")
    await desk.go("C0OPS")
    await desk.check("healthy")
    await desk.go("C0SITEA")
    await expect(trouble).to_contain_text("Site A: healthy")
    await trouble.get_by_test_id("replies").click()
    await expect(page.get_by_test_id("thread")).to_contain_text("healthy again since")
    await page.get_by_test_id("thread").get_by_text("healthy again since").scroll_into_view_if_needed()
    await shoot("recovery")
    await page.get_by_test_id("thread-close").click()
    await page.locator("#weather summary").click()
    await page.get_by_test_id("wire-toggle").click()
    await page.get_by_test_id("exchange").filter(has_text="chat.postMessage").last.click()
    await expect(page.get_by_test_id("exchange-detail")).to_contain_text("Slack answered")
    await shoot("wire")
    await page.get_by_test_id("wire-toggle").click()
    await page.locator("#weather summary").click()
    await order(page, shoot)


async def order(page: Page, shoot: Shoot) -> None:
    """What people order: a fix, quiet; and what became of the site so far."""
    desk = Desk(page)
    await desk.go("C0OPS")
    await desk.switch("anonymous-cipher", "Mend")
    card = await desk.check("tls.ciphers.admit-anonymous")
    await expect(card.get_by_test_id("replies")).to_contain_text(re.compile("[3-9] replies"))
    await desk.say("/pvo history site-a")
    await expect(desk.notes("whole checks")).to_contain_text("waiting")
    await desk.say("/pvo mute site-a 2h new firmware")
    await expect(desk.notes("is muted until")).to_be_visible()
    await shoot("history")
    await card.get_by_test_id("replies").click()
    await page.get_by_test_id("thread").locator('[data-action="pvo.fix"]').first.click()
    modal = page.get_by_test_id("modal")
    await expect(modal).to_contain_text("Exactly these lines are sent")
    await shoot("fix")
    await modal.locator("textarea").fill("mail is stuck since midnight")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("The request goes to")
    await page.keyboard.press("Escape")
    await page.get_by_test_id("home").click()
    await expect(page.get_by_test_id("home-tab")).to_contain_text("needs 2 approvals")
    await shoot("home")


async def take(directory: Path, way: Way, schedule: Watched | None) -> None:
    """Fills the directory, which must exist, with the pictures of one way over a demo of its own."""
    async with (
        Demo(Surroundings(environment, print), 0, schedule) as demo,
        launched() as browser,
    ):
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        await page.goto(demo.url)
        await expect(page.get_by_text("App connected")).to_be_visible()

        async def shoot(name: str) -> None:
            (directory / f"{name}.png").write_bytes(small(await page.screenshot(animations="disabled")))

        await way(page, shoot)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), walk, None))
    asyncio.run(take(Path(sys.argv[1]), watch, EVERY_MINUTE))
