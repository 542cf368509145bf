"""The simulated command line over real SSH: dialogues, pager, interruption, and what commands change."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import paramiko
import pytest

from bot.lab.appliances import Lab, LabSettings
from bot.lab.appliances.parts import ACCOUNT
from tests.lab.cli_client import LARGE, SMALL, Cli, Logins, connect

QUIET = LabSettings(
    message_interval=0, release_interval=0, retry_interval=60, connect_timeout=0.2, telnet_timeout=0.3
)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, settings=QUIET) as lab:
        yield lab


@pytest.fixture
async def login(lab: Lab) -> AsyncIterator[Logins]:
    async with Logins(lab) as logins:
        yield logins


# Logging in and out


async def test_banner_and_prompt_have_the_published_form(lab: Lab) -> None:
    async with connect(lab, "esa-a1") as connection:
        process = await connection.create_process(term_type="vt100", term_size=LARGE, encoding=None)
        banner = await Cli(process, "").until("esa-a1.example.com> ")
    lines = banner.split("\r\n")
    assert lines[0] == "AsyncOS 14.2.0 for Cisco C100V build 620"
    assert lines[2] == "Welcome to the Cisco C100V Email Security Virtual Appliance"
    assert lines[4].startswith("NOTE: This session will expire if left idle for 30 minutes.")
    assert lines[-2:] == ["", "esa-a1.example.com> "]


async def test_second_login_tells_of_the_first(lab: Lab, login: Logins) -> None:
    async with connect(lab, "esa-a1") as connection:
        await connection.create_process(term_type="vt100", encoding=None)
    async with connect(lab, "esa-a1") as connection:
        process = await connection.create_process(term_type="vt100", term_size=LARGE, encoding=None)
        banner = await Cli(process, "").until("> ")
    assert re.match(r"Last login: \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} from 127\.0\.0\.1\r\r\n", banner)
    assert lab.appliances["esa-a1"].logins == 2


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
async def test_paramiko_logs_in_against_the_pinned_key(lab: Lab, method: str) -> None:
    password = lab.appliances["sma-a"].accounts[ACCOUNT]
    kind, key = re.findall(r'host_key = "(\S+) (\S+)"', read(lab.inventory))[0]

    def converse() -> str:
        transport = paramiko.Transport(("127.0.0.1", lab.ssh_ports["sma-a"]))
        try:
            transport.start_client(timeout=10)
            server_key = transport.get_remote_server_key()
            assert (server_key.get_name(), server_key.asbytes()) == (kind, base64.b64decode(key))
            if method == "password":
                transport.auth_password(ACCOUNT, password, fallback=False)
            else:
                transport.auth_interactive(ACCOUNT, lambda *prompts: [password for _ in prompts[2]])
            channel = transport.open_session()
            channel.settimeout(10)
            channel.get_pty("vt100", *LARGE)
            channel.invoke_shell()
            text = b""
            while not text.endswith(b"sma-a.example.com> "):
                text += channel.recv(4096)
            return text.decode()
        finally:
            transport.close()

    assert "Cisco M300V Secure Email and Web Manager" in await asyncio.to_thread(converse)


def read(path: Path) -> str:
    return path.read_text()


async def test_a_wrong_password_is_refused(lab: Lab) -> None:
    lab.appliances["esa-a1"].accounts[ACCOUNT], right = "wrong", lab.appliances["esa-a1"].accounts[ACCOUNT]
    async with asyncssh.connect(
        "127.0.0.1", lab.ssh_ports["esa-a2"], username=ACCOUNT,
        password=lab.appliances["esa-a2"].accounts[ACCOUNT], known_hosts=None, config=None,
    ):  # fmt: skip
        pass
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            "127.0.0.1", lab.ssh_ports["esa-a1"], username=ACCOUNT, password=right,
            known_hosts=None, config=None,
        )  # fmt: skip
    assert lab.appliances["esa-a1"].logins == 0


async def test_several_sessions_share_a_connection(lab: Lab) -> None:
    async with connect(lab, "esa-a1") as connection:
        clients = []
        for _ in range(3):
            process = await connection.create_process(term_type="vt100", term_size=LARGE, encoding=None)
            clients.append(Cli(process, "esa-a1.example.com> "))
        await asyncio.gather(*(cli.until(cli.prompt) for cli in clients))
        answers = await asyncio.gather(*(cli.run("version") for cli in clients))
    assert all("Version: 14.2.0-620" in answer for answer in answers)
    assert lab.appliances["esa-a1"].logins == 1
    assert lab.appliances["esa-a1"].received == ["version"] * 3


async def test_exit_asks_only_with_uncommitted_changes(login: Logins) -> None:
    cli = await login()
    await cli.run("sslconfig", "OUTBOUND", "", "HIGH:-aNULL", "")
    text = await cli.run("exit", "n")
    assert "Configuration changes entered but not committed. Exiting will lose changes." in text
    assert "Are you sure you wish to exit? [N]> n\n" in text
    await cli.run("clear", "y")
    cli.send("exit\r")
    await cli.ended()


async def test_exec_mode_runs_commands_without_banner_and_prompt(lab: Lab) -> None:
    async with connect(lab, "esa-a1") as connection:
        result = await connection.run("version; date")
        asked = await connection.run("tophosts", input="1\n")
    assert (result.exit_status, result.stderr) == (0, "")
    assert re.match(r"\r\nCurrent Version\r\n=+\r\n.*\d{4} GMT\r\n\r\n$", str(result.stdout), re.DOTALL)
    assert "Recipient Host" in str(asked.stdout)
    assert lab.appliances["esa-a1"].received == ["version", "date", "tophosts", "1"]


async def test_sessions_and_login_attempts_are_kept_apart(lab: Lab, login: Logins) -> None:
    first, second = await login(), await login()
    await first.run("date")
    await second.run("version")
    esa = lab.appliances["esa-a1"]
    assert esa.received_by_session == [["date"], ["version"]]
    assert esa.login_attempts == [("keyboard-interactive", ACCOUNT)] * 2


# The terminal


async def test_without_a_terminal_nothing_is_echoed_or_paged(lab: Lab) -> None:
    async with connect(lab, "esa-a1") as connection:
        process = await connection.create_process(encoding=None)
        cli = Cli(process, "esa-a1.example.com> ")
        await cli.until(cli.prompt)
        cli.send("status detail\r")
        text = await cli.until(cli.prompt)
    assert text.startswith("Status as of:")
    assert "-Press" not in text


async def test_typed_characters_are_echoed_and_corrected(login: Logins) -> None:
    cli = await login()
    cli.send("dats\x7fe\r")
    text = await cli.until(cli.prompt)
    assert text.startswith("dats\b \be\r\n")
    assert re.search(r"\r\n?\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT\r\n", text)


async def test_line_feed_ends_a_line_once(lab: Lab, login: Logins) -> None:
    cli = await login()
    cli.send("date\r\ndate\n")
    await cli.until(cli.prompt)
    await cli.run("who")
    assert [line for line in lab.appliances["esa-a1"].received if line] == ["date", "date", "who"]


async def test_small_terminal_gets_the_pager_and_its_erasure(login: Logins) -> None:
    cli = await login(size=SMALL)
    cli.send("status detail\r")
    first = await cli.until("-Press Any Key For More-")
    assert first.count("\r\n") == 24  # the echo, then one screenful of 23 rows
    cli.send(" ")
    second = await cli.until(cli.prompt)
    assert second.startswith("\r" + " " * 25 + "\r")
    assert "Kilobytes Free" in second


async def test_large_terminal_gets_no_pager(login: Logins) -> None:
    cli = await login()
    assert "-Press" not in await cli.run("showconfig", "1")


async def test_narrow_terminal_wraps_hard(login: Logins) -> None:
    cli = await login(size=(40, 10000))
    text = await cli.run("grep Begin mail_logs")
    assert max(len(line) for line in text.splitlines()) <= 40
    assert "Begin Logfile" in text.replace("\n", "")


async def test_ctrl_c_returns_to_the_main_prompt_from_a_question(lab: Lab, login: Logins) -> None:
    cli = await login()
    cli.send("suspend\r")
    await cli.until("[30]> ")
    cli.send("\x03")
    assert await cli.until(cli.prompt) == f"^C\r\n{cli.prompt}"
    assert lab.appliances["esa-a1"].system_status == "Online"


async def test_ctrl_c_ends_a_connection_attempt(lab: Lab, login: Logins) -> None:
    await lab.inject("firewall-esa-to-sma")
    cli = await login()
    cli.send("telnet 10.10.10.1 7025\r")
    await cli.until("Trying 10.10.10.1...\r\n")
    cli.send("\x03")
    assert (await cli.until(cli.prompt)).startswith("^C\r\n")


async def test_unknown_command_is_named(login: Logins) -> None:
    cli = await login()
    assert "Unknown command or missing feature key: netstat\n" in await cli.run("netstat")


# Readings


async def test_status_follows_the_state(lab: Lab, login: Logins) -> None:
    cli = await login("sma-a")
    healthy = await cli.run("status")
    assert re.search(r"^Status as of: +\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} GMT$", healthy, re.MULTILINE)
    assert re.search(r"^System status: +Online$", healthy, re.MULTILINE)
    assert re.search(r"^Oldest Message: +No Messages$", healthy, re.MULTILINE)
    await lab.inject("sma-suspended")
    lab.release("esa-a1")
    suspended = await cli.run("status detail")
    assert re.search(r"^System status: +Offline$", suspended, re.MULTILINE)
    assert re.search(r"^Oldest Message: +\d+ secs?", suspended, re.MULTILINE)
    assert re.search(r"^ +Resource Conservation +0$", suspended, re.MULTILINE)


async def test_tophosts_asks_for_the_order_and_marks_what_is_down(lab: Lab, login: Logins) -> None:
    await lab.inject("sma-suspended")
    await lab.settle()
    text = await (await login()).run("tophosts", "9", "1")
    assert "Sort results by:\n\n1. Active Recipients\n2. Connections Out\n" in text
    assert "Value must be an integer from 1 to 5." in text
    assert re.search(r"^  1\*  the\.cpq\.host +1 +0 +3 +1 +0$", text, re.MULTILINE)
    assert re.search(r"^  2   example\.net +0 +0 +\d+ +0 +0$", text, re.MULTILINE)


async def test_showconfig_prints_the_hidden_listener(login: Logins) -> None:
    text = await (await login("sma-a")).run("showconfig", "1")
    assert text.startswith("\nChoose the passphrase option:\n1. Mask passphrases (Files with masked")
    listener = text[text.index("<listener_name>cpq_listener") : text.index("<rat>", text.index("cpq_"))]
    assert [line.strip() for line in listener.splitlines()] == [
        "<listener_name>cpq_listener</listener_name>",
        "<protocol>CPQ</protocol>",
        "<interface_name>Management</interface_name>",
        "<port>7025</port>",
        "<listen_queue_size>50</listen_queue_size>",
        "<type>private</type>",
        "<hat>",
        "$RELAYED",
        "RELAY {}",
        "$BLOCKED",
        "REJECT {}",
        "RELAYLIST:",
        "10.10.20.1",
        "10.10.20.2",
        "$RELAYED (Only select hosts can relay from this box)",
        "ALL",
        "$BLOCKED (Everyone else)",
        "</hat>",
        "",
    ]
    assert "<passphrase>*****</passphrase>" in text


async def test_showconfig_shows_who_is_missing_in_the_relaylist(lab: Lab, login: Logins) -> None:
    await lab.inject("peer-not-allowed")
    text = await (await login("sma-a")).run("showconfig", "")
    assert "10.10.20.2" not in text[text.index("cpq_listener") :]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("grep -i 'CENTRALIZED policy QUARANTINE' mail_logs", 6),
        ('grep "port 7025" mail_logs', 1),
        ('grep -i -e "the\\.cpq" mail_logs', 1),
        ("grep nothing-like-this mail_logs", 0),
        ("grep port error_logs", 0),
    ],
)
async def test_grep_finds_lines_with_their_heads(login: Logins, command: str, found: int) -> None:
    text = await (await login()).run(command)
    heads = re.findall(r"^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} Info: ", text, re.MULTILINE)
    assert len(heads) == found


async def test_grep_asks_when_called_without_arguments(login: Logins) -> None:
    text = await (await login()).run("grep", "99", "4", "cpq icid", "", "", "")
    assert "4. mail_logs" in text
    assert "Value must be an integer from 1 to 5." in text
    assert "Info: New CPQ ICID" in text


@pytest.mark.parametrize("command", ["grep", "grep -p x mail_logs", 'grep "(" mail_logs', "grep x nolog"])
async def test_grep_refuses_what_it_cannot_do(login: Logins, command: str) -> None:
    answers = ["4", "("] + [""] * 3 if command == "grep" else []
    assert "usage: grep" in await (await login()).run(command, *answers)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("deliveryconfig", "Default interface to deliver mail: Auto\n"),
        ("interfaceconfig", "1. Management (10.10.20.1/24 on Management: esa-a1.example.com)\n"),
        ("logconfig", " 4. mail_logs               IronPort Text Mail Logs         Manual Download     None"),
    ],
)
async def test_small_readers_list_and_leave_with_enter(login: Logins, command: str, expected: str) -> None:
    assert expected in await (await login()).run(command, "")


async def test_nslookup_knows_the_site(login: Logins) -> None:
    cli = await login()
    assert await cli.run("nslookup sma-a.example.com") == "A=10.10.10.1 TTL=30m\n\n"
    assert "A=" not in await cli.run("nslookup nowhere.example.com")


async def test_who_lists_the_session(login: Logins) -> None:
    assert re.search(r"^pvo +[\d:]{8} .* 127\.0\.0\.1", await (await login()).run("who"), re.MULTILINE)


# telnet


async def test_telnet_by_questions_reaches_the_listener_and_quits(lab: Lab, login: Logins) -> None:
    cli = await login()
    cli.send("telnet\r")
    menu = (await cli.until("[1]> ")).replace("\r\n", "\n")
    assert "1. Auto\n2. Management (10.10.20.1/24: esa-a1.example.com)\n" in menu
    cli.send("2\r")
    await cli.until("Enter the remote hostname or IP address.\r\n[]> ")
    cli.send("10.10.10.1\r")
    await cli.until("Enter the remote port.\r\n[25]> ")
    cli.send("7025\r")
    greeting = await cli.until("220 sma-a.example.com ESMTP\r\n")
    assert "Trying 10.10.10.1...\r\nConnected to 10.10.10.1.\r\nEscape character is '^]'.\r\n" in greeting
    cli.send("EHLO esa-a1.example.com\r")
    await cli.until("250 STARTTLS\r\n")
    cli.send("QUIT\r")
    assert "221 sma-a.example.com\r\nConnection closed by foreign host.\r\n" in await cli.until(cli.prompt)
    assert lab.appliances["sma-a"].log.search(re.compile("CPQ ICID .* address 10.10.20.1 "))


async def test_telnet_escape_leaves_the_session(login: Logins) -> None:
    cli = await login()
    cli.send("telnet 10.10.10.1 7025\r")
    await cli.until("ESMTP\r\n")
    cli.send("\x1d")
    await cli.until("telnet> ")
    cli.send("quit\r")
    assert (await cli.until(cli.prompt)).startswith("quit\r\nConnection closed.\r\n")


async def test_telnet_shows_the_ssh_banner_of_an_esa(login: Logins) -> None:
    cli = await login("sma-a")
    cli.send("telnet 10.10.20.1 22\r")
    assert "SSH-2.0-" in await cli.until("\r\n") + await cli.until("IPSSH-2.0\r\n")
    cli.send("\x1d")
    await cli.until("telnet> ")
    cli.send("quit\r")
    await cli.until(cli.prompt)


async def test_telnet_is_rejected_refused_or_times_out(lab: Lab, login: Logins) -> None:
    cli = await login("esa-a2")
    await lab.inject("peer-not-allowed")
    rejected = await cli.run("telnet 10.10.10.1 7025")
    assert "554-sma-a.example.com\n554 Your access" in rejected
    assert "Connection closed by foreign host.\n" in rejected
    await lab.inject("sma-suspended")
    assert (
        "telnet: connect to address 10.10.10.1: Connection refused\ntelnet: Unable to connect to remote host"
        in await cli.run("telnet 10.10.10.1 7025")
    )
    await lab.inject("firewall-esa-to-sma")
    assert "telnet: connect to address 10.10.10.1: Operation timed out" in await (await login()).run(
        "telnet 10.10.10.1 7025"
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("127.0.0.1 7025", "Invalid arguments when processing telnet:"),
        ("sma 7025", "Invalid arguments when processing telnet:"),
        ("10.10.10.1 smtp", "Invalid arguments when processing telnet:"),
        ("nowhere.example.com 7025", "nowhere.example.com: hostname nor servname provided, or not known"),
    ],
)
async def test_telnet_refuses_bad_targets(login: Logins, arguments: str, complaint: str) -> None:
    assert complaint in await (await login()).run(f"telnet {arguments}")


# Changes


def active(lab: Lab) -> list[str]:
    return list(lab.active_faults)


async def test_sslconfig_changes_wait_for_commit(lab: Lab, login: Logins) -> None:
    await lab.inject("anonymous-cipher")
    await lab.settle()
    esa, cli = lab.appliances["esa-a2"], await login("esa-a2")
    assert await cli.run("showchanges") == "\nThere are no configuration changes.\n\n"
    text = await cli.run("sslconfig", "OUTBOUND", "", "HIGH:MEDIUM:-aNULL", "")
    assert "  Outbound SMTP ciphers:\n        HIGH\n        MEDIUM\n\n" in text
    assert "Enter the outbound SMTP ssl cipher you want to use.\n[HIGH:MEDIUM]> HIGH:MEDIUM:-aNULL\n" in text
    assert "  Outbound SMTP ciphers:\n        HIGH\n        MEDIUM\n        -aNULL\n" in text
    assert "now: HIGH:MEDIUM:-aNULL" in await cli.run("showchanges")
    assert active(lab) == ["anonymous-cipher"]
    committed = await cli.run("commit", "exclude anonymous ciphers", "")
    assert "Please enter some comments describing your changes:\n[]> exclude" in committed
    assert "Do you want to save the current configuration for rollback? [Y]> \n" in committed
    assert "\nChanges committed: " in committed
    assert active(lab) == []
    esa.deliver_now()
    await lab.settle()
    assert esa.log.search(re.compile("DCID .* TLS success .* the.cpq.host$"))
    assert "There is no data to commit." in await cli.run("commit")


async def test_pressing_enter_through_sslconfig_changes_nothing(login: Logins) -> None:
    cli = await login()
    text = await cli.run("sslconfig", "outbound", "", "", "nonsense", "")
    assert "Unknown option: NONSENSE" in text
    assert "There are no configuration changes." in await cli.run("showchanges")


async def test_sslconfig_asks_again_for_an_unusable_list(login: Logins) -> None:
    cli = await login()
    text = await cli.run("sslconfig", "OUTBOUND", "", "HIGH: - aNULL", "", "")
    assert "HIGH: - aNULL is not a usable cipher list." in text
    assert "There are no configuration changes." in await cli.run("showchanges")


async def test_pending_changes_belong_to_one_session_and_clear_abandons_them(login: Logins) -> None:
    first, second = await login(), await login()
    await first.run("sslconfig", "OUTBOUND", "3", "", "")
    assert "no configuration changes" in await second.run("showchanges")
    assert "ssl_outbound_method" in await first.run("showchanges")
    await first.run("clear", "y")
    assert "no configuration changes" in await first.run("showchanges")


async def test_suspend_and_resume_of_the_sma(lab: Lab, login: Logins) -> None:
    cli = await login("sma-a")
    text = await cli.run("suspend", "")
    assert "Waiting for listeners to exit..." in text
    assert "Mail delivery suspended." in text
    assert active(lab) == ["sma-suspended"]
    resumed = await cli.run("resume")
    assert resumed.startswith("Receiving resumed for euq_listener, cpq_listener.\n")
    assert active(lab) == []
    probe = await login("esa-a1")
    probe.send("telnet 10.10.10.1 7025\r")
    await probe.until("220 sma-a.example.com ESMTP\r\n")


async def test_all_listeners_include_the_hidden_one_which_has_no_number(lab: Lab, login: Logins) -> None:
    cli, esa = await login(), lab.appliances["esa-a1"]
    text = await cli.run("suspendlistener", "7", "2", "")
    assert "1. All\n2. IncomingMail\n" in text
    assert "cpq_listener" not in text
    assert not esa.cpq.suspended
    await cli.run("suspendlistener", "1", "")
    assert esa.system_status == "Receiving suspended"
    assert "Receiving resumed for IncomingMail, cpq_listener." in await cli.run("resumelistener", "1")
    assert esa.system_status == "Online"


async def test_delivery_stops_and_starts(lab: Lab, login: Logins) -> None:
    cli, esa = await login(), lab.appliances["esa-a1"]
    await cli.run("suspenddel", "")
    assert esa.system_status == "Delivery suspended"
    lab.quarantine("esa-a1")
    assert re.search(r"the\.cpq\.host +1 +0 ", await cli.run("tophosts", ""))
    assert "Mail delivery resumed." in await cli.run("resumedel")
    await lab.settle()
    assert re.search(r"the\.cpq\.host +0 +0 ", await cli.run("tophosts", ""))


async def test_delivernow_does_not_wait_for_the_retry(lab: Lab, login: Logins) -> None:
    await lab.inject("peer-not-allowed")
    await lab.settle()
    cli = await login("esa-a2")
    lab.appliances["sma-a"].cpq.peers = ["10.10.20.1", "10.10.20.2"]
    text = await cli.run("delivernow", "1", "the.cpq.host")
    assert "Rescheduling all messages to the.cpq.host for immediate delivery." in text
    line = r"the\.cpq\.host +0 +0 +\d+ +1 "  # the retry itself would come after 60 s only
    async with asyncio.timeout(10):
        while not re.search(line, await cli.run("tophosts", "")):
            pass


async def test_everything_received_is_kept(lab: Lab, login: Logins) -> None:
    cli = await login("sma-a")
    await cli.run("tophosts", "1")
    await cli.run("showconfig", "1")
    assert lab.appliances["sma-a"].received == ["tophosts", "1", "showconfig", "1"]
