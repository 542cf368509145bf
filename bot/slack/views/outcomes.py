"""What became of fixes, pure: lines for the card of their run, and a word for its header."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.remediation import Remediation, RemediationState
from bot.slack.texts import EMOJI, Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import escape

State = RemediationState
SHOWN, LONGEST = 5, 500
_SIGNS = {
    State.VERIFIED: "ok",
    State.NOT_RESOLVED: "failed",
    State.COULD_NOT_TELL: "open",
    State.REQUESTED: "requested",
    State.REJECTED: "rejected",
    State.REFUSED: "lost",
    State.EXPIRED: "lost",
    State.LAPSED: "lost",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Fixes on a card: lines of mrkdwn, oldest first; how the latest carried out stands; the one to take back."""

    lines: tuple[str, ...] = ()
    word: str | None = None
    emoji: str | None = None
    undo: Remediation | None = None


NOTHING = Outcome()


def sign_of(remediation: Remediation) -> str:
    """The emoji of where it stands."""
    return EMOJI[_SIGNS.get(remediation.state, "queued")]


def word_of(remediation: Remediation, voice: Voice) -> str:
    """Where it stands in a word or two; beside another language the English ones stay."""
    undoes = remediation.proposal.undoes and remediation.state is State.VERIFIED
    return voice.say("fix.state.undone" if undoes else f"fix.state.{remediation.state}")


def tell_outcome(remediations: Sequence[Remediation], voice: Voice) -> Outcome:
    """What stands on the card about fixes that were asked for; those of which only a plan was drawn are left out."""
    asked = [one for one in remediations if one.request is not None]
    if not asked:
        return NOTHING
    begun = [one for one in asked if one.state.applied]
    undone = {one.proposal.undoes for one in asked if one.state is State.VERIFIED}
    done = [one for one in asked if one.undoable and one.id not in undone]
    return Outcome(
        lines=tuple(_line(one, voice) for one in asked[-SHOWN:]),
        word=voice.say("fix.header", state=word_of(begun[-1], voice)) if begun else None,
        emoji=sign_of(begun[-1]) if begun else None,
        undo=done[-1] if done else None,
    )


def _line(remediation: Remediation, voice: Voice) -> str:
    assert remediation.plan, "what is requested has a plan"
    assert remediation.request, "only those are shown"
    line = voice.say(
        "fix.line",
        emoji=sign_of(remediation),
        title=escape(remediation.plan.title),
        appliance=escape(remediation.plan.appliance),
        state=word_of(remediation, voice),
        user=remediation.request.user,
    )
    return f"{line} {escape(kit.cut(remediation.reason, LONGEST))}" if remediation.reason else line
