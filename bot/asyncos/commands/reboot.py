"""`reboot`: the appliance goes away and comes back; what was suspended stays so."""

from bot.asyncos.commands.resume import SECONDS
from bot.asyncos.reading import confirmed
from bot.model.command import Changing, Entry


def reboot() -> Changing[str]:
    """Acts after the default number of seconds for open connections; the session ends."""
    entries = (Entry("reboot"), Entry("", at=SECONDS, timeout=120.0))
    return Changing(entries, confirmed("reboot", r"rebooting|Closing CLI"), closes=True)
