"""Who may do what, asked of a real workspace; what cannot be found out is a refusal."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Workspace, WorkspaceSettings
from bot.lab.workspace.settings import SCOPES
from bot.slack.access import Identity, People, Refusal
from tests.slack import make
from tests.slack.office import give_second_id

ME = Identity(team="T0LOCAL", user="U0BOT", bot="B0BOT")
EVERYBODY = ("U0OPERATOR", "U0GUEST", "U0EXTERN", "U0FORMER", "U0BOT", "U0NOBODY")


def people_of(workspace: Workspace, *operators: str, clock: Callable[[], float] = float) -> People:
    client = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])
    inventory = make.inventory(operators=operators)
    return People(client, ME, lambda: inventory, clock=clock)


async def refusal(people: People, user: str, channel: str = "C0OPS") -> str:
    with pytest.raises(Refusal) as caught:
        await people.admit_operator(user, channel)
    return str(caught.value)


async def test_an_operator_may() -> None:
    async with Workspace() as workspace:
        await people_of(workspace, "U0OPERATOR").admit_operator("U0OPERATOR", "C0OPS")


async def test_a_member_of_a_listed_group_may() -> None:
    async with Workspace() as workspace:
        people = people_of(workspace, "S0MAILADMINS")
        assert people.listed("U0APPROVER")
        await people.admit_operator("U0APPROVER", "C0OPS")
        assert "not among the operators" in await refusal(people, "U0OPERATOR")


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("U0GUEST", "Guests"),
        ("U0EXTERN", "workspace that installed"),
        ("U0FORMER", "deactivated"),
        ("U0BOT", "Bots"),
        ("U0NOBODY", "users.info"),
        ("U0SECOND", "not among the operators"),
    ],
)
async def test_others_may_not_even_when_listed(user: str, said: str) -> None:
    async with Workspace() as workspace:
        assert said in await refusal(people_of(workspace, *EVERYBODY), user)


@pytest.mark.parametrize(
    ("channel", "said"),
    [("C0SHARED", "shared with another"), ("C0RANDOM", "/invite <@U0BOT>"), ("C0NOWHERE", "/invite")],
)
async def test_some_channels_are_refused(channel: str, said: str) -> None:
    async with Workspace() as workspace:
        assert said in await refusal(people_of(workspace, "U0OPERATOR"), "U0OPERATOR", channel)


async def test_an_empty_list_means_nobody() -> None:
    async with Workspace() as workspace:
        people = people_of(workspace)
        assert not people.listed("U0OPERATOR")
        assert "not among the operators" in await refusal(people, "U0OPERATOR")


async def test_a_missing_scope_refuses_and_is_named() -> None:
    settings = WorkspaceSettings(scopes=tuple(scope for scope in SCOPES if scope != "users:read"))
    async with Workspace(settings) as workspace:
        assert "users:read" in await refusal(people_of(workspace, "U0OPERATOR"), "U0OPERATOR")


async def test_an_unreachable_slack_refuses() -> None:
    async with Workspace() as workspace:
        people = people_of(workspace, "U0OPERATOR")
    assert "did not answer users.info" in await refusal(people, "U0OPERATOR")


async def test_look_ups_are_remembered_for_a_minute_and_failures_never() -> None:
    time = [0.0]
    async with Workspace() as workspace:
        people = people_of(workspace, "U0OPERATOR", clock=lambda: time[0])
        assert "/invite" in await refusal(people, "U0OPERATOR", "C0RANDOM")
        workspace.state.channels["C0RANDOM"].members.add("U0BOT")
        await people.admit_operator("U0OPERATOR", "C0RANDOM")
    await people.admit_operator("U0OPERATOR", "C0RANDOM")
    time[0] = 61.0
    assert "did not answer" in await refusal(people, "U0OPERATOR", "C0RANDOM")


async def test_what_many_want_to_know_at_once_is_asked_once() -> None:
    async with Workspace() as workspace:
        people = people_of(workspace, "U0OPERATOR")
        crowd = (people.admit_operator("U0OPERATOR", "C0OPS") for _ in range(200))
        assert await asyncio.gather(*crowd) == [None] * 200


@pytest.mark.parametrize("listed", ["U0OPERATOR", "W0OLIVIA", "S0MAILADMINS"])
async def test_either_id_of_a_person_is_listed(listed: str) -> None:
    async with Workspace() as workspace:
        give_second_id(workspace, "U0OPERATOR", "U0OLIVIA", "W0OLIVIA")
        workspace.state.groups["S0MAILADMINS"] = ["W0OLIVIA"]
        people = people_of(workspace, listed)
        await people.admit_operator("U0OPERATOR", "C0OPS")
        assert await people.person_of("U0OPERATOR") == await people.person_of("U0OLIVIA") == "W0OLIVIA"
        assert await people.person_of("U0LUCIA") == ""
        assert "not among the operators" in await refusal(people, "U0LUCIA")


async def test_in_an_enterprise_only_slack_can_tell_who_is_listed() -> None:
    async with Workspace() as workspace:
        client = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])
        identity = replace(ME, enterprise="E0LOCAL")
        for operators in (("W0OLIVIA",), ()):
            inventory = make.inventory(operators=operators)
            people = People(client, identity, lambda: inventory)  # noqa: B023 - asked here
            assert people.listed("U0OPERATOR") is bool(operators)
