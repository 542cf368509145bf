"""The state of remediations: what people do to them, each step once, on the record, and only by the rules."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from ulid import ULID

from bot.jobs.audit import Trail, write_row_text
from bot.jobs.presence import RedisPresence
from bot.jobs.redis import BLOCKING
from bot.jobs.state import State
from bot.metrics.meters import APPROVAL_SECONDS, REMEDIATION_STEPS
from bot.model.errors import NotAllowed, StateUnavailable
from bot.model.finding import Detail
from bot.model.inventory import Inventory
from bot.model.ports import Now
from bot.model.remediation import (
    REQUEST_MINUTES,
    Asking,
    AuditRow,
    Message,
    Press,
    Proposal,
    Remediation,
    RemediationState,
    Requested,
)
from bot.model.remediation_ports import Decision, Superseded
from bot.remediation.approve import (
    Denied,
    check_alone,
    check_approval,
    check_proposal,
    check_rejection,
    check_request,
    check_shown,
)
from bot.remediation.rows import LONGEST_ID, about, write_row, write_unknown
from bot.remediation.seal import Seal

log = structlog.get_logger()

Remark = Callable[[str, str, Mapping[str, Detail]], str]
"""The sentence, in a language, for a text of `remediation.toml` and its details."""

Step = Callable[[Remediation], tuple[Remediation, AuditRow]]

_TRIES = 50
_LEASE_MS = 20_000
_BELL = "pvo:notices:wake"
_DUE_AT_ONCE = frozenset({RemediationState.PROPOSED, RemediationState.QUEUED, RemediationState.STARTED})
_WAITS = (RemediationState.PROPOSED, RemediationState.PLANNED)


class Remedies:
    """Remediations in Redis, replaced as a whole by compare-and-set together with the rows about it."""

    def __init__(self, state: State, trail: Trail) -> None:
        self._state = state
        self._trail = trail

    async def get(self, remediation: str) -> Remediation | None:
        key = f"pvo:remedy:{remediation}"
        fields = await self._state.read(key)
        if not fields:
            return None
        try:
            found = Remediation.model_validate_json(fields["text"])
            written = {"id": remediation, "version": int(fields["version"]), "stamp": fields.get("nonce", "")}
            return found.model_copy(update=written)
        except (ValueError, KeyError):
            await self._state.set_aside(key, "not a remediation")
            return None

    async def list_at(self, key: str) -> list[Remediation]:
        """Those that a sorted set names."""
        ids = await self._state.call("list_remedies", key)
        found = [await self.get(one.decode()) for one in ids]
        return [one for one in found if one is not None]

    async def put(self, after: Remediation, *rows: AuditRow) -> Remediation:
        """Replaces the version that `after` was made of; raises `Superseded` when it is no longer the current one."""
        nonce, after = str(ULID()), self._trail.seal.sign_record(after)
        for _ in range(_TRIES):
            head = await self._trail.read_head()
            chained, next_head = self._trail.chain(head, rows)
            answer = await self._state.call(
                "put_remedy",
                *(after.id, nonce, after.version, after.stamp, after.model_dump_json(), after.proposal.run),
                *(round(1000 * after.created.timestamp()), int(not after.state.final), _due(after)),
                *(int(after.request is not None), head, next_head if rows else ""),
                *map(write_row_text, chained),
            )
            if answer == 1:
                self._trail.tell(chained)
                _count(after, rows)
                return after.model_copy(update={"version": after.version + 1, "stamp": nonce})
            if answer == 0:
                raise Superseded(after.id)
        raise StateUnavailable("The audit trail is being written by too many at once; try again.")


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides: the inventory, the signatures, the clock, and the sentences for refusals."""

    inventory: Callable[[], Inventory]
    seal: Seal
    remark: Remark
    now: Now


