"""A fix on its whole way, in the browser: asked for, approved by two others, typed once, proven."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Locator, Page, expect

from bot.lab.demo import Demo, Surroundings
from bot.settings import environment
from tests.chromium import needs_chromium
from tests.e2e.test_demo import check_until, open_page
from tests.remediation.theatre import CIPHER_LINES

OPERATOR, FIRST, SECOND = "U0OPERATOR", "U0APPROVER", "U0SECOND"
PROOF = 150_000  # ms: the next attempt of the lab's mail, and the look at it


@asynccontextmanager
async def demo_in_this_process() -> AsyncIterator[Demo]:
    """The demo with its app and workers; its appliances can be looked at from here."""

    def plain(changes: Mapping[str, str]) -> dict[str, str]:
        inherited = environment(changes).items()
        foreign = ("PVO_", "SLACK_", "REDIS_")
        return {name: value for name, value in inherited if name in changes or not name.startswith(foreign)}

    async with Demo(Surroundings(plain, print), 0) as demo:
        watching = asyncio.create_task(demo.watch())
        yield demo
        watching.cancel()


async def become(page: Page, user: str) -> None:
    await page.get_by_test_id("user").select_option(user)


async def press(page: Page, where: Locator, action: str) -> Locator:
    """Presses a button and answers the modal."""
    await where.locator(f'[data-action="{action}"]').first.click()
    return page.get_by_test_id("modal")


async def close(page: Page) -> None:
    await page.get_by_test_id("modal-close").click()
    await expect(page.get_by_test_id("modal")).to_be_hidden()


async def approve(page: Page, request: Locator, user: str, said: str) -> None:
    await become(page, user)
    modal = await press(page, request, "pvo.approve")
    await expect(modal).to_contain_text("HIGH:MEDIUM:-aNULL")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text(re.compile(said))
    await close(page)


def audit(demo: Demo, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "audit", *options],
        capture_output=True,
        text=True,
        env=demo.environment,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.browser
@needs_chromium
async def test_two_people_approve_a_fix_and_mail_flows_again() -> None:
    async with demo_in_this_process() as demo, open_page(demo.url) as page:
        await page.get_by_test_id("fault-anonymous-cipher").click()
        card = await check_until(page, "broken")
        ts = await card.get_attribute("data-ts")
        typed_before = len(demo.lab.appliances["esa-a2"].received)

        await card.get_by_test_id("replies").click()
        modal = await press(page, page.get_by_test_id("thread"), "pvo.fix")
        await expect(modal).to_contain_text("Exactly these lines are sent")
        await modal.locator("textarea").fill("mail is stuck since midnight")
        await page.get_by_test_id("modal-submit").click()
        await expect(modal).to_contain_text("The request goes to")
        await close(page)
        await page.get_by_test_id("thread-close").click()
        request = page.locator("#messages").get_by_test_id("message").filter(has_text="mail is stuck since")
        await expect(request).to_contain_text("approval wanted")

        refused = await press(page, request, "pvo.approve")
        await expect(refused).to_contain_text("cannot approve it")
        await close(page)
        await approve(page, request, FIRST, "still needs 1 approval")
        await approve(page, request, SECOND, "Aprobado")

        await become(page, OPERATOR)
        first_card = page.locator(f'#messages [data-ts="{ts}"]')
        await expect(first_card).to_contain_text("broken – fix verified", timeout=PROOF)
        await expect(request).to_contain_text("Site A: verified", timeout=PROOF)
        await expect(request.locator('[data-action="pvo.approve"]')).to_have_count(0)
        await expect(request.locator('[data-action="pvo.undo"]')).to_have_count(1)

        typed = demo.lab.appliances["esa-a2"].received[typed_before:]
        start = typed.index("OUTBOUND") - 1
        assert tuple(typed[start : start + len(CIPHER_LINES)]) == CIPHER_LINES
        assert typed.count("OUTBOUND") == typed.count("commit") == 1
        assert demo.lab.active_faults == ()
        card = await check_until(page, "degraded")
        await expect(card).not_to_contain_text("tls.ciphers.admit-anonymous")

        audit(demo, "--verify")
        events = re.findall(r'"event": ?"([a-z-]+)"', audit(demo, "--format", "json"))
        assert [event for event in events if event not in ("sent", "answered")] == [
            *("requested", "refused", "approved", "approved", "started", "verified")
        ]
        assert events.count("sent") == events.count("answered") == len(CIPHER_LINES)
