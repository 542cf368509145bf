"""The cast: one team, its users, channels and user groups, and one neighbour from another team."""

from dataclasses import dataclass, field

from bot.lab.workspace.errors import Json

TEAM = "T0LOCAL"
DOMAIN = "local"
OTHER_TEAM = "T0OTHER"
ENTERPRISE = "E0LOCAL"
APP = "A0PVO"
VERIFICATION = "local-verification-token"
BOT = "U0BOT"
BOT_ID = "B0BOT"
SYSTEM = "USLACKBOT"


@dataclass(frozen=True)
class User:
    """A person or the bot, with what `users.info` tells about them.

    `person`: the id that all ids of one person have in common in an Enterprise Grid; empty outside of one.
    """

    id: str
    name: str
    display_name: str
    locale: str = "en-GB"
    timezone: str = "Europe/London"
    team: str = TEAM
    person: str = ""
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False

    def to_json(self, include_locale: bool = False) -> Json:
        """The `user` of `users.info`; outsiders are strangers and have no locale."""
        stranger = self.team != TEAM
        user: Json = {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "real_name": self.display_name,
            "deleted": self.deleted,
            "tz": self.timezone,
            "tz_offset": 0,
            "profile": {"display_name": self.display_name, "real_name": self.display_name},
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_app_user": False,
        }
        if self.person:
            user["enterprise_user"] = {
                "id": self.person,
                "enterprise_id": ENTERPRISE,
                "enterprise_name": "Local enterprise",
                "is_admin": False,
                "is_owner": False,
                "teams": [self.team],
            }
        if stranger:
            user["is_stranger"] = True
        elif include_locale:
            user["locale"] = self.locale
        return user


@dataclass
class Channel:
    """A public or private channel and the ids of its members."""

    id: str
    name: str
    topic: str
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    is_archived: bool = False

    def to_json(self) -> Json:
        """The `channel` of `conversations.info`, as the bot sees it."""
        teams = [TEAM, OTHER_TEAM] if self.is_ext_shared else [TEAM]
        return {
            "id": self.id,
            "name": self.name,
            "topic": {"value": self.topic},
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_member": BOT in self.members,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_pending_ext_shared": self.is_pending_ext_shared,
            "shared_team_ids": teams,
            "connected_team_ids": teams[1:],
            "num_members": len(self.members),
        }


def cast_users() -> dict[str, User]:
    """Everybody, by id, in the order in which the page offers them."""
    users = (
        User("U0OPERATOR", "olivia", "Olivia (operator)"),
        User("U0LUCIA", "lucia", "Lucía (operator)", locale="es-ES", timezone="Europe/Madrid"),
        User("U0APPROVER", "amir", "Amir (approver)", locale="en-US", timezone="America/New_York"),
        User("U0SECOND", "sofia", "Sofía (approver 2)", locale="es-ES", timezone="Europe/Madrid"),
        User("U0MEMBER", "nils", "Nils (colleague)", timezone="Europe/Berlin"),
        User("U0GUEST", "gus", "Gus (guest)", is_restricted=True),
        User("U0EXTERN", "erin", "Erin (partner)", team=OTHER_TEAM),
        User("U0FORMER", "nora", "Nora (left)", deleted=True),
        User(BOT, "pvo", "pvo", is_bot=True),
    )
    return {user.id: user for user in users}


def cast_channels() -> dict[str, Channel]:
    """All channels, by id, in the order in which the page lists them."""
    staff = {"U0OPERATOR", "U0LUCIA", "U0APPROVER", "U0SECOND"}
    everybody = staff | {"U0MEMBER", "U0GUEST", BOT}
    channels = (
        Channel("C0OPS", "mail-ops", "Day to day: run checks here", set(everybody)),
        Channel("C0INCIDENTS", "incidents", "Only what needs people now", set(everybody)),
        Channel("C0SITEA", "site-a", "Scheduled results of Site A", staff | {BOT}),
        Channel(
            "C0SHARED",
            "partner-shared",
            "Shared with another organisation",
            everybody | {"U0EXTERN"},
            is_ext_shared=True,
        ),
        Channel("C0RANDOM", "random", "The bot is not in here", staff | {"U0MEMBER", "U0GUEST"}),
        Channel("C0NIGHT", "night-shift", "Private: handover of the night", staff | {BOT}, is_private=True),
        Channel("C0BOARD", "postmasters", "Private, and the bot is not in here", set(staff), is_private=True),
    )
    return {channel.id: channel for channel in channels}


def cast_groups() -> dict[str, list[str]]:
    """User groups: id to member ids."""
    return {"S0MAILADMINS": ["U0APPROVER", "U0SECOND"]}
