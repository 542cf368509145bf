"""The whole product as a newcomer meets it: `pvo demo`, a browser, a fault, a cause; and when parts of it die."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.async_api import Locator, Page, expect

from tests.chromium import launched, needs_chromium

T = TypeVar("T")
PATIENCE = 45_000  # ms: a deadline, not an expectation


@contextmanager
def running_demo() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`pvo demo` on a free port and the URL it printed; ended by Ctrl-C."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("PVO_", "SLACK_", "REDIS_"))
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=plain,
    ) as demo:
        try:
            assert demo.stdout is not None
            line = demo.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            assert found, line
            yield demo, found[0]
        finally:
            if demo.poll() is None:
                demo.send_signal(signal.SIGINT)
                demo.wait(timeout=30)


@asynccontextmanager
async def open_page(url: str) -> AsyncIterator[Page]:
    async with launched() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        await page.goto(url)
        await expect(page.get_by_text("App connected")).to_be_visible()
        yield page


async def type_command(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").click()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


def cards(page: Page) -> Locator:
    return page.locator("#messages").get_by_test_id("message").filter(has_text="Site A")


async def check_until(page: Page, words: str) -> Locator:
    """Asks for checks, one after the other, until a card says `words`; returns that card."""
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        before = await cards(page).count()
        await type_command(page, "/pvo check site-a")
        card = cards(page).nth(before)
        await expect(card).to_contain_text(re.compile("Site A: (healthy|degraded|broken|unknown)"))
        if words in await card.inner_text():
            return card
    raise AssertionError(f"no card says {words!r}")


def descendants(pid: int) -> dict[int, str]:
    """The processes below `pid`, with their command lines."""
    parents: dict[int, tuple[int, str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue
        parents[int(folder.name)] = (int(stat[1]), command)
    found: dict[int, str] = {}
    wanted = {pid}
    while wanted:
        wanted = {child for child, (parent, _) in parents.items() if parent in wanted}
        found |= {child: parents[child][1] for child in wanted}
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def workers(demo: subprocess.Popen[str]) -> list[int]:
    return [pid for pid, command in descendants(demo.pid).items() if command.endswith("bot worker")]


@pytest.mark.browser
@needs_chromium
async def test_a_newcomer_breaks_something_and_reads_the_cause() -> None:
    with running_demo() as (_, url):
        async with open_page(url) as page:
            await page.get_by_test_id("fault-anonymous-cipher").click()
            card = await check_until(page, "broken")
            await expect(card).to_contain_text("tls.ciphers.admit-anonymous")
            await expect(card).to_contain_text("The cause")

            await card.get_by_test_id("replies").click()
            thread = page.get_by_test_id("thread")
            for words in (
                "TLS failed: verify error: no certificate from server",
                "HIGH:MEDIUM:-aNULL",
                "TechNote 200068, TLS/Certificates",
                "queue.quarantine.stalled",
                "log.delivery.failing",
            ):
                await expect(thread).to_contain_text(words)

            await page.get_by_test_id("thread-close").click()
            await page.get_by_test_id("fault-anonymous-cipher").click()
            card = await check_until(page, "degraded")
            await expect(card).to_contain_text(re.compile("recovered", re.IGNORECASE))
            await expect(card).not_to_contain_text("tls.ciphers.admit-anonymous")


@pytest.mark.browser
@needs_chromium
async def test_a_killed_worker_loses_nothing_and_doubles_nothing() -> None:
    with running_demo() as (demo, url):
        async with open_page(url) as page:
            # A dropped connection keeps the check busy for seconds: time to kill who runs it.
            await page.get_by_test_id("fault-firewall-esa-to-sma").click()
            await type_command(page, "/pvo check site-a")
            await expect(cards(page).first).to_contain_text("running")
            for pid in workers(demo):
                os.kill(pid, signal.SIGKILL)

            await expect(cards(page).first).to_contain_text("broken")
            await expect(cards(page).first).to_contain_text("connectivity.cpq.timeout")
            assert await cards(page).count() == 1
            await cards(page).first.get_by_test_id("replies").click()
            replies = page.get_by_test_id("thread").get_by_test_id("message")
            texts = [await reply.inner_text() for reply in await replies.all()]
            assert len(texts) == len(set(texts)) > 1


async def test_ctrl_c_leaves_no_process_behind() -> None:
    with running_demo() as (demo, _):
        children = await eventually(lambda: descendants(demo.pid) if len(workers(demo)) == 2 else {})
        demo.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(demo.wait, 30) == 0
    assert [command for pid, command in children.items() if alive(pid)] == []


async def test_a_killed_demo_leaves_no_process_behind() -> None:
    with running_demo() as (demo, _):
        children = await eventually(lambda: descendants(demo.pid) if len(workers(demo)) == 2 else {})
        demo.kill()
        await asyncio.to_thread(demo.wait, 30)
    await eventually(lambda: not any(alive(pid) for pid in children))


async def eventually(look: Callable[[], T]) -> T:
    deadline = time.monotonic() + PATIENCE / 1000
    while not (seen := look()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    return seen


def test_a_busy_port_is_one_sentence() -> None:
    with running_demo() as (_, url):
        port = url.rstrip("/").rpartition(":")[2]
        done = subprocess.run(
            [sys.executable, "-m", "bot", "demo", "--port", port], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 2
    assert (
        done.stderr.strip() == f"Port {port} of 127.0.0.1 is in use; name a free one with --port (0 = any)."
    )
