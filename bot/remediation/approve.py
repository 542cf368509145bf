"""Who may ask for a remediation, approve it and have it run: pure rules, and every one of them says no by default."""

import datetime as dt
from collections.abc import Mapping, Sequence

from bot.diagnosis.planned import in_maintenance
from bot.model.finding import Detail
from bot.model.inventory import Inventory, Site
from bot.model.presence import OLDEST_COUNT, Headcount
from bot.model.remediation import (
    LAPSE_MINUTES,
    REQUEST_MINUTES,
    Approval,
    Asking,
    Plan,
    Press,
    Proposal,
    Remediation,
    RemediationState,
    Requested,
    Someone,
    Ticket,
)
from bot.remediation.seal import Seal

CLOCKS_DIFFER = dt.timedelta(minutes=2)
_DECIDED: Mapping[RemediationState, str] = {
    RemediationState.QUEUED: "decided-queued",
    RemediationState.STARTED: "decided-started",
    RemediationState.WAITING: "decided-waiting",
    RemediationState.VERIFIED: "decided-verified",
    RemediationState.NOT_RESOLVED: "decided-not-resolved",
    RemediationState.COULD_NOT_TELL: "decided-could-not-tell",
    RemediationState.REJECTED: "decided-rejected",
    RemediationState.REFUSED: "decided-refused",
    RemediationState.EXPIRED: "decided-expired",
    RemediationState.LAPSED: "decided-lapsed",
}
"""What is told to somebody who presses when it is decided."""


class Denied(Exception):
    """A rule says no. `reason` and `details` are a text of `texts/LANGUAGE/remediation.toml`."""

    def __init__(self, reason: str, **details: Detail) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details: Mapping[str, Detail] = details


def check_site(inventory: Inventory, name: str, now: dt.datetime) -> Site:
    """The site, if changes are offered there at this time."""
    site = inventory.sites.get(name)
    if site is None:
        raise Denied("no-site", site=name)
    if site.mode != "remediate":
        raise Denied("observe", site=name)
    if in_maintenance(site, now):
        raise Denied("maintenance", site=name)
    return site


def check_alone(found: Headcount | None) -> None:
    """Whether nobody else has a connection with our app token; None: there is nothing to count."""
    match found.doubt if found else None:
        case "strange-connection":
            assert found, "it has a doubt"
            raise Denied("strange-connection", connections=found.connections, apps=found.apps)
        case "not-counted":
            raise Denied("not-counted", minutes=round(OLDEST_COUNT / 60))


def check_proposal(proposal: Proposal, inventory: Inventory, now: dt.datetime) -> None:
    """Whether a plan may be drawn at all."""
    check_site(inventory, proposal.site, now)


def check_request(
    remediation: Remediation, asking: Asking, inventory: Inventory, seal: Seal, now: dt.datetime
) -> Plan:
    """The plan that approvals may be asked for."""
    check_site(inventory, remediation.proposal.site, now)
    if remediation.state is not RemediationState.PLANNED or remediation.plan is None:
        raise Denied("not-planned", state=remediation.state.value)
    if now - remediation.created > dt.timedelta(minutes=REQUEST_MINUTES):
        raise Denied("plan-old", minutes=REQUEST_MINUTES)
    if not seal.holds_record(remediation):
        raise Denied("not-signed")
    if asking.shown != remediation.plan.shown:
        raise Denied("plan-swapped")
    check_operator(inventory, asking, asking.members)
    return remediation.plan


def check_shown(remediation: Remediation, press: Press) -> None:
    """Whether the plan that stands now is the one that was read before the decision."""
    if remediation.plan is None or press.shown != remediation.plan.shown:
        raise Denied("plan-swapped")