class RedisRemediations:
    """The port `Remediations`, for the app."""

    def __init__(self, state: State, trail: Trail, rules: Rules) -> None:
        self._state = state
        self._trail = trail
        self._rules = rules
        self._remedies = Remedies(state, trail)
        self._presence = RedisPresence(state)

    async def propose(self, key: str, proposal: Proposal) -> Remediation | None:
        now = self._rules.now()
        made = Remediation(id=str(ULID()), proposal=proposal, state=RemediationState.PROPOSED, created=now)
        if not await self._state.call("seen", key, made.id):
            return None
        try:
            check_proposal(proposal, self._rules.inventory(), now)
            await self._expect_original(proposal)
            check_alone(await self._presence.headcount())
        except Denied as denied:
            raise await self._refuse(made, denied, proposal) from None
        log.info("remediation.proposed", fix=proposal.fix, **about(made))
        return await self._remedies.put(made)

    async def get(self, remediation: str) -> Remediation | None:
        return await self._remedies.get(remediation)

    async def of_run(self, run: str) -> list[Remediation]:
        return await self._remedies.list_at(f"pvo:remedies:{run}")

    async def pending(self) -> list[Remediation]:
        return [one for one in await self._remedies.list_at("pvo:remedies") if one.state not in _WAITS]

    async def request(self, remediation: str, asking: Asking) -> Remediation:
        def step(before: Remediation) -> tuple[Remediation, AuditRow]:
            now = self._rules.now()
            plan = check_request(before, asking, self._rules.inventory(), self._rules.seal, now)
            request = Requested(**asking.model_dump(), digest=plan.digest, at=now)
            after = before.model_copy(
                update={
                    "state": RemediationState.REQUESTED,
                    "request": self._rules.seal.sign_request(before, request),
                    "until": now + dt.timedelta(minutes=REQUEST_MINUTES),
                }
            )
            more = {"actor": asking.user, "channel": asking.channel, "reason": asking.reason}
            return after, write_row(after, "requested", now, lines=plan.commands, **more)

        return await self._change(remediation, step, asking)

    async def consider(self, remediation: str, press: Press, decision: Decision) -> Remediation:
        check = check_approval if decision == "approve" else check_rejection
        found = await self._expect_known(remediation, press)
        try:
            check(found, press, self._rules.inventory(), self._rules.seal, self._rules.now())
            if decision == "approve":
                check_alone(await self._presence.headcount())
        except Denied as denied:
            raise await self._refuse(found, denied, press) from None
        return found

    async def approve(self, remediation: str, press: Press) -> Remediation:
        def step(before: Remediation) -> tuple[Remediation, AuditRow]:
            now, seal = self._rules.now(), self._rules.seal
            approval = check_approval(before, press, self._rules.inventory(), seal, now)
            check_shown(before, press)
            after = before.model_copy(
                update={"approvals": (*before.approvals, seal.sign_approval(before, approval))}
            )
            if not after.missing:
                after = after.model_copy(update={"state": RemediationState.QUEUED})
            return after, write_row(after, "approved", now, actor=press.user, channel=press.channel)

        return await self._change(remediation, step, press)

    async def reject(self, remediation: str, press: Press) -> Remediation:
        def step(before: Remediation) -> tuple[Remediation, AuditRow]:
            now = self._rules.now()
            check_rejection(before, press, self._rules.inventory(), self._rules.seal, now)
            check_shown(before, press)
            end = {"state": RemediationState.REJECTED, "rejected_by": press.user, "ended": now}
            after = before.model_copy(update=end | {"reason": press.reason or None, "until": None})
            more = {"actor": press.user, "channel": press.channel, "reason": press.reason or None}
            return after, write_row(after, "rejected", now, **more)

        return await self._change(remediation, step, press, alone=False)

    async def posted(self, remediation: str, channel: str, ts: str) -> Remediation:
        for _ in range(_TRIES):
            before = await self._remedies.get(remediation)
            if before is None:
                raise NotAllowed(self._rules.remark("en", "unknown", {}))
            if before.message is not None:
                return before
            if before.request is None or not self._rules.seal.holds(before):  # not to be signed by us, either
                raise NotAllowed(self._rules.remark("en", "not-signed", {}))
            message = self._rules.seal.sign_message(before, Message(channel=channel, ts=ts))
            try:
                return await self._remedies.put(before.model_copy(update={"message": message}))
            except Superseded:
                continue
        raise StateUnavailable("The request is being changed by too many at once; try again.")

    async def _change(
        self, remediation: str, step: Step, by: Press | Asking, *, alone: bool = True
    ) -> Remediation:
        """Decides on what stands now, again whenever somebody else was faster.

        `alone`: only while nobody else has a connection with our app token.
        """
        for _ in range(_TRIES):
            before = await self._expect_known(remediation, by)
            try:
                decided = step(before)
                if alone:
                    check_alone(await self._presence.headcount())
                return await self._remedies.put(*decided)
            except Denied as denied:
                raise await self._refuse(before, denied, by) from None
            except Superseded:
                continue
        raise StateUnavailable("The request is being changed by too many at once; try again.")

    async def _refuse(
        self, remediation: Remediation, denied: Denied, by: Press | Asking | Proposal
    ) -> NotAllowed:
        """The refusal, on the record in English, and told in the language of the press, else of the proposal."""
        reason = self._rules.remark("en", denied.reason, denied.details)
        now = self._rules.now()
        more = {"actor": by.user, "channel": by.channel, "reason": reason}
        await self._trail.append(write_row(remediation, "refused", now, **more))
        log.warning("remediation.refused", user=by.user, reason=reason, **about(remediation))
        language = _language_of(by) or remediation.proposal.language
        people = tuple(filter(None, str(denied.details.get("users") or "").split(", ")))
        return NotAllowed(self._rules.remark(language, denied.reason, denied.details), people)

    async def _expect_known(self, remediation: str, by: Press | Asking) -> Remediation:
        """The remediation; a press on one that is not there is refused, on the record."""
        found = await self._remedies.get(remediation)
        if found is not None:
            return found
        reason = self._rules.remark("en", "unknown", {})
        more = {"actor": by.user, "channel": by.channel or None, "reason": reason}
        await self._trail.append(write_unknown(remediation, self._rules.now(), **more))
        log.warning("remediation.refused", user=by.user, reason=reason, remediation=remediation[:LONGEST_ID])
        raise NotAllowed(self._rules.remark(_language_of(by) or "en", "unknown", {}))

    async def _expect_original(self, proposal: Proposal) -> None:
        """What is taken back must have been done here, as it is named."""
        if proposal.undoes is None:
            return
        original = await self._remedies.get(proposal.undoes)
        named = (proposal.site, proposal.finding, proposal.subject, proposal.fix)
        if original is None or not original.undoable or named != _named(original.proposal):
            raise Denied("no-original")


