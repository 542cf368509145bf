"""All that the workspace knows, in memory, and the look-ups that everybody needs."""

from bot.lab.workspace.errors import SlackError
from bot.lab.workspace.feed import Feed
from bot.lab.workspace.files import Files
from bot.lab.workspace.limits import Limiter
from bot.lab.workspace.messages import Message, Messages
from bot.lab.workspace.people import BOT, SYSTEM, Channel, User, cast_channels, cast_groups, cast_users
from bot.lab.workspace.permits import Permits
from bot.lab.workspace.settings import WorkspaceSettings
from bot.lab.workspace.views import Views
from bot.lab.workspace.weather import Weather
from bot.lab.workspace.wire import Wire


class State:
    """One workspace; `url` is the page's address once the server listens, `request_url` the app's, if any."""

    def __init__(self, settings: WorkspaceSettings) -> None:
        self.settings = settings
        self.url = ""
        self.request_url = settings.request_url
        self.users: dict[str, User] = cast_users()
        self.channels: dict[str, Channel] = cast_channels()
        self.groups: dict[str, list[str]] = cast_groups()
        self.feed = Feed()
        self.weather = Weather(self.feed)
        self.wire = Wire(self.feed)
        self.messages = Messages(self.feed)
        self.views = Views(self.feed, self.messages)
        self.files = Files()
        self.limiter = Limiter()
        self.permits = Permits(settings.trigger_seconds, settings.response_seconds, settings.response_uses)

    def channel(self, channel_id: str) -> Channel:
        """A channel by id; SlackError `channel_not_found`."""
        if channel_id not in self.channels:
            raise SlackError("channel_not_found")
        return self.channels[channel_id]

    def seen_channel(self, channel_id: str, kind: str = "read") -> Channel:
        """A channel that the bot can see; a private one needs membership, and the scope `groups:` of this kind."""
        channel = self.channel(channel_id)
        scope = f"{'groups' if channel.is_private else 'channels'}:{kind}"
        if scope not in self.settings.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.settings.scopes))
        if channel.is_private and BOT not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def joined_channel(self, channel_id: str) -> Channel:
        """A channel in which the bot may act; SlackError `not_in_channel` or `is_archived` too."""
        channel = self.channel(channel_id)
        if BOT not in channel.members and channel.is_private:
            raise SlackError("channel_not_found")
        if BOT not in channel.members:
            raise SlackError("not_in_channel")
        if channel.is_archived:
            raise SlackError("is_archived")
        return channel

    def user(self, user_id: str) -> User:
        """A user by id; SlackError `user_not_found`."""
        if user_id not in self.users:
            raise SlackError("user_not_found")
        return self.users[user_id]

    def tell(
        self, channel: str, user: str, text: str, *, thread_ts: str | None = None, warning: bool = False
    ) -> Message:
        """Shows one user a line of the workspace itself."""
        note = Message(channel, SYSTEM, text, thread_ts=thread_ts, visible_to=user, warning=warning)
        return self.messages.post(note)
