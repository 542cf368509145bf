"""A run as Slack and Redis know it: who asked for what and where, how far it is, and the cards that show it."""

import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from bot.model.report import Report


class RunState(StrEnum):
    """Where a run stands: asked (acknowledged, not yet admitted) -> queued -> running -> done, lost or refused."""

    ASKED = "asked"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    LOST = "lost"
    REFUSED = "refused"

    @property
    def final(self) -> bool:
        return self in (RunState.DONE, RunState.LOST, RunState.REFUSED)


class Request(BaseModel):
    """What a person asked for, as it was acknowledged; `repeats` is the ts of the card it was asked from again.

    `user` is None when the schedule asked; `channel` is then where changes are announced, "" for nowhere. `trace` is
    the `traceparent` of what it came by, for whoever goes on with it.
    """

    model_config = ConfigDict(frozen=True)

    site: str
    areas: tuple[str, ...] = ()
    user: str | None
    team: str = ""
    channel: str
    response_url: str | None = None
    language: str = "en"
    repeats: str | None = None
    trace: str | None = None


class Run(BaseModel):
    """One run of the checks of one site; `version` grows with every change of it.

    `checks_done` counts finished checks; `reason` is a sentence on why it was lost or refused.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    request: Request
    state: RunState
    asked_at: dt.datetime
    checks_done: int = 0
    checks_total: int = 0
    report: Report | None = None
    reason: str | None = None
    version: int = 0


class Card(BaseModel):
    """One message in one channel that shows one run, and what has been posted below it.

    `ts` is Slack's id of the message once it is known, `posts` maps the key of each thread post to its ts.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    channel: str
    user: str
    ts: str | None = None
    posts: dict[str, str] = {}


class Admission(BaseModel):
    """What became of an admitted request.

    `run` answers it: its own, or an identical one already going. `joined` is the card in the same channel that
    already shows such a run; when it is None, a card of its own was opened for the request's channel.
    """

    model_config = ConfigDict(frozen=True)

    run: Run
    joined: Card | None = None