class RedisNotices:
    """The port `Notices`, over a patient connection."""

    def __init__(self, state: State, trail: Trail) -> None:
        self._state = state
        self._remedies = Remedies(state, trail)
        self._holder = str(ULID())

    async def due(self) -> AsyncIterator[Remediation]:
        while True:
            wait, *found = await self._state.call("take_notice", self._holder, _LEASE_MS)
            remediation = await self._remedies.get(found[0].decode()) if found else None
            if remediation:
                yield remediation
            elif not found:
                seconds = BLOCKING if wait < 0 else min(wait / 1000, BLOCKING)
                await self._state.nap(max(seconds, 0.01), _BELL)

    async def settle(self, remediation: Remediation) -> None:
        await self._state.call("give_notice", self._holder, remediation.id, remediation.version, 0)

    async def release(self, remediation: Remediation, seconds: float) -> None:
        await self._state.call("give_notice", self._holder, remediation.id, 0, round(1000 * seconds))


def _language_of(by: Press | Asking | Proposal) -> str | None:
    return by.language if isinstance(by, Press) else None


def _count(after: Remediation, rows: Sequence[AuditRow]) -> None:
    for row in rows:
        REMEDIATION_STEPS.labels(row.event).inc()
        if row.event == "approved" and after.state is RemediationState.QUEUED and after.request:
            APPROVAL_SECONDS.observe((row.at - after.request.at).total_seconds())


def _named(proposal: Proposal) -> tuple[str, str, str, str]:
    return (proposal.site, proposal.finding, proposal.subject, proposal.fix)


def _due(remediation: Remediation) -> int:
    """Milliseconds until a worker is to look, -1 = nobody need."""
    if remediation.state in _DUE_AT_ONCE:
        return 0
    if remediation.state in (RemediationState.PLANNED, RemediationState.REQUESTED):
        return 60_000 * REQUEST_MINUTES + 1_000
    return 5_000 if remediation.state is RemediationState.WAITING else -1
