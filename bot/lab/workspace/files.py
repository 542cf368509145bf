"""Uploaded files: announced, filled, then shared into a channel."""

import mimetypes
import secrets
from dataclasses import dataclass

from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.people import BOT


@dataclass
class File:
    """A file on its way into a channel; `content` is None until the bytes arrive."""

    id: str
    name: str
    length: int
    content: bytes | None = None
    title: str = ""

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def to_json(self, url: str) -> Json:
        """The file as messages carry it; `url` is the workspace's own address."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2],
            "size": self.length,
            "user": BOT,
            "url_private": f"{url}files/{self.id}",
            "permalink": f"{url}files/{self.id}",
        }


class Files:
    """Every file by id."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def announce(self, name: str, length: int) -> File:
        """Makes room for a file of `length` bytes."""
        file = File(f"F{secrets.token_hex(5).upper()}", name, length)
        self._files[file.id] = file
        return file

    def find(self, file_id: str) -> File:
        """A file by id; SlackError `file_not_found`."""
        if file_id not in self._files:
            raise SlackError("file_not_found")
        return self._files[file_id]
