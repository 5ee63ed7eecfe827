"""Four processes on two hosts share a store that is cut off, loses a process, and is restarted.

`make machines` runs it with every default of the stores, first with Redis, then with PostgreSQL.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from tests import servers
from tests.contract.hosts import Host, two_hosts
from tests.contract.machines_verdicts import (
    Story,
    Told,
    Trouble,
    Witness,
    judge,
    of,
    table,
    used_up_alone,
)
from tests.contract.machines_worker import SPAN, Account, words
from tests.contract.store_hammer import ROOT

EACH = 2  # processes of a host
SECOND = SPAN / 1000  # the length of a window
PATIENCE = 60.0  # seconds until something that was to happen counts as never
GONE = 0.8  # seconds for which a server is stopped


# Servers


class Redis:
    """A Redis that writes down what it knows before it answers."""

    bound = 2.0  # seconds; the default `timeout` of the store

    def __init__(self, folder: Path, addresses: Sequence[str]) -> None:
        self._folder, self._addresses = folder, addresses
        self.port = servers._free_port()
        self.start()

    def url(self, address: str, port: int) -> str:
        """Return how it is reached."""
        return f"redis://{address}:{port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = ["--port", str(self.port), "--bind", *self._addresses, "--protected-mode", "no"]
        words += ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
        words += ["--dir", str(self._folder), "--logfile", str(self._folder / "log")]
        self._running = subprocess.Popen([servers._redis_program(), *words])
        _until(lambda: servers._answers_ping(self.port), "Redis answers")

    def stop(self) -> None:
        """End it without a word."""
        self._running.kill()
        self._running.wait()


class Postgres:
    """A PostgreSQL that trusts the two hosts."""

    bound = 10.0  # seconds; five for an operation, and as long for a connection that it needs

    def __init__(self, folder: Path, addresses: Sequence[str], user: str | None) -> None:
        programs, _ = servers._postgres_programs()
        self._cluster = servers._Cluster(programs, user, folder)
        self._cluster.create()
        with (folder / "data" / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.0.0.0/8 trust\n")
        self._listen = ",".join(addresses)
        self.port = servers._free_port()
        self.start()

    def url(self, address: str, port: int) -> str:
        """Return how it is reached."""
        return f"postgresql://postgres@{address}:{port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._cluster.start(self.port, self._listen)

    def stop(self) -> None:
        """End it without a word to anybody."""
        self._cluster.stop()


Server = Redis | Postgres


@contextmanager
def _server(kind: str, addresses: Sequence[str]) -> Iterator[Server]:
    user = servers._postgres_programs()[1] if kind == "postgres" else None
    with servers._folder(user) as folder:
        running = Redis(folder, addresses) if kind == "redis" else Postgres(folder, addresses, user)
        try:
            yield running
        finally:
            running.stop()


# Ways from the hosts to the servers


class Cables:
    """Network cables, which can be pulled: packets are lost, and nobody is told."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self._hosts = hosts
        self.addresses = ["127.0.0.1", *(host.server for host in hosts)]

    def way(self, host: Host, port: int) -> tuple[str, int]:
        """Return where a host finds what listens on a port of the machine in the middle."""
        return host.server, port

    def pull(self) -> None:
        """Cut both hosts off."""
        self._set("down")

    def plug(self) -> None:
        """Let them reach the middle again."""
        self._set("up")

    def close(self) -> None:
        """Have nothing to do: the cables go with their hosts."""

    def _set(self, state: str) -> None:
        for host in self._hosts:
            subprocess.run(["ip", "link", "set", host.cable, state], check=True, timeout=10)


