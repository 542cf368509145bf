"""Who may do what, asked of Slack and of the inventory; what cannot be found out is a refusal."""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.inventory import Inventory
from bot.model.languages import language_of
from bot.slack.texts import DEFAULT, Told, Voice, tell

log = structlog.get_logger()

Answer = dict[str, Any]
USER_SECONDS, CHANNEL_SECONDS, GROUP_SECONDS, LANGUAGE_SECONDS = 60.0, 60.0, 300.0, 86_400.0
REMEMBERED = 2000
_NOT_THERE = ("channel_not_found", "not_in_channel", "missing_scope:im:read", "missing_scope:mpim:read")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is, as `auth.test` said: ids of its team, its enterprise if any, its user and itself."""

    team: str
    user: str
    bot: str
    enterprise: str | None = None


class Refusal(Exception):
    """Why somebody may not do something; `told` says it, to that person only, in his language."""

    def __init__(self, told: Told) -> None:
        super().__init__(told(DEFAULT))
        self.told = told


class People:
    """Authorises by ids alone, since names are easily forged; only successful look-ups are remembered."""

    def __init__(
        self,
        client: AsyncWebClient,
        identity: Identity,
        inventory: Callable[[], Inventory],
        language: str = DEFAULT.language,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._identity = identity
        self._inventory = inventory
        self._fallback = language
        self._clock = clock
        self._answers: dict[tuple[str, str], tuple[float, Answer]] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[Answer]] = {}
        self._languages: dict[str, tuple[float, str]] = {}

    def known_voice(self, user: str) -> Voice | None:
        """How to speak to somebody, as far as it is known without asking Slack."""
        until, language = self._languages.get(user, (0.0, ""))
        return Voice(language) if self._clock() < until else None

    async def voice(self, user: str) -> Voice:
        """How to speak to somebody: in the language of his locale, else in the default one."""
        if (known := self.known_voice(user)) is not None:
            return known
        try:
            await self._user(user)
        except Refusal:
            return Voice(self._fallback)
        return self.known_voice(user) or Voice(self._fallback)

    def listed(self, user: str) -> bool:
        """Whether the inventory could make this person an operator; True also while only Slack can tell."""
        operators = self._inventory().access.operators
        if self._identity.enterprise and operators:  # another id of his may be listed
            return True
        return user in operators or any(member.startswith("S") for member in operators)

    async def person_of(self, user: str) -> str:
        """The id that all ids of this person have in common, empty where Slack gives none; raises `Refusal`."""
        return str(((await self._user(user)).get("enterprise_user") or {}).get("id") or "")

    async def admit_operator(self, user: str, channel: str) -> None:
        """Raises `Refusal` unless the person may run checks in the channel."""
        with self._forgetting(user, channel):
            await self._admit_person(user)
            await self._admit_listed(user, self._inventory().access.operators)
            await self._admit_channel(channel)

    async def admit_member(self, user: str) -> None:
        """Raises `Refusal` unless the person is an operator, wherever he is."""
        with self._forgetting(user, ""):
            await self._admit_person(user)
            await self._admit_listed(user, self._inventory().access.operators)

    async def admit_waiter(self, user: str, channel: str | None = None) -> None:
        """Raises `Refusal` unless the person, operator or approver, may see what waits, in the channel if any."""
        with self._forgetting(user, channel or ""):
            await self._admit_person(user)
            await self._admit_listed(user, _everybody(self._inventory()))
            if channel is not None:
                await self._admit_channel(channel)

    async def admit_decider(self, user: str, channel: str) -> None:
        """Raises `Refusal` unless a press of the person in the channel can count; Slack is asked anew."""
        self._answers.pop(("users.info", user), None)
        self._answers.pop(("conversations.info", channel), None)
        await self.admit_reader(user, channel)

    async def members_of(self, listed: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Who is in each user group among the listed ids now; Slack is asked anew. Raises `Refusal`."""
        members: dict[str, tuple[str, ...]] = {}
        for group in sorted({one for one in listed if one.startswith("S")}):
            self._answers.pop(("usergroups.users.list", group), None)
            members[group] = tuple((await self._group(group))["users"])
        return members

    async def admit_place(self, channel: str) -> None:
        """Raises `Refusal` unless the bot may show something in the channel."""
        with self._forgetting("", channel):
            await self._admit_channel(channel)

    async def admit_reader(self, user: str, channel: str) -> None:
        """Raises `Refusal` unless the person, a member of our team, may read what a card in the channel holds."""
        with self._forgetting(user, channel):
            await self._admit_person(user)
            await self._admit_channel(channel)

    @contextmanager
    def _forgetting(self, user: str, channel: str) -> Iterator[None]:
        """What led to a refusal is asked again next time: the bot may have been invited meanwhile."""
        try:
            yield
        except Refusal:
            self._answers.pop(("users.info", user), None)
            self._answers.pop(("conversations.info", channel), None)
            raise

    async def _admit_person(self, user: str) -> None:
        person = await self._user(user)
        enterprise = (person.get("enterprise_user") or {}).get("enterprise_id")
        ours = person.get("team_id") == self._identity.team
        if not ours and not (enterprise and enterprise == self._identity.enterprise):
            raise Refusal(tell("refused.team"))
        if person.get("is_stranger"):
            raise Refusal(tell("refused.team"))
        if person.get("is_bot") or person.get("id") == "USLACKBOT":
            raise Refusal(tell("refused.bot"))
        if person.get("deleted"):
            raise Refusal(tell("refused.deleted"))
        if person.get("is_restricted") or person.get("is_ultra_restricted"):
            raise Refusal(tell("refused.guest"))

    async def _admit_listed(self, user: str, listed: Collection[str]) -> None:
        ids = {user, await self.person_of(user)} - {""}
        if not ids.isdisjoint(listed):
            return
        for group in listed:
            if group.startswith("S") and not ids.isdisjoint((await self._group(group))["users"]):
                return
        raise Refusal(tell("refused.unlisted", user=user))

    async def _admit_channel(self, channel: str) -> None:
        place = await self._channel(channel)
        if place.get("is_ext_shared") or place.get("is_pending_ext_shared"):
            raise Refusal(tell("refused.shared"))
        if place.get("is_archived"):
            raise Refusal(tell("refused.archived"))
        if not place.get("is_member"):
            raise Refusal(tell("refused.absent", bot=self._identity.user))

    async def _user(self, user: str) -> Answer:
        async def ask() -> Answer:
            person = _part(await self._client.users_info(user=user, include_locale=True), "user")
            self._learn(user, person.get("locale"))
            return person

        return await self._look_up(("users.info", user), USER_SECONDS, ask)

    def _learn(self, user: str, locale: object) -> None:
        spoken = language_of(str(locale or "")) or self._fallback
        if len(self._languages) >= REMEMBERED:
            self._languages.clear()
        self._languages[user] = (self._clock() + LANGUAGE_SECONDS, spoken)

    async def _channel(self, channel: str) -> Answer:
        async def ask() -> Answer:
            return _part(await self._client.conversations_info(channel=channel), "channel")

        return await self._look_up(("conversations.info", channel), CHANNEL_SECONDS, ask)

    async def _group(self, group: str) -> Answer:
        async def ask() -> Answer:
            answer = await self._client.usergroups_users_list(usergroup=group)
            return {"users": list(answer["users"])}

        return await self._look_up(("usergroups.users.list", group), GROUP_SECONDS, ask)

    async def _look_up(
        self, key: tuple[str, str], seconds: float, ask: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        now = self._clock()
        until, answer = self._answers.get(key, (0.0, {}))
        if now < until:
            return answer
        try:
            answer = await self._ask_once(key, ask)
        except (SlackClientError, ClientError, TimeoutError, KeyError) as error:
            raise self._refuse(key[0], error) from error
        if len(self._answers) >= REMEMBERED:
            self._answers = {known: kept for known, kept in self._answers.items() if kept[0] > now}
        self._answers[key] = (now + seconds, answer)
        return answer

    async def _ask_once(self, key: tuple[str, str], ask: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """What many want to know at once is asked of Slack once."""
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(ask())
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        return await asyncio.shield(asking)

    def _refuse(self, method: str, error: Exception) -> Refusal:
        code = str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
        needed = str(error.response.get("needed")) if isinstance(error, SlackApiError) else ""
        log.warning("slack.lookup-failed", method=method, error=code, needed=needed)
        if method == "conversations.info" and (code in _NOT_THERE or f"{code}:{needed}" in _NOT_THERE):
            return Refusal(tell("refused.absent", bot=self._identity.user))
        if code == "missing_scope":
            return Refusal(tell("refused.scope", method=method, scope=needed))
        return Refusal(tell("refused.lookup", method=method, error=code))


def _everybody(inventory: Inventory) -> set[str]:
    """The ids of operators and approvers, also those of single sites."""
    access = inventory.access
    return {
        *access.operators,
        *access.approvers,
        *(one for site in inventory.sites.values() for one in site.approvers or ()),
    }


def _part(answer: Any, name: str) -> Answer:
    part = answer[name]
    if not isinstance(part, dict):
        raise KeyError(name)
    return part
