"""The simulated network: real connections between addresses that exist only in the lab."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from bot.lab.appliances.network import Network

ESA, SMA = "10.10.20.1", "10.10.10.1"
CPQ = (SMA, 7025)


@pytest.fixture
def network() -> Network:
    network = Network()
    network.register("sma.example.com", SMA)
    return network


@pytest.fixture
def listening(network: Network) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        network.attach(CPQ, server.getsockname()[1])
        yield server


def test_receiver_learns_the_senders_address(network: Network, listening: socket.socket) -> None:
    with network.connect(ESA, CPQ, timeout=5):
        accepted, (_, port) = listening.accept()
        accepted.close()
        assert network.take_source(port) == ESA


def test_a_stranger_comes_from_loopback(network: Network, listening: socket.socket) -> None:
    with socket.create_connection(listening.getsockname()):
        accepted, (_, port) = listening.accept()
        accepted.close()
        assert network.take_source(port) == "127.0.0.1"


def test_a_known_address_refuses_where_nobody_listens(network: Network) -> None:
    with pytest.raises(ConnectionRefusedError):
        network.connect(ESA, CPQ, timeout=5)


def test_detached_port_refuses(network: Network, listening: socket.socket) -> None:
    network.detach(CPQ)
    with pytest.raises(ConnectionRefusedError):
        network.connect(ESA, CPQ, timeout=5)


def test_firewall_drops_one_direction_from_one_source(network: Network, listening: socket.socket) -> None:
    network.drop(ESA, CPQ)
    with pytest.raises(TimeoutError):
        network.connect(ESA, CPQ, timeout=0.01)
    network.connect("10.10.20.2", CPQ, timeout=5).close()
    network.allow(ESA, CPQ)
    network.connect(ESA, CPQ, timeout=5).close()


def test_an_address_nobody_owns_times_out(network: Network) -> None:
    with pytest.raises(TimeoutError):
        network.connect(ESA, ("10.99.99.99", 7025), timeout=0.01)


def test_closing_the_network_wakes_who_waits(network: Network) -> None:
    network.drop(ESA, CPQ)
    woken = threading.Event()

    def wait() -> None:
        with pytest.raises(TimeoutError):
            network.connect(ESA, CPQ, timeout=60)
        woken.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    network.close()
    assert woken.wait(10)
    thread.join()


async def test_event_loop_connects_and_times_out_likewise(network: Network, listening: socket.socket) -> None:
    reader, writer = await network.open_connection(ESA, CPQ, timeout=5)
    accepted, (_, port) = await asyncio.to_thread(listening.accept)
    assert network.take_source(port) == ESA
    accepted.sendall(b"220 hello\r\n")
    assert await reader.readline() == b"220 hello\r\n"
    accepted.close()
    writer.close()
    await writer.wait_closed()
    network.drop(ESA, CPQ)
    with pytest.raises(TimeoutError):
        await network.open_connection(ESA, CPQ, timeout=0.01)


def test_names_and_addresses_resolve(network: Network) -> None:
    assert network.resolve("SMA.example.com") == SMA
    assert network.resolve("192.0.2.7") == "192.0.2.7"
    assert network.resolve("nowhere.example.com") is None
