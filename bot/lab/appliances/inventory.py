"""The inventory of the simulated site: `sites.toml`, and a password file for each appliance."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from bot.lab.appliances.appliance import Appliance, Site
from bot.lab.appliances.network import LOOPBACK
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.parts import ACCOUNT
from bot.lab.appliances.ssh import SshServer


def write_inventory(
    directory: Path, site: Site, servers: Mapping[str, SshServer], settings: LabSettings
) -> Path:
    """Write everything into `directory` and return the path of `sites.toml`."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    tables = [_render_access()]
    for appliance in site.appliances:
        secret = directory.resolve() / f"{appliance.name}.password"
        _write_private(secret, appliance.accounts[ACCOUNT])
        tables.append(_render_appliance(appliance, servers[appliance.name], secret))
    tables.append(_render_site(site))
    if limits := _render_limits(settings):
        tables.append(limits)
    inventory = directory / "sites.toml"
    inventory.write_text("\n".join(tables), encoding="utf-8")
    return inventory


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _render_access() -> str:
    return '[access]\noperators = ["U0OPERATOR"]\napprovers = ["U0APPROVER", "U0SECOND"]\n'


def _render_appliance(appliance: Appliance, server: SshServer, secret: Path) -> str:
    return (
        f"[appliances.{appliance.name}]\n"
        f'product = "{appliance.model.product}"\n'
        f'host = "{LOOPBACK}"\n'
        f"port = {server.port}\n"
        f'address = "{appliance.address}"\n'
        f'username = "{ACCOUNT}"\n'
        f"password = {{ file = {json.dumps(str(secret))} }}\n"
        f'host_key = "{server.host_key}"\n'
    )


def _render_site(site: Site) -> str:
    esas = ", ".join(f'"{esa.name}"' for esa in site.esas)
    return f'[sites.site-a]\ntitle = "Site A"\nsma = "{site.sma.name}"\nesas = [{esas}]\nmode = "remediate"\n'


def _render_limits(settings: LabSettings) -> str:
    names = ("queue_recipients", "queue_age_minutes", "log_minutes")
    limits = {name: value for name in names if (value := getattr(settings, name)) is not None}
    if not limits:
        return ""
    return "[sites.site-a.limits]\n" + "".join(f"{name} = {value}\n" for name, value in limits.items())
