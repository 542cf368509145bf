"""The door against a small SSH server of its own: logins, host keys, sessions, deadlines, cancellation."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

import bot.probes.dial
import bot.probes.shell
import bot.probes.ssh
from bot.model.command import Reading
from bot.model.errors import (
    Disconnected,
    Garbled,
    HostKeyChanged,
    HostKeyMissing,
    NoCommonAlgorithm,
    ProbeError,
    Refused,
    Rejected,
    TimedOut,
    Unreachable,
    Unusable,
)
from bot.model.inventory import Inventory, Secret
from bot.probes.live import LiveDoors
from bot.probes.private_keys import read_private_key
from tests.probes.small import (
    PASSWORD,
    VERSION,
    Serve,
    SmallAppliance,
    ask,
    inventory,
    read_secret,
)

pytestmark = pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")

HANG = Reading("hang", str, timeout=60.0)
OLD = {
    "kex_algs": ["diffie-hellman-group14-sha1"],
    "encryption_algs": ["aes128-cbc"],
    "mac_algs": ["hmac-sha1"],
}


async def test_a_password_login_a_wide_terminal_and_an_exit(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    assert await ask(doors, inventory(appliance)) == ["Version: 15.0.1-416"]
    assert appliance.sizes == [(1000, 10000)]
    assert appliance.typed == ["version", "exit"]
    assert appliance.attempts == [PASSWORD]


async def test_leaving_answers_the_question_about_uncommitted_changes(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance(uncommitted=True))
    await ask(doors, inventory(appliance))
    assert appliance.typed == ["version", "exit", "Y"]


async def test_a_keyboard_interactive_login(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance(methods=("keyboard-interactive",)))
    assert await ask(doors, inventory(appliance)) == ["Version: 15.0.1-416"]


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
async def test_a_key_login(doors: LiveDoors, serve: Serve, tmp_path: Path, kind: str, form: str) -> None:
    key = asyncssh.generate_private_key(kind)
    (tmp_path / "key").write_bytes(key.export_private_key(form))
    appliance = await serve(SmallAppliance(methods=("publickey",), client_keys=(key.get_fingerprint(),)))
    answers = await ask(doors, inventory(appliance, key={"file": str(tmp_path / "key")}))
    assert answers == ["Version: 15.0.1-416"]


def test_every_ecdsa_key_can_be_read() -> None:
    """paramiko itself fails for about half of them, by chance."""
    for _ in range(20):
        key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
        read = read_private_key(key.export_private_key().decode(), legacy=False)
        assert read.asbytes() == key.public_data


@pytest.mark.parametrize("passphrase", [None, "secret"])
async def test_a_key_that_cannot_be_read(
    doors: LiveDoors, serve: Serve, tmp_path: Path, passphrase: str | None
) -> None:
    key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    text = key.export_private_key("pkcs8-pem", passphrase) if passphrase else b"not a key"
    (tmp_path / "key").write_bytes(text)
    appliance = await serve(SmallAppliance(methods=("publickey",)))
    with pytest.raises(Rejected, match="no private key that can be read"):
        await ask(doors, inventory(appliance, key={"file": str(tmp_path / "key")}))


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
async def test_a_refused_login_is_tried_once_a_run(serve: Serve, method: str) -> None:
    appliance = await serve(SmallAppliance(methods=(method,)))
    doors = LiveDoors(lambda secret: "wrong", threads=2)
    async with doors.open(inventory(appliance), "site-a") as appliances:
        for _ in range(2):
            with pytest.raises(Rejected, match=r"sma-a \(127\.0\.0\.1:\d+\) refused the login of pvo"):
                await appliances.converse("sma-a", VERSION)
    doors.close()
    assert (appliance.attempts, appliance.dialled) == (["wrong"], 1)


async def test_those_who_share_a_failed_login_get_errors_of_their_own(serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    doors = LiveDoors(lambda secret: "wrong", threads=2)
    async with doors.open(inventory(appliance), "site-a") as appliances:
        asked = (appliances.converse("sma-a", VERSION) for _ in range(3))
        errors = await asyncio.gather(*asked, return_exceptions=True)
    doors.close()
    assert {type(error) for error in errors} == {Rejected}
    assert len({id(error) for error in errors}) == 3


async def test_a_login_of_another_kind_is_named(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance(methods=("publickey",)))
    with pytest.raises(Rejected, match="it takes publickey"):
        await ask(doors, inventory(appliance))


async def test_a_secret_that_cannot_be_read_contacts_nobody(serve: Serve) -> None:
    def refuse(secret: Secret) -> str:
        raise Unusable("PVO_SMA is not set")

    appliance = await serve(SmallAppliance())
    doors = LiveDoors(refuse, threads=2)
    with pytest.raises(ProbeError, match="sma-a was not logged in to: PVO_SMA is not set"):
        await ask(doors, inventory(appliance))
    doors.close()
    assert appliance.dialled == 0


async def test_a_changed_host_key_stops_before_any_password(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    other = SmallAppliance()
    with pytest.raises(HostKeyChanged, match="no password was sent") as caught:
        await ask(doors, inventory(appliance, host_key=other.host_key))
    for key in (appliance.key, other.key):
        assert key.get_fingerprint() in str(caught.value)
    assert (appliance.attempts, appliance.logins, appliance.dialled) == ([], 0, 1)


async def test_a_host_key_of_another_type_is_a_changed_one(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    other = SmallAppliance(key_type="ecdsa-sha2-nistp256")
    with pytest.raises(HostKeyChanged):
        await ask(doors, inventory(appliance, host_key=other.host_key))


@pytest.mark.parametrize("pinned", [None, "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa !!", "{ecdsa}"])
async def test_without_a_pinned_host_key_nobody_is_contacted(
    doors: LiveDoors, serve: Serve, pinned: str | None
) -> None:
    appliance = await serve(SmallAppliance())
    if pinned == "{ecdsa}":
        pinned = appliance.host_key.replace("ssh-ed25519", "ecdsa-sha2-nistp256", 1)
    with pytest.raises(HostKeyMissing, match="sma-a was not contacted"):
        await ask(doors, inventory(appliance, host_key=pinned))
    assert appliance.dialled == 0


async def test_host_keys_from_known_hosts(doors: LiveDoors, serve: Serve, tmp_path: Path) -> None:
    appliance = await serve(SmallAppliance())
    file = tmp_path / "known_hosts"
    file.write_text(f"# ours\n[127.0.0.1]:{appliance.port} {appliance.host_key}\n")
    sites = inventory(appliance, host_key=None, known_hosts=str(file))
    assert await ask(doors, sites) == ["Version: 15.0.1-416"]
    file.write_text(f"[127.0.0.1]:{appliance.port} {SmallAppliance().host_key}\n")
    with pytest.raises(HostKeyChanged):
        await ask(doors, sites)
    file.write_text("")
    with pytest.raises(HostKeyMissing, match="has no entry for"):
        await ask(doors, sites)
    file.unlink()
    with pytest.raises(HostKeyMissing, match="cannot be read as known_hosts"):
        await ask(doors, sites)


@pytest.mark.parametrize("kex", ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"])
async def test_old_algorithms_only_where_the_inventory_says_so(
    doors: LiveDoors, serve: Serve, kex: str
) -> None:
    appliance = await serve(
        SmallAppliance(key_type="ssh-rsa", algorithms=OLD | {"kex_algs": [kex]}, only_ssh_rsa=True)
    )
    with pytest.raises(NoCommonAlgorithm, match=r"no SSH key exchange in common.*legacy_ssh = true"):
        await ask(doors, inventory(appliance))
    assert await ask(doors, inventory(appliance, legacy_ssh=True)) == ["Version: 15.0.1-416"]


async def test_group_exchange_with_sha1(doors: LiveDoors, serve: Serve) -> None:
    algorithms = OLD | {"kex_algs": ["diffie-hellman-group-exchange-sha1"], "encryption_algs": ["3des-cbc"]}
    appliance = await serve(SmallAppliance(key_type="ssh-rsa", algorithms=algorithms))
    assert await ask(doors, inventory(appliance, legacy_ssh=True)) == ["Version: 15.0.1-416"]


@pytest.mark.parametrize(
    ("algorithms", "named"),
    [
        ({"encryption_algs": ["aes128-cbc"]}, "no SSH cipher in common"),
        ({"mac_algs": ["hmac-sha1"], "encryption_algs": ["aes128-ctr"]}, "no SSH MAC in common"),
    ],
)
async def test_what_is_not_in_common_is_named(
    doors: LiveDoors, serve: Serve, algorithms: dict[str, list[str]], named: str
) -> None:
    appliance = await serve(SmallAppliance(key_type="ssh-rsa", algorithms=algorithms))
    with pytest.raises(NoCommonAlgorithm, match=named):
        await ask(doors, inventory(appliance))


async def test_an_sha1_host_key_signature_is_not_taken_by_default(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance(key_type="ssh-rsa", only_ssh_rsa=True))
    with pytest.raises(NoCommonAlgorithm, match="no SSH host key type in common"):
        await ask(doors, inventory(appliance))


async def test_a_legacy_key_login_with_sha1_signatures(
    doors: LiveDoors, serve: Serve, tmp_path: Path
) -> None:
    key = asyncssh.generate_private_key("ssh-rsa")
    (tmp_path / "key").write_bytes(key.export_private_key("pkcs1-pem"))
    appliance = await serve(
        SmallAppliance(
            methods=("publickey",),
            client_keys=(key.get_fingerprint(),),
            key_type="ssh-rsa",
            algorithms=OLD | {"signature_algs": ["ssh-rsa"]},
            only_ssh_rsa=True,
        )
    )
    sites = inventory(appliance, key={"file": str(tmp_path / "key")}, legacy_ssh=True)
    assert await ask(doors, sites) == ["Version: 15.0.1-416"]


async def test_a_closed_port_is_refused(doors: LiveDoors) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        with pytest.raises(Refused, match=rf"sma-a \(127\.0\.0\.1:{port}\) refused the connection"):
            await ask(doors, inventory(host_key=SmallAppliance().host_key, port=port))


async def test_a_name_that_cannot_resolve(doors: LiveDoors) -> None:
    with pytest.raises(Unreachable, match=r"no\.\.name does not resolve"):
        await ask(doors, inventory(host_key=SmallAppliance().host_key, host="no..name"))


async def test_a_network_that_drops_everything(doors: LiveDoors, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backlog of a listener that never accepts is full: the kernel drops what comes."""
    monkeypatch.setattr(bot.probes.dial, "CONNECT", 0.3)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        with pytest.raises(Unreachable, match=r"did not answer within 0\.3 s"):
            await ask(doors, inventory(host_key=SmallAppliance().host_key, port=listener.getsockname()[1]))


