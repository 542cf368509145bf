"""The inventory of the simulated site: `sites.toml`, and a password file for each appliance."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.lab.appliances.appliance import Appliance, Site
from bot.lab.appliances.network import LOOPBACK
from bot.lab.appliances.options import CPQ_PORT, LabSettings
from bot.lab.appliances.parts import ACCOUNT


@dataclass(frozen=True)
class InventoryDoor:
    """What a client needs to log in: port, pinned key, and a password or the text of a private key.

    `cpq_port` is where the appliance's CPQ listener really is: nobody but the appliances may dial its address.
    """

    port: int
    host_key: str
    kind: Literal["password", "key"]
    secret: str
    legacy: bool
    cpq_port: int


def write_inventory(
    directory: Path, site: Site, doors: Mapping[str, InventoryDoor], settings: LabSettings
) -> Path:
    """Write everything into `directory` and return the path of `sites.toml`."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, door in doors.items():
        _write_private(_place_secret(directory, name, door), door.secret)
    return write_sites(directory, site, doors, settings)


def write_sites(
    directory: Path, site: Site, doors: Mapping[str, InventoryDoor], settings: LabSettings
) -> Path:
    """Write `sites.toml` alone, at once, and return its path; the secrets stay as they are."""
    tables = [_render_access()]
    for appliance in site.appliances:
        door = doors[appliance.name]
        tables.append(_render_appliance(appliance, door, _place_secret(directory, appliance.name, door)))
    tables.append(_render_site(site, settings))
    if limits := _render_limits(settings):
        tables.append(limits)
    inventory, draft = directory / "sites.toml", directory / "sites.toml.new"
    draft.write_text("\n".join(tables), encoding="utf-8")
    draft.replace(inventory)
    return inventory


def _place_secret(directory: Path, name: str, door: InventoryDoor) -> Path:
    return directory.resolve() / f"{name}.{door.kind}"


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _render_access() -> str:
    return '[access]\noperators = ["U0OPERATOR"]\napprovers = ["U0APPROVER", "U0SECOND"]\n'


def _render_appliance(appliance: Appliance, door: InventoryDoor, secret: Path) -> str:
    return (
        f"[appliances.{appliance.name}]\n"
        f'product = "{appliance.model.product}"\n'
        f'host = "{LOOPBACK}"\n'
        f"port = {door.port}\n"
        f'address = "{appliance.known_as}"\n'
        f'cpq_probe = "{LOOPBACK}:{door.cpq_port}"\n'
        f'username = "{ACCOUNT}"\n'
        f"{door.kind} = {{ file = {json.dumps(str(secret))} }}\n"
        + (f'host_key = "{door.host_key}"\n' if appliance.pinned else "")
        + ("legacy_ssh = true\n" if door.legacy else "")
    )


def _render_site(site: Site, settings: LabSettings) -> str:
    esas = ", ".join(f'"{esa.name}"' for esa in site.esas)
    ports = {settings.shape.sma_port, settings.shape.esa_port}
    port = f"cpq_port = {ports.pop()}\n" if len(ports) == 1 and ports != {CPQ_PORT} else ""
    return (
        f'[sites.site-a]\ntitle = "Site A"\nsma = "{site.sma.name}"\nesas = [{esas}]\n'
        f'{port}mode = "remediate"\n'
    )


def _render_limits(settings: LabSettings) -> str:
    names = ("queue_recipients", "queue_age_minutes", "log_minutes")
    limits = {name: value for name in names if (value := getattr(settings, name)) is not None}
    if not limits:
        return ""
    return "[sites.site-a.limits]\n" + "".join(f"{name} = {value}\n" for name, value in limits.items())
