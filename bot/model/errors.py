"""Every error of ours: its text is one sentence that a person can act on."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.model.finding import Detail, Exchange


class PvoError(Exception):
    """Something a person should read; `str()` of it is fit for a terminal and for Slack."""


class Unusable(PvoError):
    """A setting, a file or a call is unusable; the sentence names file, key and remedy."""


class Unjudged(PvoError):
    """A check ended without a judgement.

    To add a reason: raise `Skipped("no-mail-log", appliance=node.name)` and write `no-mail-log = "{appliance} …"`
    into `knowledge/texts/LANGUAGE/reasons.toml` of every language. The keywords are the text's placeholders.
    """

    def __init__(self, reason: str, **details: "Detail") -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class Skipped(Unjudged):
    """A check does not apply here: the product, its release or its state does not have the thing."""


class CouldNotTell(Unjudged):
    """The answers do not decide; never to be read as healthy."""


class StateUnavailable(PvoError):
    """Redis could not be asked; whether it did what it was told is not known."""


class ProbeError(PvoError):
    """An appliance could not be asked, or its answer could not be read.

    `details` are what texts about it may name (host, port, fingerprints); whoever asked fills in the `exchange`.
    """

    def __init__(self, sentence: str, **details: str | int) -> None:
        super().__init__(sentence)
        self.details = details
        self.exchange: Exchange | None = None


class Unreachable(ProbeError):
    """No route, no name, or the network dropped every packet until the deadline of the connection."""


class Refused(ProbeError):
    """Nothing listens there: the connection was refused."""


class TimedOut(ProbeError):
    """The appliance was reached and then did not answer in time."""


class Rejected(ProbeError):
    """The login was refused: user name, password, key or access list."""


class HostKeyChanged(ProbeError):
    """The key that the appliance showed is not the pinned one; nothing was sent after that."""


class HostKeyMissing(ProbeError):
    """The inventory pins no host key, so the appliance is never logged in to."""


class NoCommonAlgorithm(ProbeError):
    """The SSH algorithms of both sides do not meet."""


class Disconnected(ProbeError):
    """The connection died in the middle of a conversation."""


class NotSent(ProbeError):
    """A line was not sent, because what it waited for ended first."""


class Garbled(ProbeError):
    """An answer or a question that no command of ours knows; quoted in the sentence. Nothing was changed."""


class RoleRefused(ProbeError):
    """The appliance does not let this account run the command, or does not know the command."""


class NotAllowed(PvoError):
    """A rule says no to a person or to a remediation; the sentence says which, and what to do instead.

    `people` are the user ids that it names.
    """

    def __init__(self, sentence: str, people: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.people = people
