"""The page in a real browser, with a small real Bolt app behind it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Workspace
from tests.chromium import launched, needs_chromium

Json = dict[str, Any]
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> & <b>bold</b>"
WAIT = 20_000

pytestmark = pytest.mark.asyncio(loop_scope="module")


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


CARD: list[Json] = [
    {"type": "header", "text": plain("Site A: broken")},
    {
        "type": "section",
        "text": {
            "type": "mrkdwn",
            "text": ":red_circle: *broken*: `tls.ciphers.admit-anonymous` at <@U0OPERATOR>",
        },
        "fields": [{"type": "mrkdwn", "text": "*Waiting*\n412"}],
    },
    {
        "type": "actions",
        "block_id": "card",
        "elements": [
            {"type": "button", "action_id": "pvo.recheck", "style": "primary", "text": plain("Check again")},
            {"type": "button", "action_id": "pvo.share", "text": plain("Share")},
        ],
    },
]
LOG: Json = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": HOSTILE}]}],
}
FILTER = {"include": ["public", "private"], "exclude_external_shared_channels": True}
HOME: Json = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Sites")},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*Site A* healthy"},
            "accessory": {"type": "button", "action_id": "pvo.start", "text": plain("Check")},
        },
    ],
}
PRIVATE = ["#night-shift (private)", "#postmasters (private)"]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63e0cf4e0200016900dd46b38f190000000049454e44ae426082"
)
SHARE: Json = {
    "type": "modal",
    "callback_id": "pvo.share",
    "title": plain("Share"),
    "submit": plain("Share"),
    "blocks": [
        {
            "type": "input",
            "block_id": "to",
            "label": plain("Channel"),
            "element": {
                "type": "conversations_select",
                "action_id": "channel",
                "filter": FILTER,
            },
        },
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why"),
            "element": {"type": "plain_text_input", "action_id": "reason"},
        },
    ],
}


class Appliances:
    """A panel with one appliance and one fault."""

    def __init__(self) -> None:
        self.suspended = False

    def snapshot(self) -> Json:
        status = "Offline" if self.suspended else "Online"
        appliance = {
            "name": "sma-a",
            "product": "sma",
            "address": "10.10.10.1",
            "status": status,
            "lines": ["Waiting: 0"],
        }
        fault = {
            "name": "sma-suspended",
            "title": "SMA suspended",
            "text": "It stops.",
            "active": self.suspended,
        }
        return {"appliances": [appliance], "faults": [fault]}

    async def inject(self, name: str) -> None:
        self.suspended = True

    async def mend(self, name: str) -> None:
        self.suspended = False


def make_app(workspace: Workspace) -> AsyncApp:
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    app = AsyncApp(client=client, signing_secret=workspace.signing_secret, process_before_response=True)

    @app.command("/pvo")
    async def pvo(ack: Any, command: Json, say: Any) -> None:
        if command["text"] == "help":
            await ack(text="Usage: `/pvo check SITE`")
            return
        await ack()
        card = await say(text="Site A is broken", blocks=CARD)
        await say(text="Evidence", blocks=[LOG], thread_ts=card["ts"])

    @app.action("pvo.recheck")
    async def recheck(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**place, text=f"healthy, asked by <@{body['user']['id']}>")

    @app.action("pvo.share")
    async def share(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=SHARE)

    @app.view("pvo.share")
    async def shared(ack: Any, view: Json, client: AsyncWebClient) -> None:
        values = view["state"]["values"]
        reason, target = values["why"]["reason"]["value"], values["to"]["channel"]["selected_conversation"]
        if len(reason) < 5:
            await ack(response_action="errors", errors={"why": "Say a little more."})
            return
        await ack()
        await client.chat_postMessage(channel=target, text=f"Shared: {reason}")

    @app.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.action("pvo.start")
    async def start(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=SHARE)

    @app.shortcut("pvo.check-site")
    async def check(ack: Any, body: Json, respond: Any) -> None:
        await ack()
        await respond(f"Checking what stands in: {body['message']['text']}")

    return app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests, each with pages, storage and a cache of its own."""
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace(panel=Appliances()) as running:
        handler: Any = AsyncSocketModeHandler(make_app(running), running.app_token, ping_interval=5)
        await handler.connect_async()
        yield running
        await handler.close_async()


@pytest_asyncio.fixture(loop_scope="module")
async def page(workspace: Workspace, browser: Browser) -> AsyncIterator[Page]:
    """The workspace at 1280 x 800; afterwards nothing may have been fetched elsewhere or complained about."""
    asked: list[str] = []
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    opened = await browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(WAIT)
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", listen)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    await opened.goto(workspace.url)
    await expect(opened.get_by_test_id("composer")).to_be_focused(timeout=WAIT)
    yield opened
    await opened.close()
    assert [url for url in asked if not url.startswith(workspace.url)] == []
    assert complaints == []


async def command(page: Page, line: str) -> None:
    await page.get_by_test_id("composer").fill(line)
    await page.keyboard.press("Enter")


