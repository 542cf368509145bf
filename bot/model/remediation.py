"""One fix on its way to one appliance: its plan, who said yes to exactly which lines, and what became of it."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bot.model.subject import Product

REQUEST_MINUTES = 30
"""How long a request waits for its approvals."""
LAPSE_MINUTES = 10
"""How long after the last approval the first line may be sent."""
PROOF_MINUTES = 15
"""How long the next attempt in a log is waited for."""

Risk = Literal["low", "medium", "high"]
Event = Literal[
    "requested",
    "approved",
    "rejected",
    "refused",
    "expired",
    "started",
    "sent",
    "answered",
    "verified",
    "not-resolved",
    "could-not-tell",
    "shared",
    "muted",
    "watch",
]


class Record(BaseModel):
    """A part of a remediation: it never changes, a new one takes its place."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedLine(Record):
    """One line that is sent (`""` is Enter).

    `at` is a regular expression for the question that must stand there; empty = the main prompt. An `optional`
    line is left out where the appliance does not ask its question.
    """

    text: str
    at: str = ""
    optional: bool = False


class Sighting(Record):
    """What was seen when the plan was drawn, and may change without changing it: when, and who else is logged in.

    `others` is None where the appliance does not say.
    """

    at: dt.datetime
    others: tuple[str, ...] | None = None


class Endpoint(Record):
    """The appliance that a plan is for, as it was logged in to: the pinned address and the key that it showed."""

    host: str
    port: int
    host_key: str


class Plan(Record):
    """One fix for one appliance, line by line; drawn from code and from what the appliance says.

    `evidence` is a digest of what the finding rests on, `mode` the cluster mode of the prompt (`machine`,
    `cluster`, `group`; None = not in a cluster), `sites` the other sites that the appliance serves, `notes`
    sentences that approvers must know. `undoes`: it takes the fix back, and succeeds when the finding is back.
    """

    site: str
    appliance: str
    product: Product
    finding: str
    subject: str
    fix: str
    undoes: bool = False
    language: str = "en"
    title: str
    lines: tuple[PlannedLine, ...] = Field(min_length=1)
    effect: str = ""
    risk: Risk
    source: str
    undo: tuple[str, ...] = ()
    approvals: Literal[1, 2]
    evidence: str
    mode: str | None = None
    sites: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    endpoint: Endpoint | None = None
    seen: Sighting

    @property
    def digest(self) -> str:
        """SHA-256 over everything but `seen`, as canonical JSON, in hexadecimal digits."""
        return digest_of(self.model_dump(mode="json", exclude={"seen"}))

    @property
    def shown(self) -> str:
        """The same over everything: what a person read, the age of the evidence and who was logged in included."""
        return digest_of(self.model_dump(mode="json"))

    @property
    def commands(self) -> tuple[str, ...]:
        """Every line that is sent, answers included."""
        return tuple(line.text for line in self.lines)


def digest_of(value: object) -> str:
    """SHA-256 of a value of plain types, written as canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class RemediationState(StrEnum):
    """Where a remediation stands.

    proposed (a worker draws the plan) -> planned -> requested (approvals are waited for) -> queued -> started ->
    waiting (for proof) -> verified, not-resolved or could-not-tell. It may end before as rejected, refused (by a
    rule; `reason` says which), expired (no approvals in time) or lapsed (no worker began in time).
    """

    PROPOSED = "proposed"
    PLANNED = "planned"
    REQUESTED = "requested"
    QUEUED = "queued"
    STARTED = "started"
    WAITING = "waiting"
    VERIFIED = "verified"
    NOT_RESOLVED = "not-resolved"
    COULD_NOT_TELL = "could-not-tell"
    REJECTED = "rejected"
    REFUSED = "refused"
    EXPIRED = "expired"
    LAPSED = "lapsed"

    @property
    def final(self) -> bool:
        return self not in _OPEN

    @property
    def applied(self) -> bool:
        """Whether lines may have been sent."""
        return self in _APPLIED


_OPEN = frozenset(
    {
        RemediationState.PROPOSED,
        RemediationState.PLANNED,
        RemediationState.REQUESTED,
        RemediationState.QUEUED,
        RemediationState.STARTED,
        RemediationState.WAITING,
    }
)
_APPLIED = frozenset(
    {
        RemediationState.STARTED,
        RemediationState.WAITING,
        RemediationState.VERIFIED,
        RemediationState.NOT_RESOLVED,
        RemediationState.COULD_NOT_TELL,
    }
)


class Proposal(Record):
    """Which fix of which finding of which run somebody wants to see the plan of; `undoes` names a remediation.

    `channel` is the run's channel. The site and everything else is looked up in the run, never taken from a press.
    """

    run: str
    site: str
    finding: str
    subject: str
    fix: str
    undoes: str | None = None
    user: str
    channel: str
    language: str = "en"


class Someone(Record):
    """Who did something in Slack: the id that he used, and the one that all his ids have in common.

    `person` is the `enterprise_user.id` of Enterprise Grid; empty where there is none.
    """

    user: str
    person: str = ""

    @property
    def ids(self) -> frozenset[str]:
        return frozenset({self.user, self.person} - {""})

    def is_same(self, other: "Someone") -> bool:
        """Whether both are one person."""
        return not self.ids.isdisjoint(other.ids)


class Asking(Someone):
    """Somebody asks for approvals of a planned remediation.

    `members` are the user groups that the inventory lists as approvers or operators, with who is in each now:
    whoever joins later cannot approve. `channel` is where the request will be posted, `shown` the digest of the plan
    as the asker read it.
    """

    reason: str
    channel: str
    shown: str = ""
    members: Mapping[str, tuple[str, ...]] = {}


class Press(Someone):
    """A press of approve or reject: by whom, on which message, and the user groups that he is in now.

    `language` is the one in which he is told why it does not count; None = that of the proposal. `shown` is the
    digest of the plan as the person read it; empty where nothing is decided yet.
    """

    channel: str
    ts: str
    groups: tuple[str, ...] = ()
    reason: str = ""
    language: str | None = None
    shown: str = ""


class Ticket(Record):
    """What a modal carries from its opening to its submission: for whom, about what, on which message, and when.

    `shown` is the digest of the plan that stands in it. Signed by the app, for anybody with both tokens can open
    a modal that looks like something else.
    """

    purpose: Literal["fix", "approve", "reject"]
    remediation: str
    user: str
    channel: str = ""
    ts: str = ""
    shown: str
    at: dt.datetime
    seal: str = ""


class Requested(Asking):
    """A request as it was recorded, with the digest of the plan that the requester saw and the app's signature."""

    digest: str
    at: dt.datetime
    seal: str = ""


