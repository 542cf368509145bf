"""Types the lines of a plan: each is written down before it is sent, and sent only where its question stands."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.asyncos.commands.commit import clear
from bot.asyncos.commands.showchanges import showchanges
from bot.asyncos.commands.status import status
from bot.asyncos.reading import quote
from bot.diagnosis.redact import redact
from bot.model.command import Changing, Entry, Printed
from bot.model.errors import Disconnected, NotSent, ProbeError
from bot.model.finding import Detail
from bot.model.ports import Now
from bot.model.remediation import Event, Progress, Remediation
from bot.model.remediation_ports import Console, Ledger
from bot.remediation.approve import Denied, check_times
from bot.remediation.permission import Permit
from bot.remediation.recipes import Commands
from bot.remediation.rows import keep_lines, write_row

Tell = Callable[[str, Mapping[str, Detail]], str]
"""The sentence for a text of `remediation.toml`, in the language of the remediation."""


class Stopped(Exception):
    """The dialogue is not the planned one; its text says how it differs."""


class Typist:
    """Carries out the lines of one remediation that is started, on one console, once."""

    def __init__(
        self, remediation: Remediation, ledger: Ledger, console: Console, permit: Permit, now: Now
    ) -> None:
        self.remediation = remediation
        self._ledger, self._console, self._permit, self._now = ledger, console, permit, now
        self._question = False
        self._uncommitted = False

    async def apply(self, commands: Commands, tell: Tell) -> Remediation:
        """The remediation with all its progress; raises `Superseded` when it is no longer ours."""
        try:
            for command in commands:
                await self._carry_out(command, tell)
                self._uncommitted = command.pends
        except (Stopped, ProbeError) as error:
            why = (
                str(error) if isinstance(error, Stopped) else tell("ended-by", {"error": redact(str(error))})
            )
            return await self._stop(why, tell)
        return await self._note(done=True, clock=await self._read_clock())

    async def _carry_out(self, command: Changing[Any], tell: Tell) -> None:
        printed = Printed("", "prompt")
        for place, entry in enumerate(command.entries):
            if _fits(entry, printed):
                self._uncommitted = self._uncommitted or command.pends
                last = place == len(command.entries) - 1
                await self._write_down(entry)
                closes = command.closes and last
                printed = await self._send(entry, _expect(command.entries[place + 1 :]), tell, closes)
            elif not entry.optional:
                raise Stopped(_object(printed, tell))
        if printed.stands == "question":
            raise Stopped(_object(printed, tell))
        command.confirm(printed.text)

    async def _send(self, entry: Entry, expected: str, tell: Tell, closes: bool) -> Printed:
        """One line and the row after it; `closes`: the appliance may hang up instead of answering.

        Raises `Stopped` where it came too late, however long it took to write it down or to find a thread.
        """
        try:
            printed = await self._console.type(entry, expected, lambda: self._find_late(tell))
        except NotSent as late:
            progress = self._progress.model_copy(update={"sent": self._progress.sent - 1})
            await self._put(progress, "refused", (entry.line,), reason=str(late))
            raise Stopped(str(late)) from None
        except Disconnected as error:
            if not closes:
                raise
            printed = Printed(f"Closing CLI connection. ({error})", "prompt")
        self._question = printed.stands == "question"
        progress = self._progress.model_copy(update={"answered": self._progress.sent})
        await self._put(progress, "answered", keep_lines(printed.text))
        return printed

    async def _write_down(self, entry: Entry) -> None:
        progress = self._progress.model_copy(update={"sent": self._progress.sent + 1, "sent_at": self._now()})
        await self._put(progress, "sent", (entry.line,))

    def _find_late(self, tell: Tell) -> str | None:
        """Why the line in hand may not be sent any more."""
        if lost := self._find_lost(tell):
            return lost
        if self._progress.sent > 1:
            return None
        if not self._permit.lasts:
            return tell("permit-old", {})
        try:
            check_times(self.remediation, self._now())
        except Denied as denied:
            return tell(denied.reason, denied.details)
        return None

    def _find_lost(self, tell: Tell) -> str | None:
        return None if self._ledger.in_hand() else tell("lease-lost", {})

    async def _stop(self, why: str, tell: Tell) -> Remediation:
        """Leaves the dialogue, takes back what was entered and not committed, and says so."""
        sent = self._progress.sent
        try:
            said = await self._take_back(tell)
        except (Stopped, ProbeError):
            said = tell("lost-session", {}) if self._uncommitted else ""
        total = len(self.remediation.plan.lines) if self.remediation.plan else sent
        told = tell("stopped", {"sent": sent, "total": total, "why": why})
        return await self._note(stopped=f"{told} {said}".strip(), clock=await self._read_clock())

    async def _take_back(self, tell: Tell) -> str:
        """Clears only where something that this session entered is pending."""
        if self._question:
            await self._console.interrupt()
            self._question = False
        if not self._uncommitted:
            return ""
        if not (await self._console.ask(showchanges())).pending:
            return ""
        await self._clear(tell)
        if (await self._console.ask(showchanges())).pending:
            return tell("not-cleared", {})
        return tell("cleared", {})

    async def _clear(self, tell: Tell) -> None:
        """The lines of `clear` are on the record, and do not count as lines of the plan."""
        printed, entries = Printed("", "prompt"), clear().entries
        for place, entry in enumerate(entries):
            if not _fits(entry, printed):
                await self._console.interrupt()
                return
            await self._put(self._progress, "sent", (entry.line,))
            expected = _expect(entries[place + 1 :])
            printed = await self._console.type(entry, expected, lambda: self._find_lost(tell))
            await self._put(self._progress, "answered", keep_lines(printed.text))

    async def _read_clock(self) -> object:
        """The appliance's own time now, None when it does not say."""
        try:
            return (await self._console.ask(status())).as_of if self._console.ready else None
        except ProbeError:
            return None

    @property
    def _progress(self) -> Progress:
        assert self.remediation.progress, "it is started"
        return self.remediation.progress

    async def _put(
        self, progress: Progress, event: Event, lines: tuple[str, ...], reason: str | None = None
    ) -> None:
        after = self.remediation.model_copy(update={"progress": progress})
        row = write_row(after, event, self._now(), lines=lines, reason=reason)
        self.remediation = await self._ledger.put(after, row)

    async def _note(self, **more: object) -> Remediation:
        progress = self._progress.model_copy(update=more)
        self.remediation = await self._ledger.put(self.remediation.model_copy(update={"progress": progress}))
        return self.remediation


def _fits(entry: Entry, printed: Printed) -> bool:
    """Whether what stands now is what the line is for."""
    if not entry.at:
        return printed.stands == "prompt"
    found = re.search(entry.at, printed.text, re.IGNORECASE | re.MULTILINE)
    return printed.stands == "question" and found is not None


def _expect(following: Sequence[Entry]) -> str:
    """The words of the questions that may come next: the next one, and what follows those that are optional."""
    words: list[str] = []
    for entry in following:
        words.append(f"(?:{entry.at})")
        if not entry.optional:
            break
    return "|".join(words)


def _object(printed: Printed, tell: Tell) -> str:
    if printed.stands == "question":
        lines = [line for line in printed.text.splitlines() if line.strip()]
        return tell("asked-else", {"question": redact(quote(" ".join(lines[-3:])))})
    return tell("came-back", {"printed": redact(quote(printed.text))})
