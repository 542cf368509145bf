"""`showrecipients`, `hoststatus`, `oldmessage`: what waits in the delivery queue."""

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.parts import Destination, Waiting, find_oldest
from bot.lab.appliances.session import Session

HIDDEN_HOSTS = ("the.cpq.host", "the.cpq.release.host")
SENDER, RECIPIENT = "sender@example.com", "reader@example.com"
CHOICES = ("By recipient host.", "By Envelope From address.", "All.")
HEADING = """
MID/      Bytes/   Sender/                    Subject
[RID]     [Atmps]  Recipient"""


async def showrecipients(session: Session, arguments: str) -> None:
    """List waiting messages by host, by sender or all; the release queue of an SMA is out of reach."""
    appliance = session.appliance
    question = "Please select how you would like to show messages:"
    choice = await session.ask_number(question, CHOICES)
    wanted = ""
    if choice == 1:
        wanted = await session.ask("Please enter the hostname for the messages you wish to show.")
    elif choice == 2:
        wanted = await session.ask(
            "Please enter the Envelope From address for the messages you wish to show."
        )
    await session.say("\nShowing messages, please wait.")
    with appliance.lock:
        entries = [entry for row in _select(appliance, choice, wanted) for entry in row.waiting]
        lines = [line for entry in entries for line in _render(entry)]
    if lines:
        await session.terminal.write_pages("\n".join([HEADING, *lines]))
    else:
        await session.say("\nNo messages were found.")


async def hoststatus(session: Session, arguments: str) -> None:
    """Print one destination; the two of CPQ are no hosts to it."""
    host = arguments or await session.ask("Recipient host:")
    with session.appliance.lock:
        row = session.appliance.destinations.get(host)
        lines = [] if row is None or host in HIDDEN_HOSTS else _describe(session.appliance, row)
    await session.say("\n".join(lines) if lines else f"\nNo record of host {host}.")


async def oldmessage(session: Session, arguments: str) -> None:
    """Print MID and headers of the message that has waited longest."""
    appliance = session.appliance
    with appliance.lock:
        entry = find_oldest(appliance.destinations.values())
    if entry is None:
        await session.say("\nNo messages.")
        return
    await session.say(
        f"\nMID {entry.message.mid}\n"
        f"Received: from mail.example.org ([203.0.113.7]) by {appliance.host} with ESMTP\n"
        f"From: {SENDER}\nTo: {RECIPIENT}\nSubject: Testing"
    )


def _select(appliance: Appliance, choice: int, wanted: str) -> list[Destination]:
    rows = [row for row in appliance.destinations.values() if row.host != HIDDEN_HOSTS[1]]
    if choice == 1:
        return [row for row in rows if row.host == wanted]
    return rows if choice == 3 or wanted == SENDER else []


def _render(entry: Waiting) -> list[str]:
    return [
        f"{entry.message.mid:<9} {1230:<8} {SENDER:<26} Testing",
        f"{'[0]':<9} {f'[{entry.attempts}]':<8} {RECIPIENT}",
        "",
    ]


def _describe(appliance: Appliance, row: Destination) -> list[str]:
    facts = {
        "Host mail status for:": f"'{row.host}'",
        "Status as of:": appliance.clock.stamp(),
        "Host up/down:": "down" if row.down else "up",
        "Active Recipients:": f"{len(row.waiting):,}",
        "Current Outbound Connections:": f"{row.connections:,}",
        "Delivered Recipients:": f"{row.delivered:,}",
        "Soft Bounced Events:": f"{row.soft_bounced:,}",
    }
    return ["", *(f"{name:31}{value}" for name, value in facts.items())]
