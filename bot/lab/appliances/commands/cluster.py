"""`clustermode`, `clusterconfig`, and the question that a command in the wrong mode asks."""

from typing import cast

from bot.lab.appliances.appliance import Cluster
from bot.lab.appliances.modes import build_mode, required_kind
from bot.lab.appliances.options import Mode as Kind
from bot.lab.appliances.session import Session

NOT_CLUSTERED = "This machine is not part of a cluster."
JOINING = (
    "No, configure as standalone.",
    "Create a new cluster.",
    "Join an existing cluster over SSH.",
    "Join an existing cluster over CCS.",
)
KINDS: tuple[Kind, ...] = ("cluster", "group", "machine")


async def clustermode(session: Session, arguments: str) -> None:
    """Change to cluster, group or machine mode, by questions or in one line."""
    cluster = session.here.cluster
    if cluster is None:
        await session.say(f"\n{NOT_CLUSTERED}")
        return
    kind, _, name = arguments.partition(" ")
    if not kind:
        titles = [item.title() for item in KINDS]
        await _switch(session, cluster, KINDS[await session.ask_number("Choose the mode.", titles) - 1])
        return
    if kind.lower() not in KINDS:
        await session.say(f"\nUnknown mode: {kind}")
        return
    if kind.lower() == "machine" and name:
        await _switch_to_machine(session, cluster, name.strip())
    else:
        await _switch(session, cluster, cast(Kind, kind.lower()))


async def clusterconfig(session: Session, arguments: str) -> None:
    """List the members, in one line or from the menu; a machine that stands alone may join, in theory."""
    cluster = session.here.cluster
    if cluster is None:
        if await session.ask_number("Do you want to join or create a cluster?", JOINING) > 1:
            await session.say("\nThis simulator creates and joins no cluster.")
        return
    if arguments:
        known = arguments.lower() == "list"
        await session.say(_list(cluster) if known else f"\nUnknown option: {arguments}")
        return
    await session.say(f"\nCluster {cluster.name}")
    operations = {
        "ADDGROUP": "Add a cluster group.",
        "SETGROUP": "Set the group that machines are a member of.",
        "REMOVEMACHINE": "Remove a machine from the cluster.",
        "LIST": "List the machines in the cluster.",
        "CONNSTATUS": "Show the status of connections between machines in the cluster.",
    }
    while operation := await session.ask_operation(operations):
        shown = _list(cluster) if operation == "LIST" else f"\n{operation} changes nothing in this simulator."
        await session.say(shown)


async def enter_required_mode(session: Session, command: str) -> bool:
    """Whether the command may run: in the wrong mode of a cluster it offers to change to the right one."""
    kind, cluster = required_kind(command), session.here.cluster
    if kind is None or cluster is None or (session.mode and session.mode.kind == kind):
        return True
    question = (
        f'This command is restricted to "{kind}" mode.  Would you like to switch to "{kind}"\nmode?'
    ).replace("\n", " ")
    await session.say()
    if not await session.ask_yes(question, default=True):
        return False
    await _switch(session, cluster, kind)
    return True


async def _switch(session: Session, cluster: Cluster, kind: Kind) -> None:
    machine = session.here.host
    if kind == "machine":
        machine = await _choose_machine(session, cluster)
    session.mode = build_mode(kind, cluster, machine)


async def _choose_machine(session: Session, cluster: Cluster) -> str:
    places = [f"{member.host} (group {cluster.group})" for member in cluster.members]
    number = await session.ask_number("Choose a machine.", places)
    return cluster.members[number - 1].host


async def _switch_to_machine(session: Session, cluster: Cluster, name: str) -> None:
    if name not in (member.host for member in cluster.members):
        await session.say(f"\nNo machine named {name} is in this cluster.")
        return
    session.mode = build_mode("machine", cluster, name)


def _list(cluster: Cluster) -> str:
    rows = [f"    Machine {member.host} (Serial #: {member.serial})" for member in cluster.members]
    return "\n".join(["", f"Cluster {cluster.name}", "=" * 60, f"  Group {cluster.group}:", *rows])
