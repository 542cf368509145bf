"""`version`, `status`, `status detail`, `date`, `who`: what the appliance is and how it is."""

from datetime import datetime, timedelta

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.parts import find_oldest
from bot.lab.appliances.session import Session

UNITS = (("week", 604800), ("day", 86400), ("hour", 3600), ("min", 60), ("sec", 1))


async def version(session: Session, arguments: str) -> None:
    """Print product and release."""
    model = session.appliance.model
    await session.say(
        "\nCurrent Version\n"
        "===============\n"
        f"Product: {model.title}\n"
        f"Model: {model.name}\n"
        f"Version: {model.version}\n"
        "Build Date: 2022-06-24\n"
        "Install Date: 2022-09-13 09:21:40\n"
        f"Serial #: {session.appliance.serial}\n"
        "BIOS: 6.00\n"
        "CPUs: 2 expected, 2 allocated\n"
        "Memory: 6144 MB expected, 6144 MB allocated\n"
        "RAID: NA"
    )


async def status(session: Session, arguments: str) -> None:
    """Print the system status, counters and gauges; with `detail` also the rates."""
    detail = arguments.lower() == "detail"
    head = [] if detail else ['Enter "status detail" for more information.', ""]
    lines = [*head, *_summary(session.appliance), *_counters(session.appliance)]
    if detail:
        lines += _rates()
    await session.terminal.write_pages("\n".join([*lines, *_gauges(session.appliance, detail)]))


async def date(session: Session, arguments: str) -> None:
    """Print the appliance's clock."""
    await session.say(session.here.clock.stamp())


async def who(session: Session, arguments: str) -> None:
    """List who is logged in."""
    rows = [
        f"{login.user:10} {login.since:%H:%M:%S}     0s    {login.source:15} cli"
        for login in session.here.present
    ]
    await session.say("\n".join(["", "Username   Login Time  Idle  Remote Host     What", "=" * 56, *rows]))


def format_duration(duration: timedelta) -> str:
    """`4 weeks 46 mins 53 secs`."""
    left, words = max(int(duration.total_seconds()), 1), []
    for unit, size in UNITS:
        number, left = divmod(left, size)
        if number:
            words.append(f"{number} {unit}{'s' if number > 1 else ''}")
    return " ".join(words)


def _format_uptime(started: datetime, now: datetime) -> str:
    minutes, seconds = divmod(int((now - started).total_seconds()), 60)
    return f"{minutes}m {seconds}s"


def _summary(appliance: Appliance) -> list[str]:
    clock = appliance.clock
    now = clock()
    with appliance.lock:
        entry = find_oldest(appliance.destinations.values())
    oldest = format_duration(now - entry.since) if entry else "No Messages"
    facts = {
        "Status as of:": clock.describe(now),
        "Up since:": f"{clock.describe(appliance.started)} ({_format_uptime(appliance.started, now)})",
        "Last counter reset:": "Never",
        "System status:": appliance.system_status,
        "Oldest Message:": oldest,
    }
    if appliance.transfers_suspended:
        facts["Transfers:"] = "Suspended"
    return [f"{name:31}{value}" for name, value in facts.items()]


def _counters(appliance: Appliance) -> list[str]:
    received = appliance.last("mid") - appliance.model.first_mid + 1
    with appliance.lock:
        delivered = sum(row.delivered for row in appliance.destinations.values())
        soft = sum(row.soft_bounced for row in appliance.destinations.values())
    rows = (
        ("Messages Received", received),
        ("Soft Bounced Events", soft),
        ("Delivered Recipients", delivered),
    )
    ids = (
        ("Message ID (MID)", "mid"),
        ("Injection Conn. ID (ICID)", "icid"),
        ("Delivery Conn. ID (DCID)", "dcid"),
    )
    return [
        "",
        f"{'Counters:':34}{'Reset':>15}{'Uptime':>15}{'Lifetime':>15}",
        *(f"  {name:32}{number:15,}{number:15,}{number:15,}" for name, number in rows),
        "  Current IDs",
        *(f"    {name:30}{appliance.last(kind):45}" for name, kind in ids),
    ]


def _rates() -> list[str]:
    return [
        "",
        f"{'Rates (Events Per Hour):':34}{'1-Minute':>15}{'5-Minutes':>15}{'15-Minutes':>15}",
        *(f"  {name:32}{0:15}{0:15}{0:15}" for name in ("Messages Received", "Delivered Recipients")),
    ]


def _gauges(appliance: Appliance, detail: bool) -> list[str]:
    with appliance.lock:
        rows = list(appliance.destinations.values())
        quarantined = len(appliance.quarantine)
        attempted = sum(len(row.waiting) for row in rows if row.down)
        active = sum(len(row.waiting) for row in rows)
        outbound = sum(row.connections for row in rows)
    gauges: dict[str, object] = {}
    if detail:
        gauges |= {"RAM Utilization": "12%", "CPU Utilization": "3%", "Disk I/O Utilization": "0%"}
        gauges |= {"Resource Conservation": appliance.conserving}
    gauges |= {"Current Inbound Conn.": 0, "Current Outbound Conn.": outbound, "Active Recipients": active}
    if detail:
        gauges |= {"Unattempted Recipients": active - attempted, "Attempted Recipients": attempted}
        gauges |= {"Destinations In Memory": len(rows)}
    gauges |= {"Messages In Work Queue": 0, "Messages In Quarantine": quarantined}
    gauges |= {"Kilobytes Used": active * 2, "Kilobytes In Quarantine": quarantined * 2}
    gauges |= {"Kilobytes Free": "8,388,608"}
    return [
        "",
        f"{'Gauges:':34}{'Current':>15}",
        *(f"  {name:32}{value:>15}" for name, value in gauges.items()),
    ]