class Relays:
    """Where nobody may make a network: relays, which can fall silent."""

    addresses = ("127.0.0.1",)

    def __init__(self, hosts: Sequence[Host]) -> None:
        self._open = threading.Event()
        self._open.set()
        self._ends: list[socket.socket] = []

    def way(self, host: Host, port: int) -> tuple[str, int]:
        """Return where a host finds what listens on a port of the machine in the middle."""
        listening = socket.create_server((host.server, 0))
        self._ends.append(listening)
        threading.Thread(target=self._accept, args=(listening, port), daemon=True).start()
        return host.server, listening.getsockname()[1]

    def pull(self) -> None:
        """Fall silent; what is said meanwhile arrives afterwards, as with packets sent again."""
        self._open.clear()

    def plug(self) -> None:
        """Go on."""
        self._open.set()

    def close(self) -> None:
        """Hang up."""
        self._open.set()
        for end in self._ends:
            end.close()

    def _accept(self, listening: socket.socket, port: int) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                self._open.wait()
                try:
                    far = socket.create_connection(("127.0.0.1", port))
                except OSError:
                    near.close()
                    continue
                self._ends += [near, far]
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                self._open.wait()
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


# Workers


@dataclass
class Worker:
    """One process, and its book as far as it has been read."""

    host: Host
    running: Any
    file: Path
    told: list[Told] = field(default_factory=list)
    warned: list[tuple[str, float, str]] = field(default_factory=list)
    asks: dict[str, float] = field(default_factory=dict)
    killed: float | None = None
    _at: int = 0

    def read(self) -> None:
        """Read what is new in the book."""
        with self.file.open("rb") as file:
            file.seek(self._at)
            new = file.read()
        new = new[: new.rfind(b"\n") + 1]
        self._at += len(new)
        for line in new.splitlines():
            kind, name, *row = json.loads(line)
            if kind == "asks":
                self.asks[name] = row[0]
            elif kind == "warned":
                self.warned.append((name, *row))
            else:
                if not row[2].startswith("settled"):
                    self.asks.pop(name, None)
                self.told.append(Told(name, *row))

    def witness(self) -> Witness:
        """Return what it has seen, for the judge."""
        return Witness(self.host.offset, self.told, self.warned, self.asks, self.killed)

    def heard(self, name: str, since: float) -> float | None:
        """Return when the real store first answered for an account after an instant."""
        real = (one for one in self.told if one.name == name and one.fate in {"sent", "no"})
        return next((one.after for one in real if one.before > since), None)


