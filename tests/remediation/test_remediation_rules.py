"""Who may ask, approve and have it run: every rule with a case that it refuses."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from bot.model.inventory import Inventory
from bot.model.remediation import Asking, Press, Remediation, RemediationState
from bot.remediation.approve import (
    Denied,
    check_approval,
    check_plan,
    check_press,
    check_proposal,
    check_rejection,
    check_request,
    check_run,
)
from bot.remediation.seal import Seal
from tests.remediation.make import (
    CHANNEL,
    FIRST,
    GROUP,
    KEY,
    NOW,
    REQUESTER,
    SECOND,
    STRANGER,
    TS,
    approved,
    inventory_of,
    plan_of,
    planned,
    proposal_of,
    requested,
)

SEAL = Seal(KEY)
OPEN_WINDOW = [{"cron": "0 2 * * *", "minutes": 90}]


def minutes(number: float) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def press_of(
    user: str = FIRST,
    channel: str = CHANNEL,
    ts: str = TS,
    groups: tuple[str, ...] = (),
    person: str = "",
) -> Press:
    return Press(user=user, person=person, channel=channel, ts=ts, groups=groups)


def asking_of(user: str) -> Asking:
    return Asking(user=user, reason="", channel=CHANNEL, shown=plan_of().shown)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Denied) as denied:
        call()
    return denied.value.reason


@pytest.mark.parametrize(
    ("site", "reason"),
    [({"mode": "observe"}, "observe"), ({"maintenance": OPEN_WINDOW}, "maintenance")],
)
def test_nothing_is_offered_asked_approved_or_run(site: dict[str, Any], reason: str) -> None:
    inventory, asking = inventory_of(**site), asking_of(REQUESTER)
    calls: list[Callable[[], object]] = [
        lambda: check_proposal(proposal_of(), inventory, NOW),
        lambda: check_request(planned(), asking, inventory, Seal(), NOW),
        lambda: check_press(requested(SEAL), press_of(), inventory, SEAL, NOW),
        lambda: check_run(approved(SEAL, FIRST, SECOND), inventory, SEAL, NOW),
    ]
    assert [refusal(call) for call in calls] == [reason] * 4


def test_a_site_that_is_gone_is_refused() -> None:
    assert refusal(lambda: check_proposal(proposal_of(site="site-z"), inventory_of(), NOW)) == "no-site"


@pytest.mark.parametrize(
    ("remediation", "user", "now", "reason"),
    [
        (planned(state=RemediationState.REQUESTED), REQUESTER, NOW, "not-planned"),
        (planned(plan=None), REQUESTER, NOW, "not-planned"),
        (planned(), STRANGER, NOW, "not-operator"),
        (planned(), REQUESTER, NOW + minutes(31), "plan-old"),
    ],
)
def test_who_may_not_ask(remediation: Remediation, user: str, now: dt.datetime, reason: str) -> None:
    asking = asking_of(user)
    assert refusal(lambda: check_request(remediation, asking, inventory_of(), Seal(), now)) == reason


def test_an_operator_by_a_user_group_may_ask() -> None:
    asking = asking_of(STRANGER).model_copy(update={"members": {GROUP: (STRANGER,)}})
    assert check_request(planned(), asking, inventory_of(), Seal(), NOW) == planned().plan


@pytest.mark.parametrize(
    ("press", "remediation", "now", "reason"),
    [
        (press_of(REQUESTER), requested(SEAL), NOW, "own-request"),
        (press_of(STRANGER), requested(SEAL), NOW, "not-approver"),
        (press_of(STRANGER, groups=(GROUP,)), requested(SEAL), NOW, "joined-later"),
        (press_of(STRANGER, groups=()), requested(SEAL, {GROUP: (STRANGER,)}), NOW, "not-approver"),
        (press_of(ts="1700000000.999999"), requested(SEAL), NOW, "not-its-message"),
        (press_of(channel="C0OTHER"), requested(SEAL), NOW, "not-its-message"),
        (press_of(), requested(SEAL, message=None), NOW, "not-its-message"),
        (press_of(), requested(SEAL), NOW + minutes(30.1), "expired"),
        (press_of(), requested(SEAL, state=RemediationState.QUEUED), NOW, "decided-queued"),
        (press_of(), requested(SEAL, state=RemediationState.REJECTED), NOW, "decided-rejected"),
        (press_of(), requested(SEAL, plan=plan_of(effect="harmless")), NOW, "not-signed"),
        (press_of(), requested(Seal(b"another key of enough length")), NOW, "not-signed"),
        (press_of(), requested(Seal()), NOW, "not-signed"),
    ],
)
def test_which_presses_do_not_approve(
    press: Press, remediation: Remediation, now: dt.datetime, reason: str
) -> None:
    assert refusal(lambda: check_approval(remediation, press, inventory_of(), SEAL, now)) == reason


def test_whoever_comes_late_is_told_where_it_stands() -> None:
    for state in RemediationState:
        if state is RemediationState.REQUESTED:
            continue
        late = approved(SEAL, FIRST, SECOND).model_copy(update={"state": state, "rejected_by": FIRST})
        with pytest.raises(Denied) as denied:
            check_approval(late, press_of(), inventory_of(), SEAL, NOW)
        begun = state not in (RemediationState.PROPOSED, RemediationState.PLANNED)
        assert denied.value.reason == (f"decided-{state}" if begun else "undecided")
        by = FIRST if state is RemediationState.REJECTED else f"{FIRST}, {SECOND}"
        assert denied.value.details == {"users": by}


def test_one_person_approves_once() -> None:
    first = check_approval(requested(SEAL), press_of(), inventory_of(), SEAL, NOW)
    again = requested(SEAL, approvals=(SEAL.sign_approval(requested(SEAL), first),))
    assert refusal(lambda: check_approval(again, press_of(), inventory_of(), SEAL, NOW)) == "twice"


@pytest.mark.parametrize(
    ("press", "remediation", "reason"),
    [
        (press_of(FIRST, person="W0OLIVIA"), requested(SEAL, person="W0OLIVIA"), "own-request"),
        (press_of(REQUESTER, person="W0OLIVIA"), requested(SEAL), "own-request"),
        (press_of(FIRST), requested(SEAL, person=FIRST), "own-request"),
    ],
    ids=["another id", "known since", "the common id"],
)
def test_whoever_asked_does_not_approve_by_another_id(
    press: Press, remediation: Remediation, reason: str
) -> None:
    assert refusal(lambda: check_approval(remediation, press, inventory_of(), SEAL, NOW)) == reason
    check_rejection(remediation, press, inventory_of(approvers=[]), SEAL, NOW)


def approved_by(remediation: Remediation, *presses: Press) -> Remediation:
    """What an app would have recorded that did not compare persons."""
    approvals = [check_approval(remediation, press, inventory_of(), SEAL, NOW) for press in presses]
    signed = tuple(SEAL.sign_approval(remediation, one) for one in approvals)
    return recorded(remediation, state=RemediationState.QUEUED, approvals=signed)


def recorded(remediation: Remediation, **changes: Any) -> Remediation:
    """As somebody with the key writes it."""
    return SEAL.sign_record(remediation.model_copy(update=changes))


def test_two_ids_of_one_person_are_one_approver() -> None:
    first, second = press_of(FIRST, person="W0AMIR"), press_of(SECOND, person="W0AMIR")
    both = approved_by(requested(SEAL), first, second)
    once = recorded(both, state=RemediationState.REQUESTED, approvals=both.approvals[:1])
    assert refusal(lambda: check_approval(once, second, inventory_of(), SEAL, NOW)) == "twice"
    check_run(both, inventory_of(), SEAL, NOW)
    assert refusal(lambda: check_plan(both, plan_of())) == "not-approved"
    check_plan(approved_by(requested(SEAL), first, press_of(SECOND, person="W0SOFIA")), plan_of())


def test_a_worker_compares_persons_too() -> None:
    asked = requested(SEAL, person="W0OLIVIA")
    press = press_of(FIRST, person="W0AMIR")
    held = approved_by(asked, press, press_of(SECOND))
    check_run(held, inventory_of(), SEAL, NOW)
    mine = tuple(
        SEAL.sign_approval(held, one.model_copy(update={"person": "W0OLIVIA"})) for one in held.approvals
    )
    assert (
        refusal(lambda: check_run(recorded(held, approvals=mine), inventory_of(), SEAL, NOW)) == "own-request"
    )
    for part in ("request", "approvals"):
        forged = tampered(held, part, person="W0OTHER")
        assert refusal(lambda: check_run(forged, inventory_of(), SEAL, NOW)) == "not-signed"  # noqa: B023


@pytest.mark.parametrize("listed", ["W0STRANGER", GROUP])
def test_either_id_is_listed(listed: str) -> None:
    inventory = inventory_of(approvers=[listed])
    access = inventory.access.model_copy(update={"operators": ("W0STRANGER",), "approvers": ()})
    inventory = inventory.model_copy(update={"access": access})
    members: dict[str, tuple[str, ...]] = {GROUP: ("W0STRANGER",)}
    asking = asking_of(REQUESTER).model_copy(update={"person": "W0STRANGER"})
    assert check_request(planned(), asking, inventory, Seal(), NOW) == planned().plan
    press = press_of(STRANGER, groups=(GROUP,), person="W0STRANGER")
    approval = check_approval(requested(SEAL, members), press, inventory, SEAL, NOW)
    assert (approval.person, approval.group) == ("W0STRANGER", GROUP if listed == GROUP else None)


def test_records_without_a_common_id_are_read() -> None:
    old = BOTH.model_dump(mode="json")
    for one in (old["request"], *old["approvals"]):
        del one["person"]
    assert Remediation.model_validate(old) == BOTH


def test_a_member_of_the_group_at_the_time_of_the_request_approves() -> None:
    before = requested(SEAL, {GROUP: (STRANGER,)})
    press = press_of(STRANGER, groups=(GROUP,))
    assert check_approval(before, press, inventory_of(), SEAL, NOW).group == GROUP


@pytest.mark.parametrize("check", [check_approval, check_rejection])
def test_approvers_of_the_site_replace_all_others(check: Callable[..., object]) -> None:
    theirs, nobodys = inventory_of(approvers=[SECOND]), inventory_of(approvers=[])
    assert refusal(lambda: check(requested(SEAL), press_of(), theirs, SEAL, NOW)) == "not-approver"
    check(requested(SEAL), press_of(SECOND), theirs, SEAL, NOW)
    assert refusal(lambda: check(requested(SEAL), press_of(SECOND), nobodys, SEAL, NOW)) == "not-approver"


def test_whoever_asked_may_take_it_back() -> None:
    check_rejection(requested(SEAL), press_of(REQUESTER), inventory_of(approvers=[]), SEAL, NOW)


def tampered(remediation: Remediation, part: str, **changes: Any) -> Remediation:
    value = getattr(remediation, part)
    changed = (
        value[0].model_copy(update=changes) if isinstance(value, tuple) else value.model_copy(update=changes)
    )
    return remediation.model_copy(
        update={part: (changed, *value[1:]) if isinstance(value, tuple) else changed}
    )


BOTH = approved(SEAL, FIRST, SECOND)


@pytest.mark.parametrize(
    ("remediation", "now", "reason"),
    [
        (requested(SEAL), NOW, "not-approved"),
        (approved(SEAL, FIRST, REQUESTER), NOW, "own-request"),
        (approved(SEAL, FIRST, STRANGER), NOW, "not-approver"),
        (approved(SEAL, FIRST, "U0LATER", group=GROUP), NOW, "joined-later"),
        (approved(SEAL, FIRST, SECOND), NOW + minutes(10.1), "lapsed"),
        (approved(SEAL, FIRST, SECOND, at=NOW + minutes(31)), NOW + minutes(31), "expired"),
        (approved(SEAL, FIRST, SECOND, at=NOW + minutes(5)), NOW, "clocks"),
        (approved(Seal(), FIRST, SECOND), NOW, "not-signed"),
        (tampered(BOTH, "request", user=STRANGER), NOW, "not-signed"),
        (tampered(BOTH, "request", digest="0" * 64), NOW, "not-signed"),
        (tampered(BOTH, "request", at=NOW + minutes(20)), NOW, "not-signed"),
        (tampered(BOTH, "message", ts="1.1"), NOW, "not-signed"),
        (tampered(BOTH, "approvals", user=STRANGER), NOW, "not-signed"),
        (tampered(BOTH, "approvals", at=NOW + minutes(1)), NOW, "not-signed"),
        (tampered(BOTH, "approvals", digest="0" * 64), NOW, "not-signed"),
        (tampered(BOTH, "proposal", subject="esa-a1"), NOW, "not-signed"),
        (BOTH.model_copy(update={"id": "01OTHER"}), NOW, "not-signed"),
    ],
)
def test_what_a_worker_does_not_run(remediation: Remediation, now: dt.datetime, reason: str) -> None:
    before = refusal(lambda: check_run(remediation, inventory_of(), SEAL, now))
    assert before == reason


def test_an_approver_removed_from_the_inventory_does_not_count() -> None:
    check_run(BOTH, inventory_of(), SEAL, NOW)
    assert refusal(lambda: check_run(BOTH, inventory_of(approvers=[FIRST]), SEAL, NOW)) == "not-approver"


@pytest.mark.parametrize(
    ("users", "plan", "reason"),
    [
        ((FIRST, SECOND), plan_of(evidence="f" * 64), "evidence-changed"),
        ((FIRST, SECOND), plan_of(effect="more than that"), "plan-changed"),
        ((FIRST,), plan_of(), "not-approved"),
        ((FIRST, FIRST), plan_of(), "not-approved"),
    ],
)
def test_which_plans_are_not_those_that_were_approved(users: tuple[str, ...], plan: Any, reason: str) -> None:
    assert refusal(lambda: check_plan(approved(SEAL, *users), plan)) == reason


def test_who_is_logged_in_does_not_change_a_plan() -> None:
    seen = plan_of().seen.model_copy(update={"others": ("admin (192.0.2.1)",), "at": NOW + minutes(1)})
    check_plan(BOTH, plan_of(seen=seen))
    assert plan_of(seen=seen).digest == plan_of().digest


@pytest.mark.parametrize(
    "change",
    [
        {"appliance": "esa-a1"},
        {"lines": plan_of().lines[:1]},
        {"effect": "x"},
        {"risk": "low"},
        {"undo": ()},
        {"approvals": 1},
        {"mode": "machine"},
        {"sites": ("site-b",)},
        {"notes": ("x",)},
        {"undoes": True},
    ],
)
def test_everything_that_approvers_see_is_in_the_digest(change: dict[str, Any]) -> None:
    assert plan_of(**change).digest != plan_of().digest


def test_inventory_of_the_tests_is_sound() -> None:
    assert isinstance(inventory_of(), Inventory)
