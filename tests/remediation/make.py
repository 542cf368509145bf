"""Plans, requests and inventories for tests of the rules, without any appliance or Redis."""

import datetime as dt
from typing import Any

from bot.model.inventory import Inventory
from bot.model.remediation import (
    Approval,
    Message,
    Plan,
    PlannedLine,
    Proposal,
    Remediation,
    RemediationState,
    Requested,
    Sighting,
)
from bot.remediation.seal import Seal

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
KEY = b"a key of sixteen characters or more"
REQUESTER, FIRST, SECOND, STRANGER = "U0OPERATOR", "U0APPROVER", "U0SECOND", "U0STRANGER"
GROUP = "S0MAIL"
CHANNEL, TS = "C0OPS", "1700000000.000100"


def inventory_of(**site: Any) -> Inventory:
    nobody = {"username": "pvo", "password": {"env": "PVO_PASSWORD"}, "host": "127.0.0.1"}
    return Inventory.model_validate(
        {
            "access": {"operators": [REQUESTER], "approvers": [FIRST, SECOND, REQUESTER, GROUP]},
            "appliances": {
                "sma-a": nobody | {"product": "sma"},
                "esa-a1": nobody | {"product": "esa"},
                "esa-a2": nobody | {"product": "esa"},
            },
            "sites": {
                "site-a": {
                    "title": "Site A",
                    "sma": "sma-a",
                    "esas": ["esa-a1", "esa-a2"],
                    "mode": "remediate",
                }
                | site
            },
        }
    )


def proposal_of(**more: Any) -> Proposal:
    data = {
        "run": "01RUN",
        "site": "site-a",
        "finding": "tls.ciphers.admit-anonymous",
        "subject": "esa-a2",
        "fix": "remove-anonymous-ciphers",
        "user": REQUESTER,
        "channel": CHANNEL,
    }
    return Proposal.model_validate(data | more)


def plan_of(**more: Any) -> Plan:
    data = {
        "site": "site-a",
        "appliance": "esa-a2",
        "product": "esa",
        "finding": "tls.ciphers.admit-anonymous",
        "subject": "esa-a2",
        "fix": "remove-anonymous-ciphers",
        "title": "Remove them",
        "lines": (PlannedLine(text="sslconfig"), PlannedLine(text="OUTBOUND", at="operation")),
        "risk": "medium",
        "source": "TechNote 200068",
        "undo": ("sslconfig",),
        "approvals": 2,
        "evidence": "e" * 64,
        "seen": Sighting(at=NOW),
    }
    return Plan.model_validate(data | more)


def planned(**more: Any) -> Remediation:
    data = {
        "id": "01REMEDY",
        "proposal": proposal_of(),
        "state": RemediationState.PLANNED,
        "created": NOW,
        "plan": plan_of(),
    }
    return Remediation.model_validate(data | more)


def requested(
    seal: Seal, members: dict[str, tuple[str, ...]] | None = None, person: str = "", **more: Any
) -> Remediation:
    """A request of NOW, its message posted, signed by the app."""
    base = planned(state=RemediationState.REQUESTED)
    assert base.plan is not None
    request = Requested(
        user=REQUESTER,
        person=person,
        reason="mail is stuck",
        channel=CHANNEL,
        members=members or {},
        digest=base.plan.digest,
        shown=base.plan.shown,
        at=NOW,
    )
    signed = base.model_copy(update={"request": seal.sign_request(base, request)})
    message = seal.sign_message(signed, Message(channel=CHANNEL, ts=TS))
    return seal.sign_record(signed.model_copy(update={"message": message} | more))


def approved(seal: Seal, *users: str, at: dt.datetime = NOW, group: str | None = None) -> Remediation:
    """A request that these people approved, signed by the app."""
    before = requested(seal, {GROUP: (STRANGER,)})
    assert before.request is not None
    approvals = tuple(
        seal.sign_approval(
            before,
            Approval(
                user=user,
                group=group,
                digest=before.request.digest,
                shown=before.request.shown,
                channel=CHANNEL,
                ts=TS,
                at=at,
            ),
        )
        for user in users
    )
    return seal.sign_record(
        before.model_copy(update={"state": RemediationState.QUEUED, "approvals": approvals})
    )
