"""`showconfig`: the configuration as XML, the hidden CPQ listener included."""

import hashlib
from xml.sax.saxutils import escape

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.clock import format_time
from bot.lab.appliances.commands.configuration import MAIL_LOGS
from bot.lab.appliances.parts import SSH_PORT, Listener
from bot.lab.appliances.session import Session

OPTIONS = (
    "Mask passphrases (Files with masked passphrases cannot be loaded using loadconfig command)",
    "Encrypt passphrases",
    "Plain passphrases",
)
MASK = "Do you want to mask the password? Files with masked passwords cannot be loaded using\nloadconfig command."
INCLUDE = (
    "Do you want to include passwords? Please be aware that a configuration without\n"
    "passwords will fail when reloaded with loadconfig."
)
FULL_NAME = "José Núñez"  # the file is in ISO-8859-1
LEVELS = {"error_logs": "Critical"}
FILLER = (
    "      <word>An entry of a long dictionary that every large site seems to have, number {number:08}</word>"
)


async def showconfig(session: Session, arguments: str) -> None:
    """Ask how to print passphrases, then print the configuration."""
    masked = await _ask_masking(session)
    lines = _render(session.appliance, masked)
    await session.terminal.write_pages("\n" + "\n".join(lines), encoding="latin-1")


async def _ask_masking(session: Session) -> bool:
    form = session.appliance.model.release.masking
    if form in ("two", "three"):
        options = OPTIONS if form == "three" else OPTIONS[:2]
        return await session.ask_number("Choose the passphrase option:", options) == 1
    await session.say()
    if form == "mask":
        return await session.ask_yes(MASK, default=True)
    return not await session.ask_yes(INCLUDE, default=False)


def _render(appliance: Appliance, masked: bool) -> list[str]:
    model = appliance.model
    filler = appliance.manners.configuration_size // 2
    tls = {name: value for name, value in appliance.configuration.items() if name.startswith("ssl_")}
    return [
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        '<!DOCTYPE config SYSTEM "config.dtd">',
        "",
        "<!--",
        f"  Product: {model.title}",
        f"  Model Number: {model.name}",
        f"  Version: {model.version}",
        f"  Serial Number: {appliance.serial}",
        f"  Current Time: {format_time(appliance.clock())}",
        "-->",
        "<config>",
        f"  <hostname>{appliance.host}</hostname>",
        f"  <timezone>{appliance.clock.zone}</timezone>",
        *_render_interfaces(appliance),
        *_render_accounts(appliance, masked),
        "  <ssl>",
        *(f"    <{name}>{escape(value)}</{name}>" for name, value in tls.items()),
        "  </ssl>",
        *_render_filler(filler),
        "  <listeners>",
        *(
            line
            for listener in appliance.listeners
            if listener.enabled
            for line in _render_listener(listener)
        ),
        "  </listeners>",
        *_render_logs(appliance.log_level),
        *_render_filler(filler),
        "</config>",
    ]


def _render_filler(size: int) -> list[str]:
    """At least `size` bytes of a configuration that has nothing to do with CPQ."""
    if not size:
        return []
    rows = size // len(FILLER.format(number=0)) + 1
    words = [FILLER.format(number=number) for number in range(rows)]
    return ["  <content_dictionaries>", *words, "  </content_dictionaries>"]


def _render_interfaces(appliance: Appliance) -> list[str]:
    lines = ["  <interfaces>"]
    for interface in appliance.interfaces:
        lines += [
            "    <interface>",
            f"      <interface_name>{interface.name}</interface_name>",
            f"      <ip>{interface.address}</ip>",
            f"      <phys_interface>{interface.name}</phys_interface>",
            "      <netmask>255.255.255.0</netmask>",
            f"      <sshd_port>{SSH_PORT}</sshd_port>",
            "    </interface>",
        ]
    return [*lines, "  </interfaces>"]


def _render_accounts(appliance: Appliance, masked: bool) -> list[str]:
    tag = "password" if appliance.model.release.hardware else "passphrase"
    lines = ["  <users>"]
    for user, password in appliance.accounts.items():
        secret = "*****" if masked else hashlib.sha256(password.encode()).hexdigest()
        lines += [
            "    <user>",
            f"      <username>{escape(user)}</username>",
            f"      <full_name>{FULL_NAME}</full_name>",
            f"      <{tag}>{secret}</{tag}>",
            "    </user>",
        ]
    return [*lines, "  </users>"]


def _render_listener(listener: Listener) -> list[str]:
    return [
        "    <listener>",
        f"      <listener_name>{listener.name}</listener_name>",
        f"      <protocol>{listener.protocol}</protocol>",
        f"      <interface_name>{listener.interface}</interface_name>",
        f"      <port>{listener.port}</port>",
        "      <listen_queue_size>50</listen_queue_size>",
        f"      <type>{'public' if listener.peers is None else 'private'}</type>",
        "      <hat>",
        *_render_hat(listener),
        "      </hat>",
        "      <rat>",
        "        <rat_entry>",
        "          <rat_address>ALL</rat_address>",
        "          <access>ACCEPT</access>",
        "        </rat_entry>",
        "      </rat>",
        "    </listener>",
    ]


def _render_hat(listener: Listener) -> list[str]:
    if listener.peers is None:
        return ["$ACCEPTED", "  ACCEPT {}", "ALL", "  $ACCEPTED (Everyone)"]
    return [
        "$RELAYED",
        "  RELAY {}",
        "$BLOCKED",
        "  REJECT {}",
        "RELAYLIST:",
        *(f"  {peer}" for peer in listener.peers),
        "    $RELAYED (Only select hosts can relay from this box)",
        "ALL",
        "  $BLOCKED (Everyone else)",
    ]


def _render_logs(level: str) -> list[str]:
    lines = ["  <log_subscriptions>"]
    for name in MAIL_LOGS:
        lines += [
            "    <log_text>",
            f"      <name>{name}</name>",
            "      <module>mail</module>",
            f"      <log_level>{LEVELS.get(name, level)}</log_level>",
            "    </log_text>",
        ]
    return [*lines, "  </log_subscriptions>"]