def check_ticket(ticket: Ticket, purpose: str, user: str, seal: Seal, now: dt.datetime) -> None:
    """Whether a submitted modal is one that the app opened, lately, for this person and this purpose."""
    if not seal.holds_ticket(ticket) or (ticket.purpose, ticket.user) != (purpose, user):
        raise Denied("modal-forged")
    if now - ticket.at > dt.timedelta(minutes=REQUEST_MINUTES):
        raise Denied("modal-old", minutes=REQUEST_MINUTES)


def check_press(
    remediation: Remediation, press: Press, inventory: Inventory, seal: Seal, now: dt.datetime
) -> None:
    """Whether a press counts at all, whoever pressed."""
    request, message = remediation.request, remediation.message
    if remediation.state is not RemediationState.REQUESTED or request is None or remediation.plan is None:
        raise _decided(remediation)
    if message is None or (message.channel, message.ts) != (press.channel, press.ts):
        raise Denied("not-its-message")
    if not seal.holds(remediation) or (request.digest, request.shown) != _digests(remediation.plan):
        raise Denied("not-signed")
    if is_expired(remediation, now):
        raise Denied("expired", minutes=REQUEST_MINUTES)
    check_site(inventory, remediation.proposal.site, now)


def _digests(plan: Plan) -> tuple[str, str]:
    return plan.digest, plan.shown


def _decided(remediation: Remediation) -> Denied:
    """Where the request stands, and who decided: a late press is told what became of it."""
    users = [approval.user for approval in remediation.approvals]
    if remediation.state is RemediationState.REJECTED and remediation.rejected_by:
        users = [remediation.rejected_by]
    return Denied(_DECIDED.get(remediation.state, "undecided"), users=", ".join(users))


def check_rejection(
    remediation: Remediation, press: Press, inventory: Inventory, seal: Seal, now: dt.datetime
) -> None:
    """Whether the press rejects: that of an approver, or of the requester, who takes it back."""
    check_press(remediation, press, inventory, seal, now)
    if remediation.request is None or not press.is_same(remediation.request):
        check_approver(inventory, remediation, press, press.groups)


def check_approval(
    remediation: Remediation, press: Press, inventory: Inventory, seal: Seal, now: dt.datetime
) -> Approval:
    """The approval that the press is, not signed yet."""
    check_press(remediation, press, inventory, seal, now)
    if remediation.request is None or press.is_same(remediation.request):
        raise Denied("own-request")
    group = check_approver(inventory, remediation, press, press.groups)
    if any(press.is_same(approval) for approval in remediation.approvals):
        raise Denied("twice")
    return Approval(
        user=press.user,
        person=press.person,
        group=group,
        digest=remediation.request.digest,
        shown=remediation.request.shown,
        channel=press.channel,
        ts=press.ts,
        at=now,
    )


def check_run(remediation: Remediation, inventory: Inventory, seal: Seal, now: dt.datetime) -> None:
    """What a worker asks of its own inventory and clock before it draws the plan again."""
    request = check_approved(remediation, seal)
    check_site(inventory, remediation.proposal.site, now)
    check_times(remediation, now)
    check_operator(inventory, request, request.members)
    for approval in remediation.approvals:
        check_signed_for(remediation, approval)
        check_approver(inventory, remediation, approval, (approval.group,) if approval.group else ())


def check_approved(remediation: Remediation, seal: Seal) -> Requested:
    """The request, if it and approvals of it were signed."""
    request = remediation.request
    if request is None or remediation.message is None or not remediation.approvals:
        raise Denied("not-approved")
    if not seal.holds(remediation):
        raise Denied("not-signed")
    return request


def check_begun(remediation: Remediation, seal: Seal) -> None:
    """Whether what says that its lines were begun was written by a worker, about lines that people approved."""
    request = check_approved(remediation, seal)
    for approval in remediation.approvals:
        check_signed_for(remediation, approval)
    if remediation.plan is None or remediation.plan.digest != request.digest:
        raise Denied("plan-changed")
    if count_people(remediation.approvals) < remediation.plan.approvals:
        raise Denied("not-approved")


