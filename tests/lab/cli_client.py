"""A client of the simulated command line: it types, and reads up to what must come next."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import asyncssh

from bot.lab.appliances import Lab
from bot.lab.appliances.parts import ACCOUNT

LARGE, SMALL = (1000, 10000), (80, 24)
# Whatever an appliance of any era may offer; the tests of the lab are not about choosing well.
ALGORITHMS: dict[str, Any] = {
    "kex_algs": "*",
    "encryption_algs": "*",
    "mac_algs": "*",
    "server_host_key_algs": "*",
    "signature_algs": "*",
}


class Cli:
    """A client's side of one session."""

    def __init__(self, process: "asyncssh.SSHClientProcess[bytes]", prompt: str) -> None:
        self.process = process
        self.prompt = prompt

    def send(self, text: str) -> None:
        self.process.stdin.write(text.encode())

    async def until(self, end: str) -> str:
        """What is printed up to and including `end`, which must be the last thing."""
        text = ""
        async with asyncio.timeout(10):
            while not text.endswith(end):
                chunk = await self.process.stdout.read(65536)
                assert chunk, f"the session ended after {text!r}"
                text += chunk.decode("latin-1")
        return text

    async def run(self, line: str, *answers: str) -> str:
        """A command with all answers; what was printed before the next main prompt, with plain newlines."""
        self.send("\r".join([line, *answers, ""]))
        text = (await self.until(f"\r\n{self.prompt}")).replace("\r\n", "\n")
        return text.removeprefix(f"{line}\n").removesuffix(self.prompt)

    async def ended(self) -> str:
        """The rest of what is printed, until the other side closes."""
        async with asyncio.timeout(10):
            text = (await self.process.stdout.read()).decode("latin-1")
            await self.process.wait_closed()
        return text


class Logins:
    """Logs in to the appliances of a lab; all connections end with it."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Logins":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def __call__(self, name: str = "esa-a1", size: tuple[int, int] = LARGE, prompt: str = "") -> Cli:
        """A session that shows its prompt."""
        connection = await self._stack.enter_async_context(connect(self._lab, name))
        return await open_cli(connection, prompt or f"{self._lab.appliances[name].host}> ", size)


async def open_cli(
    connection: asyncssh.SSHClientConnection, prompt: str, size: tuple[int, int] = LARGE
) -> Cli:
    process = await connection.create_process(term_type="vt100", term_size=size, encoding=None)
    cli = Cli(process, prompt)
    await cli.until(prompt)
    return cli


def connect(lab: Lab, name: str, **options: Any) -> "asyncssh.misc._ACMWrapper[asyncssh.SSHClientConnection]":
    chosen = {"password": lab.appliances[name].accounts[ACCOUNT], **ALGORITHMS, **options}
    return asyncssh.connect(
        "127.0.0.1",
        lab.ssh_ports[name],
        username=ACCOUNT,
        known_hosts=None,
        config=None,
        agent_path=None,
        **{"client_keys": None, **chosen},
    )
