"""Suspending, resuming, hurrying, rebooting: `suspend`, `resume` and their kin, `delivernow`, `reboot`."""

from bot.lab.appliances.parts import Listener
from bot.lab.appliances.session import Session

SECONDS = "Enter the number of seconds to wait before abruptly closing connections."


async def suspend(session: Session, arguments: str) -> None:
    """Stop receiving and delivery."""
    await session.ask(SECONDS, "30")
    await _suspend_receiving(session, session.appliance.listeners)
    await _suspend_delivery(session)


async def resume(session: Session, arguments: str) -> None:
    """Start receiving and delivery again."""
    await _resume_receiving(session, session.appliance.listeners)
    await _resume_delivery(session)


async def suspendlistener(session: Session, arguments: str) -> None:
    """Stop some or all listeners; only *All* reaches the hidden one."""
    listeners = await _choose(session, "suspend", suspended=False)
    await session.ask(SECONDS, "30")
    await _suspend_receiving(session, listeners)


async def resumelistener(session: Session, arguments: str) -> None:
    """Start some or all suspended listeners."""
    await _resume_receiving(session, await _choose(session, "resume", suspended=True))


async def suspenddel(session: Session, arguments: str) -> None:
    """Stop delivery."""
    await session.ask(SECONDS, "30")
    await _ask_domains(session, "suspend")
    await _suspend_delivery(session)


async def resumedel(session: Session, arguments: str) -> None:
    """Start delivery again."""
    await _ask_domains(session, "resume")
    await _resume_delivery(session)


async def suspendtransfers(session: Session, arguments: str) -> None:
    """Stop taking quarantined mail and reports over from the ESAs."""
    await session.ask("Enter the number of seconds to wait before suspending the transfers.", "30")
    session.appliance.set_transfers(suspended=True)
    await session.say("\nTransfers suspended.")


async def resumetransfers(session: Session, arguments: str) -> None:
    """Take mail and reports over again."""
    session.appliance.set_transfers(suspended=False)
    await session.say("\nReceiving transfers resumed.")


async def reboot(session: Session, arguments: str) -> None:
    """Go away for a moment; what was suspended stays so."""
    await session.ask(SECONDS, "30")
    await session.say("\nWaiting for listeners to exit...\nWaiting for outgoing deliveries to finish...")
    await session.say("System rebooting. Please wait while the queue is being closed...\n")
    await session.say("Closing CLI connection.")
    session.appliance.reboot(session.settings.reboot_time)


async def delivernow(session: Session, arguments: str) -> None:
    """Schedule waiting messages for immediate delivery."""
    choices = ("By recipient domain", "All messages")
    domain = "all recipients"
    if await session.ask_number("Please choose an option for scheduling immediate delivery.", choices) == 1:
        domain = await session.ask("Please enter the recipient domain to schedule for delivery.")
    if domain in ("all recipients", session.appliance.cpq_host):
        session.appliance.deliver_now()
    await session.say(f"\nRescheduling all messages to {domain} for immediate delivery.")


async def _choose(session: Session, verb: str, suspended: bool) -> list[Listener]:
    listeners = session.appliance.listeners
    named = [item for item in listeners if not item.hidden and item.suspended is suspended]
    question = f"Choose the listener(s) you wish to {verb}.\nSeparate multiple entries with commas."
    lines = [f"{number}. {name}" for number, name in enumerate(["All", *(item.name for item in named)], 1)]
    while True:
        answer = await session.ask("\n".join([question, *lines]), "1")
        numbers = [word.strip() for word in answer.split(",")]
        if all(word.isdecimal() and 1 <= int(word) <= len(lines) for word in numbers):
            break
        await session.say(f"\nValue must be an integer from 1 to {len(lines)}.")
    if "1" in numbers:
        return listeners
    return [named[int(word) - 2] for word in numbers]


async def _suspend_receiving(session: Session, listeners: list[Listener]) -> None:
    await session.say("\nWaiting for listeners to exit...")
    session.appliance.set_receiving(listeners, suspended=True)
    await session.say(f"Receiving suspended for {_name(listeners)}.")


async def _resume_receiving(session: Session, listeners: list[Listener]) -> None:
    stopped = [listener for listener in listeners if listener.suspended]
    session.appliance.set_receiving(stopped, suspended=False)
    await session.say(f"Receiving resumed for {_name(stopped)}." if stopped else "Receiving resumed.")


async def _suspend_delivery(session: Session) -> None:
    await session.say("Waiting for outgoing deliveries to finish...")
    session.appliance.set_delivery(suspended=True)
    await session.say("Mail delivery suspended.")


async def _resume_delivery(session: Session) -> None:
    if session.appliance.delivery_suspended:
        session.appliance.set_delivery(suspended=False)
        await session.say("Mail delivery resumed.")


async def _ask_domains(session: Session, verb: str) -> None:
    if session.appliance.model.release.asks_domains:
        await session.ask(f"Enter one or more domains [comma-separated] to {verb} delivery for.", "ALL")


def _name(listeners: list[Listener]) -> str:
    return ", ".join(listener.name for listener in listeners)
