"""Child processes that never outlive their parent, however the parent ends."""

import ctypes
import functools
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Literal

Output = int | IO[bytes] | None
Tether = Literal["kernel", "watcher"]

_TETHER: Tether = "kernel" if sys.platform == "linux" else "watcher"
_PR_SET_PDEATHSIG = 1
_NOT_STARTED = 127  # what a shell answers for a command that it cannot start


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    stdout: Output = None,
    stderr: Output = None,
    tether: Tether = _TETHER,
) -> subprocess.Popen[bytes]:
    """Start a program that gets SIGKILL when this process ends, even when this one ends by SIGKILL.

    May be called from any thread. The pid is the program's own; its session is its own too, so Ctrl-C in the
    terminal reaches the caller only, who decides the order of ending. `env` replaces the environment.
    A program that cannot be started says why on its stderr and exits 127. `kernel` leaves the killing to
    Linux; `watcher` keeps a small process beside the program and works on every Unix.
    """
    lifeline = () if tether == "kernel" else (_lifeline(),)
    tie = [tether, str(os.getpid()), *map(str, lifeline)]
    return _spawner().call(
        lambda: subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", str(Path(__file__).resolve()), *tie, "--", *argv],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            pass_fds=lifeline,
            start_new_session=True,
        )
    )


def stop(child: subprocess.Popen[bytes], patience: float = 5.0) -> int:
    """Ask a child to end (SIGTERM), insist (SIGKILL) after `patience` seconds; answers its exit status."""
    child.terminate()
    try:
        return child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


class _Spawner(threading.Thread):
    """Starts every child, because Linux takes the end of the *thread* that forked for the parent's end."""

    def __init__(self) -> None:
        super().__init__(name="spawner", daemon=True)
        self._orders: queue.SimpleQueue[tuple[Future[subprocess.Popen[bytes]], _Start]] = queue.SimpleQueue()

    def call(self, start: "_Start") -> subprocess.Popen[bytes]:
        child: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((child, start))
        return child.result()

    def run(self) -> None:
        while True:
            child, start = self._orders.get()
            try:
                child.set_result(start())
            except Exception as error:  # the caller's to see, wherever it came from
                child.set_exception(error)
            del child, start


_Start = Callable[[], subprocess.Popen[bytes]]
_first_use = threading.Lock()


def _spawner() -> _Spawner:
    with _first_use:
        return _start_spawner()


@functools.cache
def _start_spawner() -> _Spawner:
    spawner = _Spawner()
    spawner.start()
    return spawner


@functools.cache
def _lifeline() -> int:
    """The reading end of a pipe whose writing end is open exactly as long as this process lives."""
    reading, writing = os.pipe()
    os.register_at_fork(after_in_child=functools.partial(os.close, writing))
    return reading


os.register_at_fork(after_in_child=_start_spawner.cache_clear)
os.register_at_fork(after_in_child=_lifeline.cache_clear)


def _become(argv: list[str]) -> None:
    """Tie this fresh process to its parent, then turn into the program; needs the standard library only."""
    at = argv.index("--")
    (tether, parent, *lifeline), command = argv[:at], argv[at + 1 :]
    try:
        if tether == "kernel":
            _ask_kernel(int(parent))
        else:
            _leave_watcher(int(lifeline[0]))
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"Cannot start {command[0]}: {error.strerror}.\n")
        sys.exit(_NOT_STARTED)


def _ask_kernel(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refuses PR_SET_PDEATHSIG")
    if os.getppid() != parent:  # it ended before the kernel was asked
        os.kill(os.getpid(), signal.SIGKILL)


def _leave_watcher(lifeline: int) -> None:
    program = os.getpid()
    ended, held = os.pipe()  # the program holds `held` open as long as it lives
    if os.fork() == 0:
        if os.fork() == 0:  # a grandchild: the program must not find a child that it never started
            os.close(held)
            _watch(program, lifeline, ended)
        os._exit(0)
    os.wait()
    os.close(lifeline)
    os.set_inheritable(held, True)


def _watch(program: int, lifeline: int, ended: int) -> None:
    for standard in range(3):  # else whoever reads the program's output waits for the watcher as well
        os.dup2(os.open(os.devnull, os.O_RDWR), standard)
    with selectors.DefaultSelector() as selector:
        selector.register(lifeline, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        ready = {key.fd for key, _ in selector.select()}
    if ended not in ready:  # its pid is still its own
        os.kill(program, signal.SIGKILL)


if __name__ == "__main__":
    _become(sys.argv[1:])