def check_signed_for(remediation: Remediation, approval: Approval) -> None:
    """Whether an approval is for this request, on its message, for its plan, and not by the requester."""
    request, message = remediation.request, remediation.message
    assert request, "checked before"
    assert message, "checked before"
    if approval.is_same(request):
        raise Denied("own-request")
    if (approval.channel, approval.ts) != (message.channel, message.ts):
        raise Denied("not-its-message")
    if (approval.digest, approval.shown) != (request.digest, request.shown):
        raise Denied("plan-changed")


def check_times(remediation: Remediation, now: dt.datetime) -> None:
    """Whether all approvals came in time, and the last one not too long ago."""
    request = remediation.request
    assert request, "checked before"
    times = [approval.at for approval in remediation.approvals]
    if any(at < request.at or at - request.at > dt.timedelta(minutes=REQUEST_MINUTES) for at in times):
        raise Denied("expired", minutes=REQUEST_MINUTES)
    if max(times) - now > CLOCKS_DIFFER:
        raise Denied("clocks")
    if is_lapsed(remediation, now):
        raise Denied("lapsed", minutes=LAPSE_MINUTES)


def check_plan(remediation: Remediation, plan: Plan) -> None:
    """Whether the plan that was just drawn is the one that enough people said yes to."""
    request = remediation.request
    assert request, "checked before"
    old = remediation.plan
    if old is not None and old.evidence != plan.evidence:
        raise Denied("evidence-changed")
    if request.digest != plan.digest:
        raise Denied("plan-changed")
    if count_people(remediation.approvals) < plan.approvals:
        raise Denied("not-approved")


def count_people(approvals: Sequence[Someone]) -> int:
    """How many persons these are, whatever ids they used."""
    return sum(
        not any(one.is_same(earlier) for earlier in approvals[:place]) for place, one in enumerate(approvals)
    )


def check_operator(inventory: Inventory, person: Someone, members: Mapping[str, Sequence[str]]) -> None:
    """Whether the inventory lets this person ask: by himself, or by a user group that he was in when he asked."""
    access = inventory.access
    listed = {*access.operators, *access.approvers}
    if listed.isdisjoint(person.ids) and not any(_is_in(members, group, person) for group in listed):
        raise Denied("not-operator", user=person.user)


def check_approver(
    inventory: Inventory, remediation: Remediation, person: Someone, groups: Sequence[str]
) -> str | None:
    """The user group by which the inventory makes him an approver of the site, None when it names himself.

    Whoever joined a user group after the request is none by it.
    """
    site = remediation.proposal.site
    approvers = approvers_of(inventory, site)
    if not person.ids.isdisjoint(approvers):
        return None
    listed = [group for group in groups if group in approvers]
    members = remediation.request.members if remediation.request else {}
    for group in listed:
        if _is_in(members, group, person):
            return group
    raise Denied("joined-later" if listed else "not-approver", site=site, user=person.user)


def _is_in(members: Mapping[str, Sequence[str]], group: str, person: Someone) -> bool:
    return not person.ids.isdisjoint(members.get(group, ()))


def approvers_of(inventory: Inventory, site: str) -> tuple[str, ...]:
    """Who may approve for a site: its own approvers if it has a list, else everybody's."""
    own = inventory.sites[site].approvers
    return inventory.access.approvers if own is None else own


def is_expired(remediation: Remediation, now: dt.datetime) -> bool:
    """Whether its approvals did not come in time."""
    request = remediation.request
    return request is not None and now - request.at > dt.timedelta(minutes=REQUEST_MINUTES)


def is_lapsed(remediation: Remediation, now: dt.datetime) -> bool:
    """Whether it was approved too long ago to begin."""
    last = max((approval.at for approval in remediation.approvals), default=None)
    return last is not None and now - last > dt.timedelta(minutes=LAPSE_MINUTES)