@needs_chromium
@pytest.mark.browser
async def test_a_command_its_card_thread_and_buttons(workspace: Workspace, page: Page) -> None:
    await page.keyboard.type("/p")
    await page.keyboard.press("Tab")
    await page.keyboard.type("check site-a")
    await page.keyboard.press("Enter")
    card = page.locator("#messages").get_by_test_id("message")
    await expect(card.get_by_role("heading", name="Site A: broken")).to_be_visible(timeout=WAIT)
    await expect(card.locator(".mention")).to_have_text("@Olivia (operator)")
    await expect(card.get_by_role("img", name="red circle")).to_be_visible()

    await card.get_by_role("button", name="1 reply").click()
    thread = page.get_by_test_id("thread")
    await expect(thread.locator("pre")).to_have_text(HOSTILE)
    assert await page.title() == "Local workspace"
    await page.keyboard.type("thanks")
    await page.keyboard.press("Enter")
    await expect(thread.get_by_test_id("message")).to_have_count(3, timeout=WAIT)
    await page.keyboard.press("Escape")
    await expect(thread).to_be_hidden()
    await expect(card.get_by_role("button", name="2 replies")).to_be_focused()

    await card.get_by_role("button", name="Check again").click()
    await expect(card).to_contain_text("healthy, asked by @Olivia (operator)", timeout=WAIT)
    await expect(card).to_contain_text("(edited)")
    await expect(card.get_by_role("button", name="Check again")).to_have_count(0)


@needs_chromium
@pytest.mark.browser
async def test_a_modal_is_corrected_and_submitted(workspace: Workspace, page: Page) -> None:
    await command(page, "/pvo check site-a")
    share = page.locator("#messages").get_by_role("button", name="Share", exact=True)
    await share.click()
    modal = page.get_by_test_id("modal")
    await expect(modal.get_by_role("heading", name="Share")).to_be_visible(timeout=WAIT)
    offered = await modal.get_by_label("Channel").locator("option").all_text_contents()
    assert offered == ["Choose…", "#mail-ops", "#incidents", "#site-a", "#random", *PRIVATE]
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.get_by_text("Please fill this in.")).to_have_count(2)
    await modal.get_by_label("Channel").select_option("C0INCIDENTS")
    await modal.get_by_label("Why").fill("?")
    await page.keyboard.press("Enter")
    await expect(modal.get_by_text("Say a little more.")).to_be_visible(timeout=WAIT)
    await expect(modal.get_by_label("Why")).to_be_focused()
    await modal.get_by_label("Why").fill("night shift")
    await page.keyboard.press("Enter")
    await expect(modal).to_be_hidden(timeout=WAIT)
    channel = page.get_by_test_id("channel-C0INCIDENTS")
    await expect(channel).to_contain_text("new", timeout=WAIT)
    await channel.click()
    await expect(page.get_by_test_id("message")).to_contain_text("Shared: night shift")

    await page.get_by_test_id("channel-C0OPS").click()
    await share.click()
    await expect(modal).to_be_visible(timeout=WAIT)
    await page.keyboard.press("Escape")
    await expect(modal).to_be_hidden(timeout=WAIT)
    assert workspace.state.views.stack("U0OPERATOR") == []


@needs_chromium
@pytest.mark.browser
async def test_private_answers_users_and_permalinks(workspace: Workspace, page: Page) -> None:
    await command(page, "/pvo help")
    note = page.get_by_test_id("ephemeral")
    await expect(note).to_contain_text("Only visible to you", timeout=WAIT)
    await page.get_by_test_id("user").select_option("U0APPROVER")
    await expect(note).to_have_count(0)
    await page.get_by_test_id("user").select_option("U0OPERATOR")
    await expect(note).to_have_count(1)
    await command(page, "good morning")
    await expect(page.get_by_test_id("message")).to_have_count(1, timeout=WAIT)
    await page.reload()
    await expect(page.get_by_test_id("message")).to_have_count(1, timeout=WAIT)
    await expect(note).to_have_count(0)

    await page.get_by_test_id("user").select_option("U0EXTERN")
    await expect(page.locator("#channels button")).to_have_text(["#partner-sharedshared"])
    await command(page, "/pvo check site-a")
    await expect(note).to_contain_text("/pvo is not a valid command.", timeout=WAIT)

    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    parent = await client.chat_postMessage(channel="C0INCIDENTS", text="card")
    reply = await client.chat_postMessage(channel="C0INCIDENTS", text="the cause", thread_ts=parent["ts"])
    link = await client.chat_getPermalink(channel="C0INCIDENTS", message_ts=reply["ts"])
    await page.goto(link["permalink"])
    await expect(page.get_by_test_id("thread")).to_contain_text("the cause", timeout=WAIT)


@needs_chromium
@pytest.mark.browser
async def test_faults_are_switched_in_the_appliances_pane(page: Page) -> None:
    switch = page.get_by_test_id("fault-sma-suspended")
    await expect(page.get_by_test_id("appliance-sma-a")).to_contain_text("Online")
    await switch.click()
    await expect(page.get_by_test_id("appliance-sma-a")).to_contain_text("Offline", timeout=WAIT)
    await expect(switch).to_have_text("Mend")
    await expect(switch).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(switch).to_have_text("Break", timeout=WAIT)
    await page.get_by_role("button", name="Hide this pane").click()
    await expect(page.get_by_test_id("panel")).to_be_hidden()
    await page.get_by_role("button", name="Appliances").click()
    await expect(switch).to_be_visible()


