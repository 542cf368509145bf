"""`interfaceconfig`, `logconfig`: what is configured, and a menu that Enter leaves."""

from bot.lab.appliances.session import Session

LOGS = (
    ("authentication", "Authentication Logs"),
    ("cli_logs", "CLI Audit Logs"),
    ("error_logs", "{brand} Text Mail Logs"),
    ("mail_logs", "{brand} Text Mail Logs"),
    ("status", "Status Logs"),
)
MAIL_LOGS = ("error_logs", "mail_logs")


async def interfaceconfig(session: Session, arguments: str) -> None:
    """List the IP interfaces."""
    await session.say("\nCurrently configured interfaces:")
    for number, interface in enumerate(session.appliance.interfaces, 1):
        place = f"{interface.address}/24 on {interface.name}: {session.appliance.host}"
        await session.say(f"{number}. {interface.name} ({place})")
    await _offer_menu(
        session,
        {
            "NEW": "Create a new interface.",
            "EDIT": "Modify an interface.",
            "GROUPS": "Define interface groups.",
            "DELETE": "Remove an interface.",
        },
    )


async def logconfig(session: Session, arguments: str) -> None:
    """List the log subscriptions."""
    await session.say(f"\n{list_logs(session)}\n")
    await _offer_menu(
        session,
        {
            "NEW": "Create a new log.",
            "EDIT": "Modify a log subscription.",
            "DELETE": "Remove a log subscription.",
            "SETUP": "General settings.",
            "LOGHEADERS": "Configure headers to log.",
            "HOSTKEYCONFIG": "Configure SSH host keys.",
        },
    )


def list_logs(session: Session) -> str:
    """The table of log subscriptions."""
    brand = "Cisco" if session.appliance.model.product == "sma" else "IronPort"
    rows = [
        f"{f'{number:2}. {name}':28}{kind.format(brand=brand):32}{'Manual Download':20}None"
        for number, (name, kind) in enumerate(LOGS, 1)
    ]
    heading = f"    {'Log Name':24}{'Log Type':32}{'Retrieval':20}Interval"
    return "\n".join(["Currently configured logs:", heading, "-" * 88, *rows])


async def _offer_menu(session: Session, operations: dict[str, str]) -> None:
    while operation := await session.ask_operation(operations):
        await session.say(f"\nThis simulator shows the list only; {operation} changes nothing here.")
