"""Pending changes, cluster members, the SMA's appliances and its test, the conservation gauge, who is logged in."""

import pytest

from bot.asyncos.commands.applianceconfig import (
    Known,
    applianceconfig_test,
    parse_applianceconfig,
    parse_test,
)
from bot.asyncos.commands.clusterconfig import parse_clusterconfig
from bot.asyncos.commands.showchanges import parse_showchanges
from bot.asyncos.commands.status_detail import is_conserving, parse_status_detail
from bot.asyncos.commands.who import Present, parse_who
from bot.asyncos.transfers import read_suspended_transfers
from bot.model.errors import Garbled

CHOSEN = "- TEST - Test it.\n[]> TEST\n\nChoose the appliance to test.\n1. esa-a1 (10.10.20.1)\n[1]> 1\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "There are no configuration changes.",
        "No changes have been made since the last commit.",
        "There is no data to commit.",
        "Nothing has been modified.",
    ],
)
def test_nothing_is_pending(text: str) -> None:
    assert not parse_showchanges(text).pending


@pytest.mark.parametrize(
    "text",
    [
        "Uncommitted changes:\n  ssl",
        "No changes to listeners\n  ssl: changed",
        "deliveryconfig",
        "Pending changes by admin exist.",
    ],
)
def test_whatever_else_is_printed_is_pending(text: str) -> None:
    assert parse_showchanges(text).pending


def test_members_of_a_cluster_are_listed_once() -> None:
    text = "Cluster Example Cluster\n====\n  Group Main_Group:\n    Machine a.example.com (Serial #: 1)\n" * 2
    cluster = parse_clusterconfig(text)
    assert (cluster.name, cluster.machines) == ("Example Cluster", ("a.example.com",))


@pytest.mark.parametrize(
    "text",
    [
        "Do you want to join or create a cluster?\n1. No, configure as standalone.\n[1]> 1",
        "This machine is not part of a cluster.",
    ],
)
def test_an_appliance_stands_alone(text: str) -> None:
    assert parse_clusterconfig(text).machines == ()


def test_something_else_is_no_list_of_members() -> None:
    with pytest.raises(Garbled, match="clusterconfig"):
        parse_clusterconfig("Please try again later.")


@pytest.mark.parametrize(
    "row",
    ["1. esa-a1 (10.10.20.1)", " 1. esa-a1                  10.10.20.1        ESA", "esa-a1: 10.10.20.1"],
)
def test_rows_of_the_list_of_appliances(row: str) -> None:
    assert parse_applianceconfig(f"Currently configured appliances:\n{row}\n") == (
        Known("esa-a1", "10.10.20.1"),
    )


@pytest.mark.parametrize(
    ("printed", "problem"),
    [
        ("Test succeeded.", None),
        ("Testing the connection to esa-a1 (10.10.20.1)...\nConnection OK.", None),
        ("Test failed.\n(3, 'Could not find matching key exchange algorithm.')", "algorithms"),
        ("Unexpected EOF on connect", "algorithms"),
        ("Error - The host key for 10.10.20.1 appears to have changed.", "host-key-changed"),
        ("Authentication failed for user smaduser.", "auth-failed"),
        ("The appliance rejected the passphrase.", "auth-failed"),
        ("(61, 'Connection refused')", "other"),
        ("Something went wrong: error 7", "other"),
    ],
)
def test_what_the_test_of_a_connection_says(printed: str, problem: str | None) -> None:
    tested = parse_test(
        f"{CHOSEN}{printed}\n\nChoose the operation you want to perform:\n- TEST - Test it.\n[]>"
    )
    assert tested.problem == problem
    assert tested.text == printed


def test_a_name_that_cannot_be_chosen_is_never_typed() -> None:
    with pytest.raises(Garbled):
        applianceconfig_test("esa a1; reboot")


@pytest.mark.parametrize(
    ("line", "gauge"),
    [
        ("  Resource Conservation                     0", "0"),
        ("Resource Conservation Mode: On", "On"),
        ("", None),
    ],
)
def test_the_gauge_of_resource_conservation(line: str, gauge: str | None) -> None:
    assert parse_status_detail(f"System status: Online\n{line}\n") == gauge


def test_a_page_without_a_status_says_nothing_of_the_gauge() -> None:
    with pytest.raises(Garbled):
        parse_status_detail("Please try again later.")


@pytest.mark.parametrize(
    ("gauge", "on"), [("0", False), ("Off", False), ("normal", False), ("1", True), ("On", True)]
)
def test_when_an_appliance_saves_its_resources(gauge: str, on: bool) -> None:
    assert is_conserving(gauge) is on


def test_who_is_logged_in_and_from_where() -> None:
    rows = ("pvo   07:44:01  0s  192.0.2.50  cli", "admin 1 2001:db8::7 gui")
    text = "\n".join(("Username   Login Time  Idle  Remote Host     What", "=====", *rows))
    assert parse_who(text) == (Present("pvo", "192.0.2.50"), Present("admin", "2001:db8::7"))
    with pytest.raises(Garbled):
        parse_who("nobody knows")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Transfers:                     Suspended", "Transfers:                     Suspended"),
        ("System status: Transfers suspended", "Transfers suspended"),
        ("Transfers: Running", None),
        ("Data transferred while suspended", None),
    ],
)
def test_suspended_transfers_in_a_status_page(line: str, words: str | None) -> None:
    assert read_suspended_transfers(f"System status: Online\n{line}\n") == words
