"""The stories of the product, walked in a browser over one demo: what an operator, a guest and a Spaniard see."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.lab.demo import Demo, Surroundings, Watched
from bot.settings import environment
from tests.chromium import launched, needs_chromium

PATIENCE = 90_000  # ms: a deadline, not an expectation; the watch looks once a minute
AGAIN = re.compile("Check again|Comprobar de nuevo")
EVERY_MINUTE = Watched("* * * * *", "C0SITEA")

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncIterator[Demo]:
    """One demo for all stories, watched every minute; each story leaves the site mended."""
    async with Demo(Surroundings(environment, print), 0, EVERY_MINUTE) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(demo: Demo, browser: Browser) -> AsyncIterator[Page]:
    """A person's first visit: nothing of the last one's browser is left."""
    opened = await browser.new_page(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    await opened.goto(demo.url)
    await expect(opened.get_by_text("App connected")).to_be_visible()
    yield opened
    await mend_everything(opened)
    await opened.close()


async def mend_everything(page: Page) -> None:
    broken = page.locator("button[data-testid^=fault-][aria-pressed=true]")
    while left := await broken.count():
        await broken.first.dispatch_event("click")
        await expect(broken).to_have_count(left - 1)


class Desk:
    """What a person does on the page, and where they look."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def be(self, user: str) -> None:
        await self.page.get_by_test_id("user").select_option(user)

    async def go(self, channel: str) -> None:
        await self.page.get_by_test_id(f"channel-{channel}").click()

    async def say(self, line: str) -> None:
        await self.page.get_by_test_id("composer").fill(line)
        await self.page.keyboard.press("Enter")

    async def switch(self, fault: str, word: str) -> None:
        """Breaks or mends, and waits until the button offers `word`."""
        button = self.page.get_by_test_id(f"fault-{fault}")
        await button.click()
        await expect(button).to_have_text(word)

    def messages(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.locator("#messages").get_by_test_id("message").filter(has_text=text)

    def notes(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_test_id("ephemeral").filter(has_text=text)

    async def check(self, words: str) -> Locator:
        """Types the command until a card says `words`; the first may show a scheduled run from before the fault."""
        for _ in range(3):
            before = await self.messages("Site A").count()
            await self.say("/pvo check site-a")
            card = self.messages("Site A").nth(before)
            await expect(card.get_by_role("button", name=AGAIN)).to_be_visible()
            if words in await card.inner_text():
                return card
        raise AssertionError(f"no card says {words!r}")


async def test_a_watched_site_breaks_and_recovers(page: Page) -> None:
    desk = Desk(page)
    await desk.go("C0SITEA")
    await expect(desk.messages("Watched sites: 1 healthy")).to_have_count(1)

    await desk.switch("command-login-refused", "Mend")
    trouble = desk.messages("Site A:")
    await expect(trouble).to_contain_text("Site A: broken")
    await expect(trouble).to_contain_text("connectivity.command")
    await expect(desk.messages("Watched sites: 1 broken")).to_have_count(1)

    await desk.switch("command-login-refused", "Break")
    await desk.go("C0OPS")
    await desk.check("healthy")
    await desk.go("C0SITEA")
    await expect(trouble).to_contain_text("Site A: healthy")
    await expect(trouble.get_by_role("img", name="large green circle").first).to_be_visible()
    await expect(desk.messages("Watched sites: 1 healthy")).to_have_count(1)
    assert await desk.messages("Site A:").count() == 1


async def test_a_fault_is_found_shared_mended_and_checked_again(page: Page) -> None:
    desk = Desk(page)
    await desk.switch("sma-suspended", "Mend")
    card = await desk.check("setup.service.sma-suspended")
    await expect(card).to_contain_text("The cause")

    await card.get_by_test_id("replies").click()
    thread = page.get_by_test_id("thread")
    await expect(thread).to_contain_text("The SMA sma-a is suspended and takes no mail")
    await expect(thread).to_contain_text("System status:")
    await expect(thread.get_by_role("link", name=re.compile("report", re.IGNORECASE)).first).to_be_visible()

    await card.get_by_role("button", name="Share").click()
    modal = page.get_by_test_id("modal")
    picker = modal.get_by_role("combobox")
    await expect(picker).to_be_visible()
    assert "#partner-shared" not in await picker.inner_text()
    await picker.select_option("C0INCIDENTS")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("Shared in")
    await page.keyboard.press("Escape")
    await expect(thread).to_contain_text("shared this in")
    await desk.go("C0INCIDENTS")
    shared = desk.messages("Site A: broken")
    await expect(shared).to_contain_text("shared by @Olivia (operator)")
    await shared.get_by_role("link").click()
    await expect(page.locator("#channel-name")).to_have_text("# mail-ops")

    await desk.switch("sma-suspended", "Break")
    await card.get_by_role("button", name="Check again").click()
    again = desk.messages(re.compile("Site A: (healthy|degraded)")).last
    await expect(again).not_to_contain_text("setup.service.sma-suspended")
    await expect(again).to_contain_text("sma-a → esa-a1 ok")


async def test_a_muted_site_says_so_to_everybody(page: Page) -> None:
    desk = Desk(page)
    await desk.say("/pvo mute site-a 2h new firmware")
    await expect(desk.notes("is muted until")).to_be_visible()
    await desk.go("C0SITEA")
    await expect(desk.messages("Watched sites")).to_contain_text("by @Olivia (operator): new firmware")
    await desk.go("C0OPS")
    await desk.say("/pvo mute site-a off")
    await expect(desk.notes("is not muted any more")).to_be_visible()
    await desk.go("C0SITEA")
    await expect(desk.messages("Watched sites")).not_to_contain_text("new firmware")


async def test_who_may_not_is_told_why_and_nobody_else_is(page: Page) -> None:
    desk = Desk(page)
    before = await desk.messages("Site A").count()
    for user, channel, words in (
        ("U0GUEST", "C0OPS", "You may not use this bot"),
        ("U0MEMBER", "C0OPS", "You may not use this bot"),
        ("U0OPERATOR", "C0SHARED", "shared with"),
        ("U0OPERATOR", "C0RANDOM", "/invite"),
        ("U0OPERATOR", "C0BOARD", "/invite"),
    ):
        await desk.be(user)
        await desk.go(channel)
        await desk.say("/pvo check site-a")
        await expect(desk.notes(words)).to_be_visible()
        await desk.be("U0APPROVER")
        await expect(page.get_by_test_id("ephemeral")).to_have_count(0)
    await desk.go("C0OPS")
    assert await desk.messages("Site A").count() == before


async def test_an_operator_reads_spanish(page: Page) -> None:
    desk = Desk(page)
    await desk.be("U0LUCIA")
    await desk.say("/pvo ayuda")
    await expect(desk.notes("No existe /pvo ayuda")).to_be_visible()
    await desk.switch("sma-suspended", "Mend")
    card = await desk.check("averiado (broken)")
    await expect(card).to_contain_text("La causa")


async def test_the_home_tab_and_a_message_start_checks(page: Page) -> None:
    desk = Desk(page)
    await page.get_by_test_id("home").click()
    tab = page.get_by_test_id("home-tab")
    await expect(tab).to_contain_text("Site A")
    await tab.get_by_role("button", name="Check: Site A").click()
    modal = page.get_by_test_id("modal")
    await modal.get_by_role("combobox").select_option("C0NIGHT")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_contain_text("is being checked")
    await page.keyboard.press("Escape")
    await desk.go("C0NIGHT")
    await expect(desk.messages("Site A:")).to_have_count(1)

    await desk.go("C0INCIDENTS")
    await desk.say("is site-a slow for you too?")
    asked = desk.messages("is site-a slow")
    await asked.hover()
    await asked.get_by_test_id("more").click()
    await page.get_by_test_id("shortcut-pvo.check-site").click()
    await expect(desk.messages("asked by @Olivia (operator)").last).to_contain_text("Site A:")