@contextlib.asynccontextmanager
async def raw_server(greeting: bytes, close: bool) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        if not close:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("greeting", "close", "error", "words"),
    [
        (b"", False, TimedOut, "no SSH handshake"),
        (b"", True, Disconnected, "ended the connection"),
        (b"HTTP/1.1 400 Bad Request\r\n" * 120, True, Garbled, "not answer like an SSH server"),
        (b"SSH-2.0-x\r\n", True, Disconnected, "ended the connection"),
    ],
)
async def test_who_is_no_ssh_server(
    doors: LiveDoors,
    monkeypatch: pytest.MonkeyPatch,
    greeting: bytes,
    close: bool,
    error: type[ProbeError],
    words: str,
) -> None:
    monkeypatch.setattr(bot.probes.ssh, "LOGIN", 0.5 if not close else 20.0)
    async with raw_server(greeting, close) as port:
        with pytest.raises(error, match=words):
            await ask(doors, inventory(host_key=SmallAppliance().host_key, port=port))


@pytest.mark.parametrize("limits", [{"channels": 1}, {"shells": 1}])
async def test_an_appliance_that_refuses_a_second_session_is_asked_over_one(
    doors: LiveDoors, serve: Serve, limits: dict[str, Any]
) -> None:
    answers = {f"command{number}": f"answer {number}\r\n" for number in range(6)}
    appliance = await serve(SmallAppliance(answers=answers, **limits))
    got = await ask(doors, inventory(appliance), *(Reading(line, str) for line in answers))
    assert got == [f"answer {number}" for number in range(6)]
    assert appliance.logins == 1


