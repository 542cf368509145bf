"""What a cipher list of AsyncOS admits, evaluated as OpenSSL 1.0.2 did: word by word, in order.

Searching the text for `aNULL` would be wrong: `-aNULL:ALL` admits anonymous suites, `DEFAULT` does not, and
today's OpenSSL no longer knows all the suites that the appliances have.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from bot.asyncos.cipher_table import Suite, Traits, suites, words

_DEFAULT = "ALL:!EXPORT:!LOW:!aNULL:!eNULL:!SSLv2"
_WORD = re.compile(r"[A-Za-z0-9.-]*")
_TO_SEPARATOR = re.compile(r"[^:;, ]*")
_SEPARATORS = ":;, "
_ANONYMOUS = ("aNULL", "ADH", "AECDH")


@dataclass(frozen=True, slots=True)
class CipherList:
    """What a list comes to: the suites in order of preference, the anonymous ones among them.

    `problems` are sentences about words that do not do what their author meant. A list that OpenSSL refuses
    as a whole, or that selects nothing, has no suites and says so among its problems.
    """

    suites: tuple[str, ...]
    anonymous: tuple[str, ...]
    problems: tuple[str, ...]


def evaluate(text: str) -> CipherList:
    """Evaluate a cipher list in its one-line form, words separated by `:`, `,` or blanks."""
    evaluation = _Evaluation()
    if text.startswith("DEFAULT"):
        evaluation.run(_DEFAULT)
        text = text.removeprefix("DEFAULT")
    evaluation.run(text)
    return evaluation.result()


@dataclass(slots=True)
class _Preference:
    """All suites in one order, of which some are admitted; a suite that was killed is gone."""

    order: list[Suite]
    admitted: set[Suite] = field(default_factory=set)

    def add(self, wanted: Traits) -> None:
        moved = self._move(lambda suite: suite.has(wanted) and suite not in self.admitted)
        self.admitted.update(moved)

    def move_to_end(self, wanted: Traits) -> None:
        self._move(lambda suite: suite.has(wanted) and suite in self.admitted)

    def remove(self, wanted: Traits) -> None:
        """What was removed last comes back first."""
        moved = self._move(lambda suite: suite.has(wanted) and suite in self.admitted, to_front=True)
        self.admitted.difference_update(moved)

    def kill(self, wanted: Traits) -> None:
        self.order = [suite for suite in self.order if not suite.has(wanted)]
        self.admitted.intersection_update(self.order)

    def sort_by_strength(self) -> None:
        moved = self._move(self.admitted.__contains__)
        rest = self.order[: len(self.order) - len(moved)]
        self.order = rest + sorted(moved, key=lambda suite: -suite.bits)

    def _move(self, which: Callable[[Suite], bool], *, to_front: bool = False) -> list[Suite]:
        moved = [suite for suite in self.order if which(suite)]
        rest = [suite for suite in self.order if not which(suite)]
        self.order = moved + rest if to_front else rest + moved
        return moved


def _initial_preference() -> _Preference:
    return _Preference(list(_initial_order()))


@cache
def _initial_order() -> tuple[Suite, ...]:
    """OpenSSL's own preference before any word counts: ECDHE, AES, authenticated, forward secret, then strong."""
    known = words()
    preference = _Preference(list(suites()))
    preference.add(known["kEECDH"])
    preference.remove(known["kEECDH"])
    preference.add(known["AES"])
    preference.add({})
    for word in ("MD5", "aNULL", "aECDH", "kRSA", "kPSK", "RC4"):
        preference.move_to_end(known[word])
    preference.sort_by_strength()
    preference.remove({})
    return tuple(preference.order)


