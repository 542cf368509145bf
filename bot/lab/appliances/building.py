"""Builds the site that a shape describes: appliances, their addresses, accounts, cluster and network."""

import asyncio
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from bot.lab.appliances.algorithms import choose_algorithms
from bot.lab.appliances.appliance import (
    DELIVERY_INTERFACE,
    Appliance,
    Blueprint,
    Cluster,
    Site,
)
from bot.lab.appliances.clock import Clock
from bot.lab.appliances.keys import KeyPair, create_key_pair
from bot.lab.appliances.network import Network
from bot.lab.appliances.options import MAX_ESAS, LabSettings, Shape
from bot.lab.appliances.parts import ACCOUNT, AUTO, COMMAND_CLIENT, MANAGEMENT, Interface, Model, Peer
from bot.lab.appliances.releases import Product, find_release
from bot.lab.appliances.tls import create_identity

FIRST_MIDS: dict[Product, int] = {"sma": 9001, "esa": 101}
SMA_ADDRESS = "10.10.10.1"


def judge_shape(shape: Shape) -> None:
    """Raise ValueError, in a sentence, for a shape that cannot be built."""
    if not 1 <= shape.esas <= MAX_ESAS:
        raise ValueError(f"The lab has from 1 to {MAX_ESAS} ESAs, not {shape.esas}.")
    names = [name for name, _ in _list_names(shape)]
    for name in (*shape.versions, *shape.clock_offsets):
        if name not in names:
            raise ValueError(f"There is no appliance {name!r} in this lab; known are {', '.join(names)}.")
    for version in (shape.asyncos, *shape.versions.values()):
        find_release(version)
    if MANAGEMENT not in shape.interfaces or len(set(shape.interfaces)) < len(shape.interfaces):
        raise ValueError(f"The interfaces need different names, and {MANAGEMENT!r} among them.")
    if shape.delivery_interface not in (AUTO, *shape.interfaces):
        raise ValueError(f"There is no interface {shape.delivery_interface!r} to deliver mail from.")


async def build_site(settings: LabSettings, key: KeyPair) -> Site:
    """The site, healthy and with every port closed. `key` belongs to the account of the inventory."""
    shape = settings.shape
    plans = list(_plan(shape))
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor() as pool:
        identities = await asyncio.gather(
            *(loop.run_in_executor(pool, create_identity, plan.name) for plan in plans)
        )
    appliances = [Appliance(plan, identity) for plan, identity in zip(plans, identities, strict=True)]
    site = Site(Network(), appliances[0], tuple(appliances[1:]))
    for appliance in appliances:
        appliance.door, appliance.manners = settings.door, settings.manners
        appliance.host_key = create_key_pair(choose_algorithms(appliance).host_key)
        appliance.accounts[ACCOUNT] = secrets.token_urlsafe(18)
        appliance.client_keys.add(key.public)
        others = [interface.address for interface in appliance.interfaces]
        site.network.register(appliance.host, appliance.address, *others)
    _introduce(site, shape)
    if shape.cluster:
        cluster = Cluster(shape.cluster, site.esas)
        for esa in site.esas:
            esa.cluster = cluster
    return site


def _list_names(shape: Shape) -> Iterator[tuple[str, Product]]:
    yield "sma-a", "sma"
    for number in range(1, shape.esas + 1):
        yield f"esa-a{number}", "esa"


def _plan(shape: Shape) -> Iterator[Blueprint]:
    for number, (name, product) in enumerate(_list_names(shape)):
        release = find_release(shape.versions.get(name, shape.asyncos))
        zone, offset = shape.zone
        yield Blueprint(
            name,
            Model(product, release, FIRST_MIDS[product]),
            f"{name}.{shape.domain}" if shape.domain else name,
            tuple(_number_interfaces(shape, number)) if number else (Interface(MANAGEMENT, SMA_ADDRESS),),
            Clock(zone, offset, shape.clock_offsets.get(name, 0.0)),
            shape.esa_port if number else shape.sma_port,
        )


def _number_interfaces(shape: Shape, esa: int) -> Iterator[Interface]:
    others = 0
    for name in shape.interfaces:
        if name == MANAGEMENT:
            yield Interface(name, f"10.10.20.{esa}")
        else:
            yield Interface(name, f"198.51.{100 + others}.{9 + esa}")
            others += 1


def _introduce(site: Site, shape: Shape) -> None:
    """Make SMA and ESAs known to each other, as adding and enabling does."""
    for esa in site.esas:
        esa.configuration[DELIVERY_INTERFACE] = shape.delivery_interface
        esa.cpq.peers = [site.sma.delivery_source]
        esa.accounts[COMMAND_CLIENT] = secrets.token_urlsafe(18)
        esa.client_keys.add(site.sma.client_key.public)
        account = (COMMAND_CLIENT, esa.accounts[COMMAND_CLIENT])
        site.sma.peers.append(Peer(esa.name, esa.address, *account, esa.host_key.public))
    for listener in site.sma.listeners:
        listener.peers = [esa.delivery_source for esa in site.esas]