@needs_chromium
@pytest.mark.browser
async def test_the_home_tab_is_drawn_and_its_buttons_work(page: Page) -> None:
    await page.get_by_test_id("home").click()
    tab = page.get_by_test_id("home-tab")
    await expect(tab).to_contain_text("Site A healthy", timeout=WAIT)
    await expect(page.get_by_test_id("composer")).to_be_hidden()
    await tab.get_by_role("button", name="Check").click()
    await expect(page.get_by_test_id("modal")).to_be_visible(timeout=WAIT)
    await page.keyboard.press("Escape")
    await page.get_by_test_id("user").select_option("U0APPROVER")
    await expect(tab).to_contain_text("Site A healthy", timeout=WAIT)
    await page.get_by_test_id("channel-C0OPS").click()
    await expect(tab).to_be_hidden()
    await expect(page.get_by_test_id("composer")).to_be_focused()


@needs_chromium
@pytest.mark.browser
async def test_a_shortcut_is_chosen_from_the_menu_with_the_keyboard(page: Page) -> None:
    await command(page, "site-a looks slow")
    more = page.get_by_test_id("more")
    await more.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Check this site")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(more).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    note = page.get_by_test_id("ephemeral")
    await expect(note).to_contain_text("Checking what stands in: site-a looks slow", timeout=WAIT)
    await page.get_by_test_id("channel-C0SHARED").click()
    await command(page, "hello")
    await expect(page.get_by_test_id("more")).to_be_visible()
    await page.get_by_test_id("user").select_option("U0EXTERN")
    await expect(page.get_by_test_id("more")).to_be_hidden()


@needs_chromium
@pytest.mark.browser
async def test_a_newcomer_is_told_what_to_try(page: Page) -> None:
    await expect(page.get_by_role("heading", name="Try this")).to_be_visible()
    await page.get_by_role("button", name="Choose a fault").click()
    await expect(page.get_by_test_id("fault-sma-suspended")).to_be_focused()
    await page.get_by_test_id("try").click()
    await expect(page.get_by_test_id("composer")).to_have_value("/pvo check site-a")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Try this")).to_be_hidden(timeout=WAIT)
    await page.get_by_test_id("channel-C0RANDOM").click()
    await expect(page.locator("#messages")).to_contain_text("The app is not in this channel")


@needs_chromium
@pytest.mark.browser
async def test_pictures_are_shown_and_texts_can_be(workspace: Workspace, page: Page) -> None:
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    await client.files_upload_v2(channel="C0OPS", filename="paths.png", title="Paths", content=PIXEL)
    await client.files_upload_v2(channel="C0OPS", filename="report.txt", content=HOSTILE)
    picture = page.locator("#messages").get_by_role("img", name="Paths")
    await expect(picture).to_be_visible(timeout=WAIT)
    assert await picture.evaluate("image => image.naturalWidth") == 1
    await page.get_by_text("Show", exact=True).click()
    await expect(page.locator("#messages pre")).to_have_text(HOSTILE)


@needs_chromium
@pytest.mark.browser
async def test_the_weather_turns_and_the_wire_shows_it(workspace: Workspace, page: Page) -> None:
    await page.locator("#weather summary").click()
    await page.get_by_test_id("weather-too_many_requests").click()
    await expect(page.get_by_test_id("weather")).to_contain_text("10 to come", timeout=WAIT)
    workspace.weather.set(too_many_requests=1)
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="C0OPS", text="lost")
    await client.chat_postMessage(channel="C0OPS", text="said")
    await expect(page.get_by_test_id("weather")).to_contain_text("fine", timeout=WAIT)

    await page.get_by_test_id("wire-toggle").click()
    await expect(page.get_by_test_id("wire-filter")).to_be_focused()
    await page.keyboard.type("postmessage")
    rows = page.get_by_test_id("exchange")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("ratelimited")
    await rows.first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(rows.last).to_be_focused()
    detail = page.get_by_test_id("exchange-detail")
    await expect(detail).to_contain_text('text: "said"', timeout=WAIT)
    await page.get_by_label("Which exchanges").select_option("bad")
    await expect(rows).to_have_count(1)
    await page.get_by_test_id("wire-filter").press("Escape")
    await expect(page.get_by_test_id("wire-toggle")).to_be_focused()


async def test_an_unknown_fault_is_not_found(workspace: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{workspace.url}do/fault", json={"name": "nothing", "active": True})
    assert answer.status == 404


async def test_only_the_pages_own_files_are_served(workspace: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        page = await session.get(f"{workspace.url}page/app.js")
        assert (page.status, page.content_type) == (200, "text/javascript")
        for path in ("page/..%2Fserver.py", "page/nothing.js", "files/F0"):
            assert (await session.get(f"{workspace.url}{path}")).status == 404
