"""The one way in which the workspace says no: Slack's error codes."""

from typing import Any

Json = dict[str, Any]


class SlackError(Exception):
    """Becomes `{"ok": false, "error": code, …}`; `retry_after` seconds make it a 429."""

    def __init__(self, code: str, *, retry_after: int | None = None, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.extra = extra

    def to_json(self) -> Json:
        return {"ok": False, "error": self.code, **self.extra}
