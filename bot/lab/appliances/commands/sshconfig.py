"""`sshconfig`: the algorithms of the appliance's SSH server, as they are."""

from bot.lab.appliances.algorithms import choose_algorithms
from bot.lab.appliances.session import Session


async def sshconfig(session: Session, arguments: str) -> None:
    """Show the server's algorithms on SSHD or `list`; Enter leaves the menu."""
    if arguments.lower() == "list":
        await session.say(_list(session))
        return
    operations = {"SSHD": "Edit SSH server settings.", "USERKEY": "Edit SSH user key settings."}
    while operation := await session.ask_operation(operations):
        await session.say(_list(session) if operation == "SSHD" else "\nNo keys are configured.")


def _list(session: Session) -> str:
    algorithms = choose_algorithms(session.appliance)
    lists = {
        "Public Key Authentication Algorithms": algorithms.signatures,
        "Cipher Algorithms": algorithms.ciphers,
        "MAC Methods": algorithms.macs,
        "KEX Algorithms": algorithms.kex,
    }
    lines = ["", "ssh server config settings:"]
    for title, names in lists.items():
        lines += [f"{title}:", *(f"        {name}" for name in names)]
    return "\n".join([*lines, "Minimum Server Key Size:", "        1024"])