@contextmanager
def _workers(
    hosts: Sequence[Host], accounts: Callable[[Host], list[Account]], folder: Path
) -> Iterator[list[Worker]]:
    """Start the processes, and let them ask once all are ready."""
    made = []
    for host in hosts:
        asked = words(accounts(host))
        for number in range(EACH):
            file = folder / f"{host.offset:g}-{number}.book"
            file.touch()
            program = [sys.executable, "-m", "tests.contract.machines_worker"]
            running = subprocess.Popen(
                [*host.prefix, *program, str(file), str(host.offset), asked],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            made.append(Worker(host, running, file))
    try:
        for worker in made:
            assert worker.running.stdout.readline() == "ready\n"
        for worker in made:
            print("go", file=worker.running.stdin, flush=True)
        yield made
    finally:
        for worker in made:
            worker.running.kill()
            worker.running.wait()
            worker.running.stdout.close()
            with suppress(BrokenPipeError):
                worker.running.stdin.close()


def _end(workers: Sequence[Worker]) -> None:
    for worker in workers:
        if worker.killed is None:
            worker.running.stdin.close()
            assert worker.running.wait(PATIENCE) == 0
        worker.read()


def _until(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.05)


def _windows(number: int) -> None:
    """Wait until some whole windows have passed."""
    begun = ceil(time.time() / SECOND)
    time.sleep(max(0.0, (begun + number) * SECOND + 0.05 - time.time()))


class _Told:
    """The story as it is being told."""

    def __init__(self, workers: Sequence[Worker], names: Sequence[str]) -> None:
        self.workers, self.names = workers, names
        self.story = Story()

    def back(self, since: float) -> float:
        """Wait until all living processes hear the store again, and return since when."""
        found: list[float | None] = [None]

        def all_heard() -> bool:
            found.clear()
            for worker in self.workers:
                if worker.killed is None:
                    worker.read()
                    found.extend(worker.heard(name, since) for name in self.names)
            return None not in found

        _until(all_heard, "every process hears the store again")
        return max(at for at in found if at is not None)

    def stands_in(self) -> None:
        """Wait until memory alone has used up a window in every process."""
        names = [name for name in self.names if name.endswith("memory")]

        def all_do() -> bool:
            for worker in self.workers:
                worker.read()
            witnesses = [worker.witness() for worker in self.workers]
            return all(used_up_alone(name, one) for name in names for one in witnesses)

        _until(all_do, "memory stands in everywhere")


def tell(ways: Cables | Relays, running: Sequence[Server], told: _Told) -> Story:
    """Cut the store off, let it come back, kill a process, restart the store."""
    story = told.story
    since = told.back(0.0)
    _windows(2)
    story.well["at first"] = (since, time.time())
    time.sleep(SECOND / 2)  # within a window

    ways.pull()
    pulled = time.time()
    told.stands_in()
    story.cut = (pulled, time.time())
    ways.plug()
    since = told.back(time.time())
    _windows(2)
    time.sleep(SECOND / 3)

    victim = told.workers[-1]
    story.well["after the cut"] = (since, time.time())
    victim.running.kill()
    victim.running.wait()
    victim.killed = story.killed = time.time()
    _windows(2)
    story.well["after the kill"] = (story.killed, time.time())
    time.sleep(SECOND / 2)

    for server in running:
        server.stop()
    stopped = time.time()
    time.sleep(GONE)
    story.stopped = (stopped, time.time())
    for server in running:
        server.start()
    since = told.back(time.time())
    _windows(2)
    story.well["after the restart"] = (since, time.time())
    return story


def run(
    kinds: Sequence[str], folder: Path, *, brief: bool, namespaces: bool = True
) -> tuple[str, list[Trouble]]:
    """Tell the story with some stores at once, and return a table and what was not as promised.

    Args:
        kinds: Of `redis` and `postgres`.
        folder: For the books.
        brief: Whether the stores' bounds and pauses are short.
        namespaces: Whether network namespaces are tried.
    """
    names = [f"{kind} {choice}" for kind in kinds for choice in ("fail", "memory")]
    with ExitStack() as stack:
        hosts = stack.enter_context(two_hosts(namespaces=namespaces))
        ways = Cables(hosts) if hosts[0].cable else Relays(hosts)
        stack.callback(ways.close)
        running = {kind: stack.enter_context(_server(kind, ways.addresses)) for kind in kinds}

        def accounts(host: Host) -> list[Account]:
            made = []
            for name in names:
                kind, _, choice = name.partition(" ")
                server = running[kind]
                url = server.url(*ways.way(host, server.port))
                short = {"within": 1.0, "rest": 3.0} if brief else {}
                made.append(Account(name, url, choice, **short))
            return made

        workers = stack.enter_context(_workers(hosts, accounts, folder))
        story = tell(ways, list(running.values()), _Told(workers, names))
        _end(workers)
        witnesses = [worker.witness() for worker in workers]
    bounds = {
        "redis": 1.0 if brief else Redis.bound,
        "postgres": 3.0 if brief else Postgres.bound,  # libpq waits two seconds at least
    }
    verdicts = [judge(name, witnesses, story, bounds[name.partition(" ")[0]]) for name in names]
    where = f"four processes on two hosts, each {hosts[0].name}, clocks {hosts[1].offset:g} s apart"
    cut = "the cables were pulled" if hosts[0].cable else "the relays fell silent"
    text = f"{where}; {cut} for {story.cut[1] - story.cut[0]:.1f} s\n" + table(verdicts)
    return text, [trouble for verdict in verdicts for trouble in verdict.troubles]


def careless(folder: Path) -> list[Told]:
    """Let the processes ask a store that checks first and acts later; return what they sent."""
    account = Account("careless", f"careless:{folder / 'quota.db'}", "fail")
    with two_hosts() as hosts, _workers(hosts, lambda _: [account] * 6, folder) as workers:
        _windows(2)
        _end(workers)
    return [one for worker in workers for one in of(account.name, worker.witness(), "sent")]


def main() -> int:
    """Tell the story with each store, with all its defaults; return the exit status."""
    wrong = 0
    for kind in ("redis", "postgres"):
        with tempfile.TemporaryDirectory() as folder:
            text, troubles = run([kind], Path(folder), brief=False)
        print(text, flush=True)
        wrong += len(troubles)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