@dataclass(slots=True)
class _Evaluation:
    """One run over the text; `banned` and `readmitted` remember which rule did it to an anonymous suite."""

    preference: _Preference = field(default_factory=_initial_preference)
    problems: list[str] = field(default_factory=list)
    refused: bool = False
    banned: dict[Suite, str] = field(default_factory=dict)
    readmitted: dict[Suite, str] = field(default_factory=dict)

    def run(self, text: str) -> None:
        at = 0
        while at < len(text):
            if text[at] in _SEPARATORS:
                at += 1
            elif text[at] == "@":
                at = self._special(text, at)
            else:
                at = self._rule(text, at)

    def _special(self, text: str, start: int) -> int:
        if _word_at(text, start + 1) == "STRENGTH":
            self.preference.sort_by_strength()
        else:
            self._refuse(_rule_at(text, start), "@STRENGTH is the only command")
        return _skip(text, start)

    def _rule(self, text: str, start: int) -> int:
        """Apply one rule, `-AES+SHA1` for instance, and return where the next begins; one word unknown skips it."""
        sign = text[start] if text[start] in "-+!" else ""
        at = start + len(sign)
        wanted: Traits = {}
        while True:
            word = _word_at(text, at)
            at += len(word)
            if not word:
                self._refuse(_rule_at(text, start), "a word is missing or holds a sign that is not allowed")
                return _skip(text, at + 1)
            joint = _intersect(wanted, words().get(word))
            if joint is None:
                self._doubt(sign, word)
                return _skip(text, at)
            wanted = joint
            if text[at : at + 1] != "+":
                break
            at += 1
        self._apply(sign, wanted, text[start:at])
        return at

    def _apply(self, sign: str, wanted: Traits, rule: str) -> None:
        before = set(self.preference.admitted)
        match sign:
            case "-":
                self.preference.remove(wanted)
                self.banned.update((suite, rule) for suite in self._anonymous(wanted))
            case "+":
                self.preference.move_to_end(wanted)
            case "!":
                self.preference.kill(wanted)
            case _:
                self.preference.add(wanted)
                self._note_return(self.preference.admitted - before, rule)

    def _anonymous(self, wanted: Traits) -> list[Suite]:
        return [suite for suite in self.preference.order if suite.anonymous and suite.has(wanted)]

    def _note_return(self, added: set[Suite], rule: str) -> None:
        for suite in added & self.banned.keys():
            self.readmitted[suite] = (
                f"'{rule}' admits anonymous suites after '{self.banned[suite]}' removed them: "
                f"'{self.banned[suite]}' must stand last."
            )

    def _refuse(self, rule: str, why: str) -> None:
        self.refused = True
        self.problems.append(f"The whole list is unusable because of '{rule}': {why}.")

    def _doubt(self, sign: str, word: str) -> None:
        """OpenSSL skips what it does not know without a word; tell where that is hardly what was meant."""
        if word in words():
            return
        rule = f"'{sign}{word}' is ignored"
        if meant := {known.lower(): known for known in words()}.get(word.lower()):
            self.problems.append(f"{rule}: words are case-sensitive, '{sign}{meant}' is known.")
        elif "aNULL" in word:
            self.problems.append(f"{rule}: it is read as one word; a ':' is missing in it.")
        elif sign in {"-", "!"} and (close := get_close_matches(word, _ANONYMOUS, n=1)):
            self.problems.append(f"{rule}: there is no such word; '{sign}{close[0]}' may be meant.")

    def result(self) -> CipherList:
        kept = [suite for suite in self.preference.order if suite in self.preference.admitted]
        if self.refused:
            return CipherList((), (), tuple(self.problems))
        if not kept:
            return CipherList((), (), (*self.problems, "The list is unusable: it selects no cipher suite."))
        anonymous = [suite for suite in kept if suite.anonymous]
        returned = dict.fromkeys(self.readmitted[suite] for suite in anonymous if suite in self.readmitted)
        return CipherList(
            tuple(suite.name for suite in kept),
            tuple(suite.name for suite in anonymous),
            (*self.problems, *returned),
        )


def _intersect(wanted: Traits, more: Traits | None) -> Traits | None:
    """Both demands as one; None when the word is unknown or a field is left with nothing."""
    if more is None:
        return None
    joint = {name: values & wanted.get(name, values) for name, values in more.items()}
    return {**wanted, **joint} if all(joint.values()) else None


def _word_at(text: str, at: int) -> str:
    match = _WORD.match(text, at)
    return match[0] if match else ""


def _skip(text: str, at: int) -> int:
    match = _TO_SEPARATOR.match(text, at)
    return match.end() if match else at


def _rule_at(text: str, at: int) -> str:
    return text[at : _skip(text, at)]
