"""The home tab and the message shortcut: checks that begin elsewhere than with `/pvo`."""

import json
from typing import Any

import pytest

from bot.lab.workspace import Touch
from bot.lab.workspace.messages import Message
from bot.lab.workspace.views import View
from tests.slack import make
from tests.slack.office import Office


async def home(office: Office, user: str = make.OPERATOR) -> str:
    """Opens the home tab; all that stands in it."""
    assert await office.workspace.people.open_home(user)
    homes = office.workspace.state.views.homes
    await office.until(lambda: user in homes)
    return json.dumps(homes[user].body)


async def start(office: Office) -> View:
    """Presses Check beside the site and waits for the modal."""
    views = office.workspace.state.views
    await office.workspace.people.press_in_view(views.homes[make.OPERATOR].id, Touch("pvo.start"))
    await office.until(
        lambda: bool(views.stack(make.OPERATOR)) and "submit" in views.stack(make.OPERATOR)[-1].body
    )
    return views.stack(make.OPERATOR)[-1]


def to(channel: str) -> dict[str, Any]:
    return {"to": {"channel": {"selected_conversation": channel}}}


async def test_the_home_tab_has_the_sites_and_starts_a_check_in_a_channel(office: Office) -> None:
    async with office.app():
        assert "*Site A* (`site-a`): not checked yet" in await home(office)
        view = await start(office)
        assert await office.workspace.people.submit(view.id, to("C0INCIDENTS")) == {}
        await office.until(lambda: bool(office.cards("C0INCIDENTS")))
        await office.until(lambda: "is being checked in <#C0INCIDENTS>" in json.dumps(view.body))
    run = await office.runs.get(office.run_of(office.cards("C0INCIDENTS")[0]))
    assert run is not None
    assert (run.request.user, run.request.site) == (make.OPERATOR, "site-a")


async def test_the_end_is_the_last_word_though_slack_applies_the_acknowledgement_late(office: Office) -> None:
    sockets = office.workspace.sockets
    deliver = sockets.deliver
    async with office.app():
        await home(office)
        view = await start(office)

        async def deliver_late(*asked: Any, **more: Any) -> dict[str, Any]:
            answer = await deliver(*asked, **more)
            await office.until(lambda: "is being checked" in json.dumps(view.body))
            return answer

        sockets.deliver = deliver_late  # type: ignore[method-assign]
        assert await office.workspace.people.submit(view.id, to("C0INCIDENTS")) == {}
        assert "Asking for a check" in json.dumps(view.body)
        await office.until(lambda: "is being checked" in json.dumps(view.body))


async def test_a_channel_that_was_picked_is_checked_on_the_server(office: Office) -> None:
    async with office.app():
        await home(office)
        view = await start(office)
        await office.workspace.people.submit(view.id, to("C0SHARED"))
        await office.until(lambda: "shared with another organisation" in json.dumps(view.body))
    assert office.cards("C0SHARED") == []


@pytest.mark.parametrize(
    ("user", "said"), [(make.GUEST, "Guests"), ("U0APPROVER", "not among the operators")]
)
async def test_others_see_in_the_home_tab_why_they_see_nothing(office: Office, user: str, said: str) -> None:
    async with office.app():
        tab = await home(office, user)
    assert said in tab
    assert "Site A" not in tab


async def use_shortcut(office: Office, text: str, user: str = make.OPERATOR) -> None:
    note = office.workspace.state.messages.post(Message("C0OPS", "U0APPROVER", text))
    await office.workspace.people.use_shortcut(user, note.ts, "pvo.check-site")


async def test_a_site_named_in_a_message_is_checked(office: Office) -> None:
    async with office.app():
        await use_shortcut(office, "Mail hangs at SITE-A again?")
        await office.until(lambda: bool(office.cards()))
    assert "Site A" in office.cards()[0].text


@pytest.mark.parametrize(
    ("text", "user", "said"),
    [
        ("Mail hangs.", make.OPERATOR, "No site of the inventory"),
        ("site-a hangs", "U0APPROVER", "not among the operators"),
        ("site-a hangs", make.GUEST, "Guests"),
    ],
)
async def test_otherwise_the_shortcut_says_why_it_did_nothing(
    office: Office, text: str, user: str, said: str
) -> None:
    async with office.app():
        await use_shortcut(office, text, user)
        await office.until(lambda: any(said in whisper for whisper in office.whispers(user)))
    assert office.cards() == []