async def test_never_more_sessions_than_the_inventory_allows(doors: LiveDoors, serve: Serve) -> None:
    answers = {f"command{number}": f"answer {number}\r\n" for number in range(12)}
    appliance = await serve(SmallAppliance(answers=answers))
    await ask(doors, inventory(appliance, sessions=2), *(Reading(line, str) for line in answers))
    assert (appliance.most, appliance.logins) == (2, 1)


@pytest.mark.parametrize("limits", [{"channels": 0}, {"shells": 0}])
async def test_an_appliance_without_any_session_is_no_healthy_one(
    doors: LiveDoors, serve: Serve, limits: dict[str, Any]
) -> None:
    appliance = await serve(SmallAppliance(**limits))
    with pytest.raises(Disconnected, match="session"):
        await ask(doors, inventory(appliance), VERSION, VERSION)


async def test_an_appliance_that_refuses_a_terminal_is_no_healthy_one(doors: LiveDoors, serve: Serve) -> None:
    """Without one it would page and wrap as it likes."""
    appliance = await serve(SmallAppliance(terminals=False))
    with pytest.raises(Disconnected):
        await ask(doors, inventory(appliance))


async def test_a_request_that_is_never_answered_ends(
    doors: LiveDoors, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.probes.ssh, "OPENING", 0.3)
    monkeypatch.setattr(asyncssh.SSHServerChannel, "_process_pty_req_request", lambda channel, packet: None)
    appliance = await serve(SmallAppliance())
    with pytest.raises(TimedOut, match="did not answer in time"):
        await ask(doors, inventory(appliance))