class Message(Record):
    """The message that the request itself posted: only a press on it counts."""

    channel: str
    ts: str
    seal: str = ""


class Approval(Someone):
    """Who said yes to exactly which plan, where and when; `group` is the user group that makes him an approver."""

    group: str | None = None
    digest: str
    shown: str = ""
    channel: str
    ts: str
    at: dt.datetime
    seal: str = ""


class Progress(Record):
    """How far the lines are: each is counted as sent before it is sent, and as answered afterwards.

    `sent_at` is when the last one was; `clock` is the appliance's own time afterwards (naive). `done`: all lines
    that were to be sent are answered, and each command said that it succeeded. `stopped` says why they were not.
    """

    sent: int = 0
    answered: int = 0
    sent_at: dt.datetime | None = None
    clock: dt.datetime | None = None
    done: bool = False
    stopped: str | None = None


class Remediation(Record):
    """One fix on its way to one appliance; `version` grows with every change.

    `reason` is a sentence, in the language of the proposal, on how it ended or why it did not go on.
    `known` are the findings, `id subject`, that stood just before the first line, and `proofs` those of them that
    the fix should cure and only the next attempt in a log can tell. `until` is the time of the next
    step that is taken without anybody: expiry, lapse, end of the wait for proof. `seal` signs all of it. `stamp`
    names the write that this was read from, and is not a part of what is written.
    """

    id: str
    proposal: Proposal
    state: RemediationState
    created: AwareDatetime
    plan: Plan | None = None
    request: Requested | None = None
    message: Message | None = None
    approvals: tuple[Approval, ...] = ()
    rejected_by: str | None = None
    progress: Progress | None = None
    known: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    reason: str | None = None
    until: dt.datetime | None = None
    ended: dt.datetime | None = None
    seal: str = ""
    version: int = 0
    stamp: str = Field(default="", exclude=True)

    @property
    def missing(self) -> int:
        """How many approvals are still needed."""
        return max((self.plan.approvals if self.plan else 1) - len(self.approvals), 0)

    @property
    def undoable(self) -> bool:
        """Whether its undo can be proposed as a new remediation."""
        return (
            self.plan is not None and bool(self.plan.undo) and not self.plan.undoes and self.state.applied
        ) and self.state.final


class Ask(Record):
    """A worker asks for the permission to send the first line of a remediation.

    `worker` is a secret of that worker for this remediation: whoever used an approval first is known by it.
    `question` names this one call, so that no answer to another one passes for its own.
    """

    remediation: str
    worker: str
    question: str


class Permission(Record):
    """The app's answer, read from the request's own message in Slack, which knows when the approval was first used.

    `granted`: it was by the worker that asks. `used_at`: when, by Slack's clock.
    """

    remediation: str
    worker: str
    question: str
    granted: bool
    used_at: dt.datetime
    seal: str = ""


class AuditRow(Record):
    """One step on the record. `previous` is the hash of the row before it, so that a missing or changed row shows."""

    at: dt.datetime
    event: Event
    run: str | None = None
    request: str | None = None
    site: str | None = None
    appliance: str | None = None
    fix: str | None = None
    digest: str | None = None
    actor: str | None = None
    channel: str | None = None
    reason: str | None = None
    lines: tuple[str, ...] = ()
    previous: str = ""

    def public(self) -> dict[str, object]:
        """The row as the contract prints it, `at` with three decimals."""
        stamp = self.at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {**self.model_dump(mode="json"), "at": stamp}
