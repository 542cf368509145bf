"""The hidden CPQ listener, spoken to over real TCP and TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.lab.appliances import Lab, LabSettings
from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.tls import admits_anonymous, build_sender_context, expand_ciphers
from bot.lab.appliances.wire import Reply, Wire

QUIET = LabSettings(message_interval=0, release_interval=0)
ENDPOINT = ("10.10.10.1", 7025)
ALLOWED, STRANGER = "10.10.20.1", "10.10.20.99"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, settings=QUIET) as lab:
        yield lab


@pytest.fixture
def sma(lab: Lab) -> Appliance:
    return lab.appliances["sma-a"]


def converse(lab: Lab, *lines: str, source: str = ALLOWED) -> list[Reply]:
    wire = Wire(lab.network.connect(source, ENDPOINT, timeout=10))
    try:
        replies = [wire.read_reply()]
        for line in lines:
            wire.send(line)
            replies.append(wire.read_reply())
        return replies
    finally:
        wire.close()


def secure(lab: Lab, ciphers: str) -> tuple[bytes | None, str]:
    """The certificate (DER) that the SMA sends for a cipher list, and the suite agreed upon."""
    wire = Wire(lab.network.connect(ALLOWED, ENDPOINT, timeout=10))
    try:
        wire.read_reply()
        wire.send("STARTTLS")
        assert wire.read_reply().code == 220
        secured = wire.start_tls(build_sender_context(ciphers, "tlsv1.2"), server_side=False)
        suite = secured.cipher()
        assert suite is not None
        return secured.getpeercert(binary_form=True), suite[0]
    finally:
        wire.close()


async def test_an_allowed_peer_gets_220_and_starttls(lab: Lab) -> None:
    banner, ehlo = await asyncio.to_thread(converse, lab, "EHLO esa-a1.example.com")
    assert (banner.code, banner.text) == (220, "sma-a.example.com ESMTP")
    assert ehlo.text.splitlines() == ["sma-a.example.com", "8BITMIME", "SIZE 10485760", "STARTTLS"]


async def test_a_stranger_gets_554_and_is_logged(lab: Lab, sma: Appliance) -> None:
    (banner,) = await asyncio.to_thread(lambda: converse(lab, source=STRANGER))
    assert banner.code == 554
    log = "\n".join(sma.log.lines())
    assert f"address {STRANGER} reverse dns host unknown verified no" in log
    assert "REJECT SG None match ALL SBRS not enabled" in log


async def test_mail_needs_tls_first(lab: Lab) -> None:
    replies = await asyncio.to_thread(converse, lab, "EHLO x", "MAIL FROM:<>", "DATA", "QUIT")
    assert [reply.code for reply in replies] == [220, 250, 530, 503, 221]


async def test_unknown_commands_end_the_conversation(lab: Lab) -> None:
    replies = await asyncio.to_thread(converse, lab, *["XCLIENT"] * 5)
    assert replies[1] == Reply(500, "#5.5.1 command not recognized")
    assert replies[-1] == Reply(421, "Exceeded bad SMTP command limit, disconnecting.")


async def test_suspended_listener_refuses_until_resumed(lab: Lab, sma: Appliance) -> None:
    sma.set_receiving([sma.cpq], suspended=True)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.to_thread(converse, lab)
    sma.set_receiving([sma.cpq], suspended=False)
    assert (await asyncio.to_thread(converse, lab))[0].code == 220


@pytest.mark.parametrize("ciphers", ["HIGH:MEDIUM", "HIGH:MEDIUM:-aNULL"])
async def test_a_healthy_listener_always_sends_its_certificate(
    lab: Lab, sma: Appliance, ciphers: str
) -> None:
    certificate, _ = await asyncio.to_thread(secure, lab, ciphers)
    assert certificate == sma.identity.certificate


async def test_anonymous_preference_hides_it_only_from_lists_that_admit_it(lab: Lab, sma: Appliance) -> None:
    await lab.inject("anonymous-cipher")
    assert await asyncio.to_thread(secure, lab, "HIGH:MEDIUM") == (None, "AECDH-AES256-SHA")
    certificate, suite = await asyncio.to_thread(secure, lab, "HIGH:MEDIUM:-aNULL")
    assert certificate == sma.identity.certificate
    assert suite.startswith("ECDHE-RSA-")


async def test_the_alert_reaches_a_client_without_a_shared_cipher(lab: Lab) -> None:
    with pytest.raises(ssl.SSLError) as caught:
        await asyncio.to_thread(secure, lab, "ECDHE-ECDSA-AES256-GCM-SHA384")
    assert "HANDSHAKE_FAILURE" in str(caught.value.reason)


@pytest.mark.parametrize(
    ("ciphers", "anonymous"),
    [("HIGH:MEDIUM", True), ("HIGH:MEDIUM:-aNULL", False), ("-aNULL:ALL", True), ("DEFAULT", False)],
)
def test_a_list_admits_anonymous_suites_as_openssl_reads_it(ciphers: str, anonymous: bool) -> None:
    assert admits_anonymous(ciphers) is anonymous


def test_a_list_with_blanks_is_unusable() -> None:
    with pytest.raises(ssl.SSLError):
        expand_ciphers("HIGH:MEDIUM: - aNULL")
