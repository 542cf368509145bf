"""Sharing: a preview first, every check again at the end, one compact card there and a line in the thread here."""

import json
from typing import Any

import pytest

from bot.lab.workspace import Touch
from bot.lab.workspace.messages import Message
from bot.lab.workspace.views import View
from tests.slack import make
from tests.slack.office import Office, audited


async def verdict(office: Office) -> Message:
    card = await office.check()
    await office.finish(card, make.report(make.finding()))
    await office.until(lambda: "broken" in card.text)
    await office.settled(card)
    return card


async def open_modal(office: Office, card: Message, user: str = make.OPERATOR) -> View:
    """Presses Share and waits for what is shown."""
    views = office.workspace.state.views
    await office.workspace.people.press(user, card.ts, Touch("pvo.share"))
    await office.until(
        lambda: bool(views.stack(user)) and "Reading" not in json.dumps(views.stack(user)[-1].body)
    )
    return views.stack(user)[-1]


def to(channel: str | None) -> dict[str, Any]:
    return {"to": {"channel": {"selected_conversation": channel}}}


async def submit(office: Office, view: View, channel: str | None) -> str:
    """Submits and returns what the modal says in the end."""
    await office.workspace.people.submit(view.id, to(channel))
    await office.until(lambda: "Sharing…" not in json.dumps(view.body, ensure_ascii=False))
    return json.dumps(view.body)


async def test_a_verdict_is_shared_with_a_link_and_the_thread_says_so(office: Office) -> None:
    async with office.app():
        card = await verdict(office)
        view = await open_modal(office, card)
        assert "tls.ciphers.admit-anonymous" in json.dumps(view.body)
        assert office.cards("C0INCIDENTS") == []
        said = await submit(office, view, "C0INCIDENTS")
    (shared,) = office.cards("C0INCIDENTS")
    assert "Shared in <#C0INCIDENTS>" in said
    assert "broken" in shared.text
    assert card.ts.replace(".", "") in str(shared.blocks)
    line = office.replies(card)[-1]
    assert "<@U0OPERATOR> shared this in <#C0INCIDENTS>" in line.text
    assert shared.ts.replace(".", "") in line.text
    assert await audited(office) == [("shared", "site-a", "U0OPERATOR", "C0INCIDENTS", None)]


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("C0SHARED", "shared with another organisation"),
        ("C0RANDOM", "/invite"),
        ("C0OPS", "in which the card stands already"),
        ("C0NOWHERE", "/invite"),
    ],
)
async def test_the_target_is_checked_on_the_server(office: Office, channel: str, said: str) -> None:
    async with office.app():
        card = await verdict(office)
        assert said in await submit(office, await open_modal(office, card), channel)
    assert office.cards("C0SHARED") == office.cards("C0RANDOM") == []
    assert office.cards() == [card]


async def test_whoever_may_not_run_checks_may_not_share(office: Office) -> None:
    async with office.app():
        card = await verdict(office)
        view = await open_modal(office, card, "U0APPROVER")
        assert "not among the operators" in json.dumps(view.body)
        assert "submit" not in view.body


async def test_the_same_submission_twice_shares_once(office: Office) -> None:
    sockets = office.workspace.sockets
    deliver = sockets.deliver

    async def twice(*envelope: Any, **more: Any) -> dict[str, Any]:
        await deliver(*envelope, **more)
        return await deliver(*envelope, **more)

    async with office.app():
        card = await verdict(office)
        view = await open_modal(office, card)
        sockets.deliver = twice  # type: ignore[method-assign]
        await office.workspace.people.submit(view.id, to("C0INCIDENTS"))
        await office.until(lambda: any("shared this" in reply.text for reply in office.replies(card)))
    assert len(office.cards("C0INCIDENTS")) == 1
    assert sum("shared this" in reply.text for reply in office.replies(card)) == 1
