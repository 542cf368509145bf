"""What each fix types: from the details of its finding, never from anything that was stored."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.asyncos.ciphers import evaluate
from bot.asyncos.commands.commit import commit
from bot.asyncos.commands.delivernow import delivernow
from bot.asyncos.commands.reboot import reboot
from bot.asyncos.commands.resume import resume, suspend
from bot.asyncos.commands.resumedel import resumedel, suspenddel
from bot.asyncos.commands.resumetransfers import resumetransfers, suspendtransfers
from bot.asyncos.commands.sslconfig import sslconfig
from bot.asyncos.commands.sslconfig_outbound import sslconfig_outbound
from bot.model.command import Changing
from bot.model.errors import Garbled
from bot.model.finding import Detail
from bot.model.remediation_ports import Console

Details = Mapping[str, Detail]
Commands = tuple[Changing[Any], ...]

SUFFIX = ":-aNULL"


async def _read_nothing(console: Console) -> Details:
    return {}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a fix is done and taken back.

    `do` and `undo` make the commands of the details of the finding; where it stands no longer (an undo), `read`
    asks the appliance for them. They raise `Garbled` when no safe lines can be made. `rests_on` are the details
    whose change makes another plan. `notes` are texts that approvers must read. `away`: the appliance is gone for
    a while, and nothing that shows meanwhile means anything.
    """

    do: Callable[[Details], Commands]
    undo: Callable[[Details], Commands] | None = None
    read: Callable[[Console], Awaitable[Details]] = _read_nothing
    rests_on: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    commits: bool = False
    away: bool = False


def _deliver_now(details: Details) -> Commands:
    return (delivernow(str(details["host"])),)


def _remove_anonymous(details: Details) -> Commands:
    old, new = str(details["ciphers"]), str(details["new_ciphers"])
    outcome = evaluate(new)
    if outcome.anonymous or not outcome.suites or new != f"{old}{SUFFIX}":
        raise Garbled(f"the list {new!r} would not do: it admits anonymous suites, or selects none")
    return (sslconfig_outbound(old, new), commit("pvo: remove anonymous ciphers (TechNote 200068)"))


def _restore_anonymous(details: Details) -> Commands:
    old, new = str(details["ciphers"]), str(details["new_ciphers"])
    return (sslconfig_outbound(new, old), commit("pvo: restore the former cipher list"))


async def _read_ciphers(console: Console) -> Details:
    current = (await console.ask(sslconfig())).outbound_ciphers or ""
    if not current.endswith(SUFFIX):
        raise Garbled(
            f"the cipher list {current!r} does not end in {SUFFIX}, so there is nothing to take back"
        )
    return {"ciphers": current.removesuffix(SUFFIX), "new_ciphers": current}


RECIPES: Mapping[str, Recipe] = {
    "resume-receiving": Recipe(
        lambda details: (resume("cpq_listener"),),
        lambda details: (suspend(),),
        rests_on=("system_status",),
        notes=("note-backup",),
    ),
    "resume-transfers": Recipe(
        lambda details: (resumetransfers(),),
        lambda details: (suspendtransfers(),),
        rests_on=("system_status",),
        notes=("note-backup",),
    ),
    "resume-appliance": Recipe(
        lambda details: (resume(),), lambda details: (suspend(),), rests_on=("system_status",)
    ),
    "resume-delivery": Recipe(
        lambda details: (resumedel(),), lambda details: (suspenddel(),), rests_on=("system_status",)
    ),
    "deliver-now": Recipe(_deliver_now, rests_on=("host",)),
    "remove-anonymous-ciphers": Recipe(
        _remove_anonymous,
        _restore_anonymous,
        read=_read_ciphers,
        rests_on=("ciphers", "new_ciphers"),
        commits=True,
    ),
    "reboot-sma": Recipe(lambda details: (reboot(),), notes=("note-reboot",), away=True),
}
