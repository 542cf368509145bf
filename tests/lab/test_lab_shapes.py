"""Every release, cluster and shape of the lab: it starts healthy, and speaks as that release does."""

import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.lab.appliances import Door, Lab, LabSettings, Manners, Shape, apply_traits
from bot.lab.appliances.releases import RELEASES, find_release
from tests.lab.cli_client import Cli, Logins

QUIET = LabSettings(
    message_interval=0, release_interval=0, retry_interval=60, connect_timeout=0.2, telnet_timeout=0.3
)
CLUSTER = "Old Cluster-with.dots"
TROUBLE = re.compile(r"\d{4} Info: (Connection Error|Delayed|[DI]CID \d+ (TLS failed|REJECT))")
VERSIONS = [release.name for release in RELEASES]


@asynccontextmanager
async def running(tmp_path: Path, shape: Shape, **parts: object) -> AsyncIterator[tuple[Lab, Logins]]:
    settings = replace(QUIET, shape=shape, **parts)  # type: ignore[arg-type]
    async with Lab(tmp_path, settings=settings) as lab, Logins(lab) as login:
        yield lab, login


SHAPES = {
    **{f"AsyncOS {version}": Shape(asyncos=version) for version in VERSIONS},
    "cluster": Shape(cluster=CLUSTER, esas=3),
    "old cluster": Shape(asyncos="8.5", cluster="C", esas=2),
    "one ESA": Shape(esas=1),
    "four ESAs": Shape(esas=4),
    "mixed releases": Shape(asyncos="15", versions={"sma-a": "11", "esa-a2": "8.0"}),
    "custom ports": Shape(sma_port=7026, esa_port=7027),
    "delivery interface": Shape(interfaces=("In", "Management"), delivery_interface="In"),
    "short names": Shape(domain=""),
    "another zone": Shape(zone=("CEST", 7200), clock_offsets={"esa-a1": -400}),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_mail_flows_both_ways_in_every_shape(tmp_path: Path, shape: Shape) -> None:
    async with running(tmp_path, shape) as (lab, _):
        await lab.settle()
        sma, *esas = lab.appliances.values()
        assert len(esas) == shape.esas
        assert lab.active_faults == ()
        for esa in esas:
            path = f"interface {esa.delivery_source} address {sma.address} port {shape.sma_port}$"
            assert esa.log.search(re.compile(path))
            assert esa.log.search(re.compile(r"Message done .* \(centralized policy quarantine\)$"))
            assert esa.log.search(re.compile(r"received from the SMA 10\.10\.10\.1 \(MID originally 101\)"))
        for appliance in (sma, *esas):
            assert not appliance.log.search(TROUBLE)
            with appliance.lock:
                assert not appliance.destination(appliance.cpq_host).waiting


def test_a_version_is_found_by_its_beginning() -> None:
    assert find_release("14.2").name == "14"
    assert find_release("15.0").name == "15"
    assert find_release("9.1.2").name == "9.1"
    with pytest.raises(ValueError, match=r"no AsyncOS '7' in the lab; known are 8\.0, 8\.5, 9\.1"):
        find_release("7")


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        (Shape(esas=5), "from 1 to 4 ESAs, not 5"),
        (
            Shape(versions={"esa-a9": "14"}),
            "no appliance 'esa-a9' in this lab; known are sma-a, esa-a1, esa-a2",
        ),
        (Shape(interfaces=("In",)), "'Management' among them"),
        (Shape(delivery_interface="Out"), "no interface 'Out'"),
        (Shape(asyncos="17"), "no AsyncOS '17'"),
    ],
)
def test_a_shape_that_cannot_be_is_refused_in_a_sentence(
    tmp_path: Path, shape: Shape, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Lab(tmp_path, settings=LabSettings(shape=shape))


# The same dialogue with every release


@dataclass(frozen=True)
class Wording:
    """What a release prints where another prints something else."""

    version: str
    welcome: str
    cipher_list: str
    method: str
    masking: str
    mask: str
    soft_bounces: str
    unknown: str


COLONS = "ciphers: RC4-SHA:RC4-MD5:ALL:-aNULL\n"
LINES = "ciphers:\n        MEDIUM\n        HIGH\n        -SSLv2\n        -aNULL\n        !RC4\n"
NEW = "ciphers:\n        HIGH\n        MEDIUM\n        -aNULL\n"
INCLUDE, MASK = "include passwords?", "mask the password?"
THREE, TWO = "3. Plain passphrases\n[1]> ", "2. Encrypt passphrases\n[1]> "
GATEWAY, VIRTUAL = "Messaging Gateway(tm) Appliance", "Email Security Virtual Appliance"
LAST, FOURTH = "5. Soft Bounced Events", "4. Soft Bounced Events"
OLD_UNKNOWN, UNKNOWN = "Unknown command: netstat", "Unknown command or missing feature key: netstat"
WORDINGS = {
    "8.0": Wording("8.0.2-069", GATEWAY, COLONS, "sslv3tlsv1", INCLUDE, "n", FOURTH, OLD_UNKNOWN),
    "8.5": Wording("8.5.6-106", GATEWAY, COLONS, "sslv3tlsv1", INCLUDE, "n", FOURTH, OLD_UNKNOWN),
    "9.1": Wording("9.1.2-041", GATEWAY, COLONS, "sslv3tlsv1", MASK, "y", LAST, OLD_UNKNOWN),
    "9.6": Wording("9.6.0-051", GATEWAY, LINES, "tlsv1/tlsv1.2", MASK, "y", LAST, UNKNOWN),
    "11": Wording("11.0.1-027", GATEWAY, LINES, "tlsv1/tlsv1.2", THREE, "1", LAST, UNKNOWN),
    "14": Wording("14.2.0-620", VIRTUAL, NEW, "tlsv1.1/tlsv1.2", TWO, "1", LAST, UNKNOWN),
    "15": Wording("15.0.0-104", VIRTUAL, NEW, "tlsv1.1/tlsv1.2", TWO, "1", LAST, UNKNOWN),
    "15.5": Wording("15.5.1-055", VIRTUAL, NEW, "tlsv1.2/tlsv1.3", TWO, "1", LAST, UNKNOWN),
    "16": Wording("16.0.0-050", VIRTUAL, NEW, "tlsv1.2/tlsv1.3", TWO, "1", FOURTH, UNKNOWN),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("cluster", [None, CLUSTER], ids=["alone", "clustered"])
async def test_every_release_answers_in_its_own_words(
    tmp_path: Path, version: str, cluster: str | None
) -> None:
    words = WORDINGS[version]
    async with running(tmp_path, Shape(asyncos=version, cluster=cluster)) as (lab, login):
        cli = await login("esa-a1", prompt=f"(Machine {lab.appliances['esa-a1'].host})> " if cluster else "")
        assert f"\nVersion: {words.version}\n" in await cli.run("version")
        assert re.search(r"^System status: +[Oo]nline$", await cli.run("status"), re.MULTILINE)
        assert words.soft_bounces in await cli.run("tophosts", "1")
        assert words.unknown in await cli.run("netstat")
        settings = await cli.run("sslconfig", "")
        assert words.cipher_list in settings
        assert settings.casefold().count("outbound smtp method:  " + words.method) == 1
        assert ("GUI HTTPS method" in settings) is (version != "8.0")
        cli.send("showconfig\r")
        assert words.masking in (await cli.until("]> ")).replace("\r\n", "\n")
        configuration = await cli.run(words.mask)
        assert "*****" in configuration
        assert "<listener_name>cpq_listener</listener_name>" in configuration
        assert "José Núñez" in configuration
    greeting = lab.appliances["esa-a1"].model
    assert greeting.title.endswith(words.welcome)


async def edit_outbound(cli: Cli, ciphers: str) -> str:
    return await cli.run("sslconfig", "OUTBOUND", "", ciphers, "")


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_outbound_list_is_edited_in_one_line_on_every_release(tmp_path: Path, version: str) -> None:
    async with running(tmp_path, Shape(asyncos=version, esas=1)) as (lab, login):
        cli, esa = await login("esa-a1"), lab.appliances["esa-a1"]
        before = esa.configuration["ssl_outbound_ciphers"]
        assert f"[{before}]> " in await edit_outbound(cli, f"{before}:!eNULL")
        assert esa.configuration["ssl_outbound_ciphers"] == before
        assert "Changes committed: " in await cli.run("commit", "no null ciphers", "")
        assert esa.configuration["ssl_outbound_ciphers"] == f"{before}:!eNULL"
        lab.quarantine("esa-a1")
        await lab.settle()
        assert not esa.log.search(TROUBLE)


# Clusters


async def clustered(login: Logins, lab: Lab, mode: str = "Machine esa-a1.example.com") -> Cli:
    return await login("esa-a1", prompt=f"({mode})> ")


def in_mode(cli: Cli, mode: str) -> Cli:
    cli.prompt = f"({mode})> "
    return cli


@pytest.mark.parametrize("kind", ["machine", "group", "cluster"])
async def test_a_login_may_land_in_any_mode(tmp_path: Path, kind: str) -> None:
    modes = {
        "machine": "Machine esa-a1.example.com",
        "group": "Group Main_Group",
        "cluster": f"Cluster {CLUSTER}",
    }
    shape = Shape(cluster=CLUSTER, login_mode=kind)  # type: ignore[arg-type]
    async with running(tmp_path, shape) as (lab, login):
        cli = await clustered(login, lab, modes[kind])
        assert re.search(r"\d{4} GMT\n", await cli.run("date"))


async def test_a_restricted_command_offers_the_change_of_mode(tmp_path: Path) -> None:
    async with running(tmp_path, Shape(cluster=CLUSTER, login_mode="cluster")) as (lab, login):
        cli = await clustered(login, lab, f"Cluster {CLUSTER}")
        cli.send("interfaceconfig\r")
        question = await cli.until("[Y]> ")
        assert 'restricted to "machine" mode.  Would you like to switch to "machine" mode?' in question
        cli.send("n\r")
        await cli.until(cli.prompt)
        cli.send("interfaceconfig\r\r")
        machines = (await cli.until("[1]> ")).replace("\r\n", "\n")
        assert "1. esa-a1.example.com (group Main_Group)\n2. esa-a2.example.com (group" in machines
        text = await in_mode(cli, "Machine esa-a2.example.com").run("2", "")
        assert "1. Management (10.10.20.2/24" in text
        assert "esa-a2" not in await cli.run("telnet 10.10.20.2 1")


async def test_a_change_of_mode_may_end_with_its_command(tmp_path: Path) -> None:
    brief = Manners(switch_lasts=False)
    async with running(tmp_path, Shape(cluster=CLUSTER), manners=brief) as (lab, login):
        cli = await clustered(login, lab)
        assert "Group Main_Group:" in await cli.run("clusterconfig", "y", "list", "")


async def test_modes_change_by_questions_and_in_one_line(tmp_path: Path) -> None:
    async with running(tmp_path, Shape(cluster=CLUSTER)) as (lab, login):
        cli = await clustered(login, lab)
        await in_mode(cli, f"Cluster {CLUSTER}").run("clustermode", "1")
        await in_mode(cli, "Group Main_Group").run("clustermode group")
        await in_mode(cli, "Machine esa-a2.example.com").run("clustermode machine esa-a2.example.com")
        assert "No machine named x" in await cli.run("clustermode machine x")
        assert "Unknown mode: sideways" in await cli.run("clustermode sideways")
        in_mode(cli, f"Cluster {CLUSTER}")
        listed = await cli.run("clusterconfig", "y", "list", "")
        assert f"Cluster {CLUSTER}\n" in listed
        assert re.findall(r"Machine (\S+) \(Serial #: \S+\)", listed) == [
            "esa-a1.example.com",
            "esa-a2.example.com",
        ]


async def test_a_commit_in_cluster_mode_reaches_every_member(tmp_path: Path) -> None:
    async with running(tmp_path, Shape(cluster=CLUSTER)) as (lab, login):
        first, second = lab.appliances["esa-a1"], lab.appliances["esa-a2"]
        cli = await clustered(login, lab)
        await edit_outbound(cli, "HIGH:-aNULL")
        await cli.run("commit", "", "")
        assert first.configuration["ssl_outbound_ciphers"] == "HIGH:-aNULL"
        assert second.configuration["ssl_outbound_ciphers"] == "HIGH:MEDIUM:-aNULL"
        await in_mode(cli, f"Cluster {CLUSTER}").run("clustermode cluster")
        await edit_outbound(cli, "HIGH:!aNULL")
        assert f"ssl_outbound_ciphers (Cluster {CLUSTER})" in await cli.run("showchanges")
        await cli.run("commit", "", "")
        for esa in (first, second):
            assert esa.configuration["ssl_outbound_ciphers"] == "HIGH:!aNULL"


async def test_stand_alone_appliances_know_no_cluster(tmp_path: Path) -> None:
    async with running(tmp_path, Shape()) as (_, login):
        cli, sma = await login(), await login("sma-a")
        assert "not part of a cluster" in await cli.run("clustermode")
        assert "1. No, configure as standalone.\n" in await cli.run("clusterconfig", "1")
        assert "Unknown command" in await sma.run("clusterconfig")


# Clocks, interfaces, traits


async def test_clocks_differ_in_zone_and_offset_and_may_be_advanced(tmp_path: Path) -> None:
    shape = Shape(zone=("CEST", 7200), clock_offsets={"esa-a1": 3600})
    async with running(tmp_path, shape) as (lab, login):
        fast, right = lab.appliances["esa-a1"], lab.appliances["esa-a2"]
        assert 3590 < (fast.clock() - right.clock()).total_seconds() < 3610
        cli = await login()
        assert re.search(r"\d{4} CEST\n", await cli.run("date"))
        assert fast.log.search(re.compile("Time offset from UTC: 7200 seconds"))
        await lab.inject("sma-suspended")
        await lab.settle()
        lab.advance(2 * 86400)
        assert re.search(r"^Oldest Message: +2 days", await cli.run("status"), re.MULTILINE)
        assert 3590 < (fast.clock() - right.clock()).total_seconds() < 3610


async def test_the_delivery_interface_is_edited_and_decides_the_source(tmp_path: Path) -> None:
    shape = Shape(interfaces=("In", "Management"), delivery_interface="In")
    async with running(tmp_path, shape) as (lab, login):
        cli, esa = await login(), lab.appliances["esa-a1"]
        assert esa.delivery_source == "198.51.100.10"
        text = await cli.run("deliveryconfig", "SETUP", "3", "", "", "")
        assert "Default interface to deliver mail: In\n" in text
        assert "2. In (198.51.100.10/24: esa-a1.example.com)\n3. Management (10.10.20.1/24" in text
        assert text.count("Default interface to deliver mail: Management\n") == 1
        assert "was: In" in await cli.run("showchanges")
        await cli.run("commit", "", "")
        assert esa.delivery_source == "10.10.20.1"


def test_traits_change_the_settings_and_complain_in_sentences() -> None:
    words = ["pager", "round-trip=200", "sessions=1", "unknown=tlsverify,who", "esa-port=7030", "key"]
    settings = apply_traits(LabSettings(), words)
    assert settings.door == Door(methods=("publickey",), round_trip=0.2, sessions=1)
    assert settings.manners == Manners(force_pager=True, unknown=frozenset({"tlsverify", "who"}))
    assert settings.shape == Shape(esa_port=7030)


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("nope", "no trait 'nope'; known are keyboard-interactive, key, legacy-ssh, sessions=N"),
        ("sessions", "written sessions=N"),
        ("pager=3", "written pager"),
        ("sessions=0", "above 0"),
        ("latency=soon", "whole number"),
    ],
)
def test_an_unusable_trait_is_explained(word: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        apply_traits(LabSettings(), [word])


# The command line


def test_pvo_lab_takes_shape_and_traits(tmp_path: Path) -> None:
    words = ["--asyncos", "9.1", "--cluster", CLUSTER, "--esas", "1", "--port", "7030", "--with", "key"]
    arguments = [sys.executable, "-m", "bot", "lab", "--dir", str(tmp_path), *words]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    inventory = tomllib.loads(Path(line.removeprefix("inventory: ").strip()).read_text())
    site, appliances = inventory["sites"]["site-a"], inventory["appliances"]
    assert (site["esas"], site["cpq_port"]) == (["esa-a1"], 7030)
    assert all(table["legacy_ssh"] and "key" in table for table in appliances.values())


def test_pvo_lab_explains_what_it_cannot_do() -> None:
    mistakes = (["--with", "nope"], ["--asyncos", "7"], ["--fault", "nope"])
    started = [
        subprocess.Popen([sys.executable, "-m", "bot", "lab", *words], stderr=subprocess.PIPE, text=True)
        for words in mistakes
    ]
    for process in started:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 2
        assert re.fullmatch(r"There is no .*; known are .*\.\n", complaint)
