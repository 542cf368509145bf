"""What waits for approval, for a worker or for proof: for `/pvo pending` and the home tab."""

from functools import partial

from bot.model.inventory import Inventory
from bot.model.remediation import Remediation, RemediationState
from bot.slack.desk import Body, Desk
from bot.slack.texts import Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Post, escape
from bot.slack.views.outcomes import sign_of, word_of
from bot.slack.views.plan import plan_of
from bot.slack.views.request import expiry_of
from bot.slack.views.sites import clock

LINKED = 20


async def tell_pending(desk: Desk, body: Body) -> None:
    """Tells an operator or approver what waits; raises `Refusal` or `StateUnavailable`."""
    await desk.people.admit_waiter(body["user_id"], body["channel_id"])
    voice = await desk.voice(body)
    lines = await read_pending(desk, voice)
    text = voice.say("pending.text", count=len(lines)) if lines else voice.say("pending.none")
    post = Post(text, kit.sections([text, *lines], partial(voice.say, "pending.more")))
    await desk.private.tell(body.get("response_url"), post.text, post.blocks)


async def read_pending(desk: Desk, voice: Voice) -> list[str]:
    """A line of mrkdwn for each remediation that waits, oldest first; raises `StateUnavailable`."""
    waiting = await desk.stores.remediations.pending()
    links = [await _link(desk, remediation) for remediation in waiting[:LINKED]]
    links += [None] * (len(waiting) - len(links))
    inventory = desk.inventory()
    return [tell_waiting(one, inventory, link, voice) for one, link in zip(waiting, links, strict=True)]


async def _link(desk: Desk, remediation: Remediation) -> str | None:
    message = remediation.message
    return await desk.posts.link_to(message.channel, message.ts) if message else None


def tell_waiting(remediation: Remediation, inventory: Inventory, link: str | None, voice: Voice) -> str:
    """What it is, for which appliance and site, who asked, where it stands, how long it waits."""
    plan, request = plan_of(remediation), remediation.request
    assert request, "what waits was requested"
    site = inventory.sites.get(plan.site)
    line = voice.say(
        "pending.line",
        emoji=sign_of(remediation),
        title=escape(plan.title),
        appliance=escape(plan.appliance),
        site=escape(site.title if site else plan.site),
        state=word_of(remediation, voice),
        user=request.user,
    )
    if remediation.state is RemediationState.REQUESTED:
        approvals = voice.count("approval", remediation.missing)
        line += voice.say("pending.until", approvals=approvals, time=clock(expiry_of(remediation)))
    return " ".join([line, voice.say("pending.link", url=link)]) if link else line
