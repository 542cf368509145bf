"""Refused logins are remembered, so that schedules do not try them again and lock the account."""

import hashlib

from bot.model.inventory import Appliance
from bot.probes.ssh import Login


class RememberedRefusals:
    """The port `Refusals` in the memory of this process."""

    def __init__(self) -> None:
        self._refused: dict[str, str] = {}

    async def recall(self, account: str) -> str | None:
        return self._refused.get(account)

    async def note(self, account: str, fingerprint: str) -> None:
        self._refused[account] = fingerprint

    async def forget(self, account: str) -> None:
        self._refused.pop(account, None)


def name_account(appliance: Appliance, login: Login) -> str:
    """What tells one account from another, wherever the inventory mentions it."""
    return f"{login.username}@{appliance.host}:{appliance.port}"


def fingerprint(account: str, login: Login) -> str:
    """What tells whether the secret has changed, and tells nobody the secret: slow on purpose, about 50 ms."""
    secret = (login.key or login.password or "").encode()
    return hashlib.scrypt(secret, salt=account.encode(), n=2**14, r=8, p=1, dklen=32).hex()
