"""`deliveryconfig`: the default interface that mail leaves from."""

from bot.lab.appliances.appliance import DELIVERY_INTERFACE
from bot.lab.appliances.parts import AUTO
from bot.lab.appliances.session import Session


async def deliveryconfig(session: Session, arguments: str) -> None:
    """Print the default delivery interface, and edit it until Enter leaves the menu."""
    while True:
        await session.say(f"\nDefault interface to deliver mail: {session.setting(DELIVERY_INTERFACE)}\n")
        if not await session.ask_operation({"SETUP": "Configure mail delivery."}):
            return
        await _set_up(session)


async def _set_up(session: Session) -> None:
    appliance = session.appliance
    names = [AUTO, *(interface.name for interface in appliance.interfaces)]
    places = [f"{item.name} ({item.address}/24: {appliance.host})" for item in appliance.interfaces]
    current = names.index(session.setting(DELIVERY_INTERFACE)) + 1
    question = "Choose the default interface to deliver mail."
    number = await session.ask_number(question, [AUTO, *places], current)
    session.change(DELIVERY_INTERFACE, names[number - 1])
    await session.say()
    await session.ask_yes('Enable "Possible Delivery" (recommended)?', default=True)
    await session.ask(
        "Please enter the default system wide maximum outbound message delivery concurrency", "10000"
    )