async def test_appliances_are_asked_side_by_side_over_one_login_each(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    async with doors.open(inventory(appliance), "site-a") as appliances:
        await asyncio.gather(
            *(appliances.converse(name, VERSION) for name in ("sma-a", "esa-a") for _ in range(3))
        )
    assert appliance.logins == 2


async def test_a_command_without_answer_times_out_and_the_next_one_is_asked(
    doors: LiveDoors, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.probes.shell, "GRACE", 0.2)
    appliance = await serve(SmallAppliance())
    async with doors.open(inventory(appliance, sessions=1), "site-a") as appliances:
        with pytest.raises(TimedOut, match="'hang' was not answered in time"):
            await appliances.converse("sma-a", Reading("hang", str, timeout=0.2))
        assert await appliances.converse("sma-a", VERSION) == "Version: 15.0.1-416"
    assert appliance.logins == 1


async def test_a_connection_that_dies_in_an_answer(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    async with doors.open(inventory(appliance), "site-a") as appliances:
        for command in (Reading("die", str), VERSION):
            with pytest.raises(Disconnected, match="sma-a"):
                await appliances.converse("sma-a", command)
    assert appliance.dialled == 1


async def test_a_large_answer_arrives_whole(doors: LiveDoors, serve: Serve) -> None:
    lines = "".join(f"line {number} {'x' * 60}\r\n" for number in range(60_000))
    appliance = await serve(SmallAppliance(answers={"showconfig": lines}))
    [answer] = await ask(
        doors, inventory(appliance), Reading("showconfig", str, limit=32_000_000, timeout=60.0)
    )
    assert answer == lines.replace("\r\n", "\n").strip()


async def converse_until_cancelled(doors: LiveDoors, sites: Inventory, command: Reading[Any]) -> None:
    async with doors.open(sites, "site-a") as appliances:
        await appliances.converse("sma-a", command)


async def test_a_cancelled_run_leaves_no_thread_behind(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    run = asyncio.create_task(converse_until_cancelled(doors, inventory(appliance), HANG))
    await asyncio.wait_for(appliance.hanging.wait(), 20)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run


async def test_a_run_cancelled_in_the_login_leaves_no_thread_behind(doors: LiveDoors) -> None:
    async with raw_server(b"", close=False) as port:
        sites = inventory(host_key=SmallAppliance().host_key, port=port)
        run = asyncio.create_task(converse_until_cancelled(doors, sites, VERSION))
        await asyncio.wait([run], timeout=0.3)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run


async def test_a_cancelled_question_does_not_disturb_the_next(doors: LiveDoors, serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    async with doors.open(inventory(appliance, sessions=1), "site-a") as appliances:
        question = asyncio.create_task(appliances.converse("sma-a", HANG))
        await asyncio.wait_for(appliance.hanging.wait(), 20)
        question.cancel()
        await asyncio.gather(question, return_exceptions=True)
        assert await appliances.converse("sma-a", VERSION) == "Version: 15.0.1-416"


async def test_many_runs_share_few_threads(serve: Serve) -> None:
    appliance = await serve(SmallAppliance())
    doors = LiveDoors(read_secret, threads=2)
    answers = await asyncio.gather(*(ask(doors, inventory(appliance), VERSION, VERSION) for _ in range(8)))
    doors.close()
    assert answers == [["Version: 15.0.1-416"] * 2] * 8
