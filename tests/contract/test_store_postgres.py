"""The PostgreSQL store and servers that go away, stop answering, or are of another time."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from freetier.errors import StoreError, StoreUnavailable
from freetier.stores.postgres import PostgresStore
from freetier.stores.postgres.pools import AT_MOST
from freetier.stores.postgres.transactions import VERSION
from freetier.values.quota import Granted, Reservation
from tests.contract.store_desk import charge
from tests.contract.store_places import place
from tests.rough_loops import after_a_rough_end

ROOT = Path(__file__).parents[2]
ASKED = charge("{a}:w", 100)
COMMIT = b"commit\0"


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A schema of the test's own."""
    with place("postgres", request) as found:
        yield found


def take(store: Any, name: str = "r") -> Any:
    """Reserve one."""
    return store.reserve(Reservation(id=name, charges=(ASKED,)))


def held(store: Any) -> int:
    """Return what the window holds."""
    tally = store.survey([ASKED]).tallies[0]
    return int(tally.used + tally.reserved)


class Way:
    """A way to the server that can be cut.

    Args:
        url: The server.
        cut_at: Cut once, when the caller has sent these bytes and they have arrived.
        hang_at: From these bytes on nothing arrives any more, in either direction.
    """

    def __init__(self, url: str, cut_at: bytes = b"", hang_at: bytes = b"") -> None:
        there = urlsplit(url)
        self.cut_at, self.hang_at = cut_at, hang_at
        self.hangs = False
        self._server = (there.hostname, there.port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.url = url.replace(f":{there.port}", f":{self._door.getsockname()[1]}")
        self._go(self._welcome)

    def _go(self, what: Any, *about: Any) -> None:
        thread = threading.Thread(target=what, args=about)
        self._threads.append(thread)
        thread.start()

    def _welcome(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._lines += [caller, server]
            self._go(self._carry, caller, server, True)
            self._go(self._carry, server, caller, False)

    def _carry(self, here: socket.socket, there: socket.socket, asks: bool) -> None:
        try:
            while data := here.recv(65536):
                self.hangs = self.hangs or bool(asks and self.hang_at and self.hang_at in data)
                if self.hangs:
                    continue
                if asks and self.cut_at and self.cut_at in data.lower():
                    self.cut_at = b""
                    here.shutdown(socket.SHUT_RDWR)
                    there.sendall(data)
                    there.recv(65536)  # done over there, and nobody here will know
                    break
                there.sendall(data)
        except OSError:
            pass  # the test has closed it
        for line in (here, there):
            with_no_error(line.shutdown, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close everything."""
        with_no_error(self._door.shutdown, socket.SHUT_RDWR)
        self._door.close()
        for line in self._lines:
            with_no_error(line.shutdown, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for line in self._lines:
            line.close()


def with_no_error(does: Any, *about: Any) -> None:
    """Do something to a socket that may be closed already."""
    with suppress(OSError):
        does(*about)


@contextmanager
def both_colours(url: str, within: float = 5.0) -> Iterator[list[Any]]:
    """Yield `take` and `record_fault` for threads and for tasks."""
    store = PostgresStore(url, within=within)
    aio = store.aio()
    with asyncio.Runner() as runner:
        yield [
            (lambda name: take(store, name), lambda: store.record_fault("{a}", 9000)),
            (
                lambda name: runner.run(take(aio, name)),
                lambda: runner.run(aio.record_fault("{a}", 9000)),
            ),
        ]
        runner.run(aio.close())


def test_a_lost_answer_to_a_commit_takes_nothing_twice(url: str) -> None:
    """The connection dies after the server has committed: asked again, it is the same grant."""
    with closing(PostgresStore(url)) as direct, closing(Way(url)) as way:
        take(direct, "first")
        with both_colours(way.url) as colours:
            for n, (reserve, _) in enumerate(colours):
                reserve(f"warm{n}")
                way.cut_at = COMMIT
                assert reserve(f"lost{n}") == Granted()
                assert not way.cut_at
        assert held(direct) == 5


def test_what_must_not_be_done_twice_is_not_asked_again(url: str) -> None:
    """Nobody knows whether a fault was counted: the error is typed, and it counts once."""
    with (
        closing(PostgresStore(url)) as direct,
        closing(Way(url)) as way,
        both_colours(way.url) as colours,
    ):
        for n, (_, record_fault) in enumerate(colours):
            record_fault()
            way.cut_at = COMMIT
            with pytest.raises(StoreUnavailable):
                record_fault()
            assert direct.record_fault("{a}", 9000) == 3 * n + 3


def test_a_server_that_ended_our_connections_is_asked_again(url: str) -> None:
    """After a restart in between, the next call succeeds as if nothing had been."""
    with both_colours(url) as colours, closing(PostgresStore(url)) as direct:
        for n, (reserve, record_fault) in enumerate(colours):
            reserve(f"before{n}")
            end_connections(url)
            assert reserve(f"after{n}") == Granted()
            end_connections(url)
            assert record_fault() == n + 1
        assert held(direct) == 4


def end_connections(url: str) -> None:
    """Let the server end all connections of stores."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where application_name = 'freetier'"
        )


def test_a_connection_that_ends_while_we_wait_in_the_queue_is_replaced(url: str) -> None:
    """Ended in the middle of the locking statement, the reservation is made again, once."""
    with closing(PostgresStore(url)) as store:
        take(store, "first")
        with psycopg.connect(url) as other:
            other.execute("select 1 from freetier_rows for update")
            answers: list[Any] = []
            asking = threading.Thread(target=lambda: answers.append(take(store, "second")))
            asking.start()
            waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            with psycopg.connect(url, autocommit=True) as watcher:
                while not watcher.execute(waiting).fetchone()[0]:
                    time.sleep(0.005)
            end_connections(url)
            other.rollback()
            asking.join()
        assert answers == [Granted()]
        assert held(store) == 2


def test_a_server_that_stops_answering_is_unavailable_within_the_bound(url: str) -> None:
    """A connection that is open and dead does not hold anybody for ever."""
    with closing(Way(url)) as way, both_colours(way.url, within=1.5) as colours:
        for n, (reserve, _) in enumerate(colours):
            reserve(f"before{n}")
            way.hang_at, way.hangs = b"freetier_rows", False
            with pytest.raises(StoreUnavailable):
                reserve(f"hangs{n}")
            way.hang_at, way.hangs = b"", False


def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Nobody listens, or nobody answers the door."""
    with closing(socket.create_server(("127.0.0.1", 0))) as mute:
        port = mute.getsockname()[1]
        with both_colours(f"postgresql://postgres@127.0.0.1:{port}/x", within=0.2) as colours:
            for reserve, _ in colours:
                with pytest.raises(StoreUnavailable):
                    reserve("r")
    with both_colours(f"postgresql://postgres@127.0.0.1:{port}/x") as colours:
        for reserve, _ in colours:
            with pytest.raises(StoreUnavailable, match="refused"):
                reserve("r")


def test_rows_that_others_hold_for_too_long_are_unavailable(url: str) -> None:
    """Somebody's forgotten transaction is a typed error within the bound."""
    with closing(PostgresStore(url, within=0.3)) as store:
        take(store)
        with psycopg.connect(url) as other:
            other.execute("select 1 from freetier_rows for update")
            with pytest.raises(StoreUnavailable):
                take(store, "second")
        assert held(store) == 1


def test_tables_of_the_first_version_are_read_and_made_this_one(url: str) -> None:
    """What was used stays used, and the first release does not touch them any more."""
    with closing(PostgresStore(url)) as store:
        take(store)
        now = store.now()
    old = f'["rolling",[[{now + 60_000},3],[{now + 90_000},4]],[],0,[],0]'
    with psycopg.connect(url) as connection:
        connection.execute("update freetier_facts set value = 1 where name = 'version'")
        connection.execute("update freetier_rows set state = %s where name like 'window:%%'", [old])

    with closing(PostgresStore(url)) as store:
        assert held(store) == 7
        take(store)
        assert held(store) == 8
    with psycopg.connect(url) as connection:
        found = connection.execute("select value from freetier_facts where name = 'version'")
        assert found.fetchone() == (VERSION,)


def test_tables_of_a_newer_version_are_left_as_they_are(url: str) -> None:
    """The error names both versions."""
    with closing(PostgresStore(url)) as store:
        take(store)
    with psycopg.connect(url) as connection:
        connection.execute("update freetier_facts set value = 99 where name = 'version'")

    with (
        closing(PostgresStore(url)) as store,
        pytest.raises(StoreError, match=rf"99.* up to {VERSION}"),
    ):
        take(store, "second")

    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from freetier_rows").fetchone() == (1,)


def test_a_user_who_may_not_is_a_typed_error(url: str) -> None:
    """Missing rights are no outage: memory must not stand in for them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop role if exists guest")
        connection.execute("create role guest login")
    guest = PostgresStore(url.replace("postgres@", "guest@"))
    with closing(guest) as store, pytest.raises(StoreError) as caught:
        take(store)
    assert not isinstance(caught.value, StoreUnavailable)


def test_many_may_come_first(url: str) -> None:
    """The tables are made once, whoever comes at the same time."""
    stores = [PostgresStore(url) for _ in range(12)]
    answers: list[Any] = []

    def come(n: int) -> None:
        answers.append(take(stores[n], f"r{n}"))

    threads = [threading.Thread(target=come, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [Granted()] * 12
    assert held(stores[0]) == 12
    for store in stores:
        store.close()


def test_the_servers_clock_judges(url: str) -> None:
    """Not this machine's: the store's instant lies between two of the server's."""
    clock = "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint"
    with closing(PostgresStore(url)) as store, psycopg.connect(url, autocommit=True) as server:
        before = server.execute(clock).fetchone()[0]
        now = store.now()
        after = server.execute(clock).fetchone()[0]

    assert before <= now <= after


def test_loops_and_threads_leave_no_connections_behind(url: str) -> None:
    """One loop after another, more threads than connections, and none is left at the end."""
    with closing(PostgresStore(url)) as store:
        aio = store.aio()

        async def many(tag: str) -> None:
            await asyncio.gather(*(take(aio, f"{tag}{n}") for n in range(2 * AT_MOST)))

        for tag in ("x", "y"):
            asyncio.run(many(tag))
        threads = [threading.Thread(target=take, args=(store, f"t{n}")) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert held(store) == 4 * AT_MOST + 16
        assert 1 <= _connections(url) <= AT_MOST

    assert _connections(url) == 0


def test_loops_that_begin_at_once_find_the_same_dead_one(url: str) -> None:
    """Threads with loops of their own do not fall over what another has cleared away."""
    with closing(PostgresStore(url)) as store:
        aio = store.aio()

        async def look() -> int:
            return len((await aio.survey([ASKED])).tallies)

        assert after_a_rough_end(look) == [1, 1, 1]


def _connections(url: str) -> int:
    asked = "select count(*) from pg_stat_activity where application_name = 'freetier'"
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(200):  # the server needs a moment to say good-bye
            found = connection.execute(asked).fetchone()[0]
            if found == 0:
                break
            time.sleep(0.005)
        return int(found)


FORK = """
import os, sys
from freetier.stores.postgres import PostgresStore
from tests.contract.test_store_postgres import held, take
store = PostgresStore(sys.argv[1])
take(store, "before")
child = os.fork()
take(store, f"{bool(child)}")
if not child:
    store.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
take(store, "after")
print(held(store))
store.close()
"""


def test_a_child_connects_anew(url: str) -> None:
    """Parent and child never speak over one connection, nor end each other's."""
    said = subprocess.check_output([sys.executable, "-c", FORK, url], cwd=ROOT, text=True)

    assert said == "4\n"
