"""The Redis store and its server: lost answers, restarts, clusters, loops, forks, secrets."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis

from freetier.errors import ConfigError, StoreError, StoreUnavailable
from freetier.stores.redis import RedisStore, calls, open_redis
from freetier.stores.redis.keys import Keys
from freetier.values.faults import Fault
from freetier.values.quota import (
    NEVER_SENT,
    Charge,
    Granted,
    Kind,
    Metric,
    Observation,
    Reservation,
    Settlement,
)
from tests import servers
from tests.rough_loops import after_a_rough_end


def charge(account: str = "a", *, ceiling: int = 5, name: str = "requests") -> Charge:
    """Return a minute of some account, as the router names it."""
    return Charge(
        key=f"{{{account}}}|provider/model|{name}|rolling:60",
        metric=Metric.REQUESTS,
        amount=1,
        ceiling=ceiling,
        kind=Kind.ROLLING,
        span_ms=60_000,
    )


def held(name: str, *charges: Charge, guards: Sequence[str] = ()) -> Reservation:
    """Return a reservation."""
    return Reservation(id=name, charges=charges or (charge(),), guards=tuple(guards))


def guards(account: str) -> tuple[str, ...]:
    """Return the guards of a candidate, as the router names them."""
    return (
        f"{{{account}}}|{account}|m|block",
        f"{{{account}}}|{account}|block",
        "provider|p|block",
    )


@pytest.fixture
def store(redis_url: str) -> Iterator[RedisStore]:
    """A store with keys of its own."""
    with closing(open_redis(redis_url, prefix=f"{uuid4().hex}:")) as opened:
        yield opened


@pytest.fixture
def plain(redis_url: str) -> Iterator[Any]:
    """The bare library."""
    with closing(redis.Redis.from_url(redis_url, decode_responses=True)) as client:
        yield client


LAST_PORT = 55_535  # the nodes of a cluster talk to each other 10,000 ports higher


def _free_port() -> int:
    while (port := servers._free_port()) > LAST_PORT:
        pass
    return port


class Server:
    """A Redis that can be stopped and started again on the same port."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._words = words
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        fixed = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        fixed += ["--dir", str(self._folder), "--logfile", str(self._folder / f"{self.port}.log")]
        self._running = subprocess.Popen([servers._redis_program(), *fixed, *self._words])
        until = time.monotonic() + servers.READY_WITHIN
        while not self._answers():
            if self._running.poll() is not None or time.monotonic() > until:
                self.kill()
                raise OSError((self._folder / f"{self.port}.log").read_text())
            time.sleep(0.01)

    def kill(self) -> None:
        """End it without a word."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0) as line:
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        return False


@contextmanager
def server(folder: Path, *words: str) -> Iterator[Server]:
    """Run a server of its own."""
    made = Server(folder, *words)
    made.start()
    try:
        yield made
    finally:
        made.kill()


class Proxy:
    """Stands between a store and its server, and loses or holds back answers."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0"
        self.lose = threading.Event()
        self.answered = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self.accepted = 0
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self.accepted += 1
                far = socket.create_connection(("127.0.0.1", self._behind))
                self._ends += [near, far]
                for pump in (self._questions, self._answers):
                    threading.Thread(target=pump, args=(near, far), daemon=True).start()

    def _questions(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)

    def _answers(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                self.answered.set()
                self.open.wait()
                if self.lose.is_set():
                    self.lose.clear()
                    near.shutdown(socket.SHUT_RDWR)
                    return
                near.sendall(data)

    def close(self) -> None:
        """Hang up."""
        self.open.set()
        self._listening.close()
        for end in self._ends:
            end.close()


@pytest.fixture
def proxy(redis_url: str) -> Iterator[Proxy]:
    """A proxy in front of the server."""
    port = int(redis_url.rsplit(":", 1)[1].partition("/")[0])
    with closing(Proxy(port)) as made:
        yield made


# One slot


def slot(key: str) -> int:
    """Return the slot of a key by the cluster's specification: CRC16 (XMODEM) of its tag."""
    start = key.find("{")
    end = key.find("}", start + 1)
    if start >= 0 and end > start + 1:
        key = key[start + 1 : end]
    crc = 0
    for byte in key.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc % 16384


def test_the_slots_of_this_test_are_the_servers(plain: Any) -> None:
    """The control: known values of the specification."""
    assert slot("123456789") == 12739
    assert slot("{user1000}.following") == slot("user1000") == 3443


@pytest.mark.parametrize("key", ["{a}|x|y", "a", "a{}b", "{}", "x{ä}", "a b", "}{", "", "{{a}|x"])
def test_every_script_stays_in_one_slot(key: str) -> None:
    """All keys of a reservation, and all tables of any key, hash to one slot."""
    keys = Keys("freetier:")
    guards_here = (f"{key}|block",) if key.startswith("{a}") else ()
    charges = (charge(), charge(name="input_tokens"), charge(name="total_tokens"))
    mine = held("r", *charges, guards=(*guards("a"), *guards_here))
    told = dict.fromkeys(calls.guards_elsewhere(mine), "")
    assert told == {"provider|p|block": ""}
    group = calls.groups([charge()], guards("a")[:2])
    one = Charge(key=key, metric=Metric.REQUESTS, amount=1, ceiling=1, kind=Kind.FIXED, span_ms=1)
    said = Observation(metric=Metric.REQUESTS, span=60, limit=1)
    made = [
        calls.reserve(keys, None, mine, None, told),
        calls.settle(keys, None, mine, Settlement()),
        *(calls.survey(keys, None, tag, each) for tag, each in group.items()),
        calls.reserve(keys, None, held("r", one), None, {}),
        calls.observe(keys, None, one, said, 0),
        calls.block(keys, None, key, 1, Fault.SERVER),
        calls.record_fault(keys, None, key, 1),
        calls.lease(keys, None, key, "me", 1),
        calls.release(keys, key, "me", clear=True),
    ]
    for call in made:
        assert len({slot(name) for name in call.words[3 : 3 + call.words[2]]}) == 1


@pytest.fixture(scope="module")
def cluster_url(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two nodes that share the slots."""
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as running:
        nodes = []
        for name in ("one", "two"):
            words = ("--cluster-enabled", "yes", "--cluster-config-file", name)
            nodes.append(running.enter_context(server(folder, *words)))
        clients = [running.enter_context(closing(redis.Redis.from_url(n.url))) for n in nodes]
        clients[0].execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 8191)
        clients[1].execute_command("CLUSTER", "ADDSLOTSRANGE", 8192, 16383)
        clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[1].port)
        until = time.monotonic() + servers.READY_WITHIN
        while not all(b"state:ok" in c.execute_command("CLUSTER", "INFO") for c in clients):
            assert time.monotonic() < until
            time.sleep(0.02)
        yield nodes[0].url


async def test_a_real_cluster_counts_like_one_server(cluster_url: str) -> None:
    """Accounts on both nodes: exact, blocked by a provider elsewhere, surveyed and forgotten."""
    names = [f"account-{n}" for n in range(8)]
    charges = [charge(name, ceiling=2) for name in names]
    assert {slot(c.key) > 8191 for c in charges} == {True, False}
    with closing(open_redis(cluster_url, prefix=f"{uuid4().hex}:")) as store:
        twin = store.aio()
        for name, one in zip(names, charges, strict=True):
            assert store.reserve(held("1", one, guards=guards(name))) == Granted()
            assert await twin.reserve(held("2", one, guards=guards(name))) == Granted()
            assert store.reserve(held("3", one, guards=guards(name))).charge == one
        assert [tally.reserved for tally in store.survey(charges).tallies] == [2] * 8
        store.block("provider|p|block", 60_000, Fault.SERVER)
        for name in names:
            free = charge(name, name="input_tokens")
            for denied in (
                store.reserve(held("4", free, guards=guards(name))),
                await twin.reserve(held("4", free, guards=guards(name))),
            ):
                assert denied.block.key == "provider|p|block"
                assert 59_000 < denied.block.left_ms <= 60_000
        assert list((await twin.survey([], guards("a"))).blocks) == ["provider|p|block"]
        await twin.clear_blocks()
        store.reset_usage()
        after = await twin.survey(charges, guards("a"))
        assert not after.blocks
        assert [tally.reserved for tally in after.tallies] == [0] * 8
        await twin.close()


# Lost answers, lost scripts, lost data


def test_a_script_that_was_flushed_is_sent_again(store: RedisStore, plain: Any) -> None:
    """Every operation, alone and in a survey over accounts, survives SCRIPT FLUSH."""
    for n in range(3):
        plain.script_flush()
        assert store.reserve(held(f"r{n}")) == Granted()
        plain.script_flush()
        found = store.survey([charge("a"), charge("b"), charge("c")])
        assert [tally.reserved for tally in found.tallies] == [n + 1, 0, 0]


def test_an_answer_that_was_lost_takes_nothing_twice(proxy: Proxy) -> None:
    """The server counted, the connection broke: the second try finds what is held."""
    with closing(open_redis(proxy.url, prefix=f"{uuid4().hex}:")) as store:
        store.survey([charge()], guards("a"))
        assert store.reserve(held("warm")) == Granted()
        proxy.lose.set()
        assert store.reserve(held("r")) == Granted()
        assert not proxy.lose.is_set()
        assert store.survey([charge()]).tallies[0].reserved == 2
        assert store.record_fault("k", 60_000) == 1
        proxy.lose.set()
        assert store.record_fault("k", 60_000) == 2
        proxy.lose.set()
        store.settle(held("r"), Settlement(answered_ago_ms=0))
        assert store.survey([charge()]).tallies[0][1:3] == (1, 1)


async def test_a_task_repeats_a_lost_answer_as_well(proxy: Proxy) -> None:
    """The same for tasks, with a booked start: the second answer is the first."""
    twin = open_redis(proxy.url, prefix=f"{uuid4().hex}:").aio()
    one = charge(ceiling=1)
    await twin.reserve(held("first", one), None)
    proxy.lose.set()
    booked = await twin.reserve(held("second", one), 120_000)
    again = await twin.reserve(held("second", one), 120_000)
    assert isinstance(booked, Granted)
    assert 0 < again.start_in_ms <= booked.start_in_ms
    assert (await twin.survey([one])).tallies[0].reserved == 2
    await twin.close()


def test_a_second_loss_is_an_error(redis_url: str, tmp_path: Path) -> None:
    """Nobody there: one try more, then a typed error that names host and port."""
    with server(tmp_path) as gone, closing(open_redis(gone.url)) as store:
        assert store.reserve(held("r")) == Granted()
        gone.kill()
        with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{gone.port}"):
            store.reserve(held("s"))
        with pytest.raises(StoreUnavailable):
            asyncio.run(store.aio().reserve(held("s")))


async def test_a_server_that_never_answers_is_given_up(redis_url: str) -> None:
    """A port that listens and says nothing ends in a typed error in both colours."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with closing(open_redis(url, timeout=0.2)) as store:
            with pytest.raises(StoreUnavailable):
                store.now()
            with pytest.raises(StoreUnavailable):
                await store.aio().now()
            await store.aio().close()


def test_a_restart_with_persistence_forgets_nothing(redis_url: str, tmp_path: Path) -> None:
    """Killed and started again in the middle: counts go on, connections and scripts come back."""
    words = ("--appendonly", "yes", "--appendfsync", "always")
    with server(tmp_path, *words) as restarted, closing(open_redis(restarted.url)) as store:
        given = [store.reserve(held(f"r{n}")) for n in range(3)]
        restarted.kill()
        restarted.start()
        given += [store.reserve(held(f"r{n}")) for n in range(1, 8)]
        assert [isinstance(one, Granted) for one in given] == [True] * 7 + [False] * 3
        assert store.survey([charge()]).tallies[0].reserved == 5


class Caller:
    """Reserves and settles again and again, whatever becomes of the server."""

    def __init__(self, store: RedisStore, name: str, limit: int) -> None:
        self.store, self.name, self.limit = store, name, limit
        self.granted = self.lost = 0
        self.begun, self.enough = threading.Event(), threading.Event()

    def work(self) -> None:
        """Ask until it is enough, and then for the whole limit; settle what is granted."""
        more = self.limit
        for n in count():
            more -= self.enough.is_set()
            if not more:
                return
            mine = held(f"{self.name}-{n}", charge(ceiling=self.limit))
            try:
                said = self.store.reserve(mine)
            except StoreUnavailable:
                self.lost += 1
                self._surely(self.store.now)
                continue
            if isinstance(said, Granted):
                self.granted += 1
                self._surely(partial(self.store.settle, mine, Settlement(answered_ago_ms=0)))
            self.begun.set()

    @staticmethod
    def _surely(act: Callable[[], object]) -> None:
        until = time.monotonic() + servers.READY_WITHIN
        while True:
            try:
                act()
            except StoreUnavailable:
                assert time.monotonic() < until, "the server never came back"
                time.sleep(0.01)
            else:
                return


def test_a_restart_in_the_middle_of_calls_loses_and_invents_no_quota(
    redis_url: str, tmp_path: Path
) -> None:
    """Threads reserve and settle while it is killed and started: every grant is counted once.

    A settlement that finds no server is an error and takes effect when it is told again;
    a grant whose answer was lost may count, for nobody can know.
    """
    words, limit = ("--appendonly", "yes", "--appendfsync", "always"), 60
    with server(tmp_path, *words) as restarted, closing(open_redis(restarted.url)) as store:
        callers = [Caller(store, str(n), limit) for n in range(6)]
        with ThreadPoolExecutor(6) as threads:
            working = [threads.submit(caller.work) for caller in callers]
            try:
                assert all(caller.begun.wait(servers.READY_WITHIN) for caller in callers)
                restarted.kill()
                restarted.start()
            finally:
                for caller in callers:
                    caller.enough.set()
            for each in working:
                each.result()
        tally = store.survey([charge(ceiling=limit)]).tallies[0]
        granted, lost = (sum(getattr(c, n) for c in callers) for n in ("granted", "lost"))
        assert lost, "nobody was in the middle of a call"
        assert tally.used == granted  # each settled, none twice
        assert tally.used + tally.reserved == limit  # all of it was given out
        assert tally.reserved <= lost


def test_a_restart_without_persistence_is_said_before_anything_is_counted(
    redis_url: str, tmp_path: Path
) -> None:
    """Each process is told once, by an error; what is asked next is counted anew."""
    with server(tmp_path) as restarted, closing(open_redis(restarted.url)) as store:
        other = open_redis(restarted.url)
        for each in (store, other):
            each.reserve(held("r"))
        restarted.kill()
        restarted.start()
        for each in (store, other):
            with pytest.raises(StoreError, match="lost what was counted"):
                each.reserve(held("s"))
        assert store.survey([charge()]).tallies[0].reserved == 0
        assert other.reserve(held("s")) == Granted()
        other.close()


def test_a_server_written_by_a_later_version_is_left_alone(store: RedisStore, plain: Any) -> None:
    """Nothing is read or written there, and the error says why."""
    plain.set(store._keys.schema, "2 mark")
    with pytest.raises(StoreError, match="version '2'"):
        store.reserve(held("r"))
    assert list(plain.scan_iter(match=f"{store._keys.prefix}*")) == [store._keys.schema]


# Threads, loops, forks, cancellation


def test_threads_are_granted_what_fits_and_not_one_more(store: RedisStore) -> None:
    """Eight threads ask ten times what fits, of two windows at once."""
    both = (charge(ceiling=20), charge(ceiling=17, name="total_tokens"))

    def ask(n: int) -> bool:
        return isinstance(store.reserve(held(f"r{n}", *both)), Granted)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(200))) == 17
    assert [tally.reserved for tally in store.survey(both).tallies] == [17, 17]


def test_one_loop_after_another_may_use_the_store(store: RedisStore, plain: Any) -> None:
    """Loops that end properly and one that is just closed: connections die with each."""
    twin = store.aio()

    async def look() -> int:
        found = await asyncio.gather(*(twin.survey([charge()]) for _ in range(5)))
        return len(found)

    assert asyncio.run(look()) == 5
    assert asyncio.run(look()) == 5
    abrupt = asyncio.new_event_loop()
    assert abrupt.run_until_complete(look()) == 5
    abrupt.close()
    assert asyncio.run(look()) == 5
    assert not twin._link._loops or all(loop.is_closed() for loop in twin._link._loops)


def test_loops_that_begin_at_once_find_the_same_dead_one(store: RedisStore, plain: Any) -> None:
    """Threads with loops of their own do not fall over what another has cleared away."""
    twin = store.aio()

    async def look() -> int:
        return len((await twin.survey([charge()])).tallies)

    assert after_a_rough_end(look) == [1, 1, 1]


async def test_many_tasks_share_some_connections(redis_url: str, plain: Any) -> None:
    """More callers than connections wait for one, and each gets its answer."""
    twin = open_redis(redis_url, prefix=f"{uuid4().hex}:", timeout=20).aio()
    one = charge(ceiling=100)
    answers = await asyncio.gather(*(twin.reserve(held(f"r{n}", one)) for n in range(400)))
    assert sum(isinstance(answer, Granted) for answer in answers) == 100
    assert len(plain.client_list()) < 100
    await twin.close()


async def test_a_cancelled_task_leaves_only_when_its_taking_is_done(proxy: Proxy) -> None:
    """So giving back comes after taking, and nothing stays held."""
    store = open_redis(proxy.url, prefix=f"{uuid4().hex}:")
    twin = store.aio()
    await twin.survey([charge()])
    await twin.reserve(held("warm"))
    proxy.answered.clear()
    proxy.open.clear()
    asked = asyncio.create_task(twin.reserve(held("r")))
    await asyncio.to_thread(proxy.answered.wait)
    asked.cancel()
    await asyncio.sleep(0)
    assert not asked.done()
    proxy.open.set()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert (await twin.survey([charge()])).tallies[0].reserved == 2
    await twin.settle(held("r"), NEVER_SENT)
    assert (await twin.survey([charge()])).tallies[0].reserved == 1
    await twin.close()


async def test_a_cancelled_look_spoils_no_connection(proxy: Proxy) -> None:
    """Its late answer is never taken for somebody else's."""
    twin = open_redis(proxy.url, prefix=f"{uuid4().hex}:").aio()
    await twin.reserve(held("r"))
    for _ in range(5):
        proxy.answered.clear()
        proxy.open.clear()
        look = asyncio.create_task(twin.survey([charge()]))
        await asyncio.to_thread(proxy.answered.wait)
        look.cancel()
        with suppress(asyncio.CancelledError):
            await look
        proxy.open.set()
        assert await twin.learned([charge().key]) == {}
    await twin.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_opens_connections_of_its_own(store: RedisStore, plain: Any) -> None:
    """Parent and child talk at the same time, and neither hears the other's answers."""
    assert store.reserve(held("parent")) == Granted()
    before = {client["id"] for client in plain.client_list()}
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            store.reserve(held("child"))
            code = 0 if store.survey([charge()]).tallies[0].reserved == 2 else 2
        os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert store.survey([charge()]).tallies[0].reserved == 2
    assert before <= {client["id"] for client in plain.client_list()}


def test_a_closed_store_may_be_used_again(store: RedisStore) -> None:
    """Closing twice is closing once, and the next call opens connections."""
    store.reserve(held("r"))
    store.close()
    store.close()
    assert store.survey([charge()]).tallies[0].reserved == 1


# Keys


def test_every_key_but_the_schema_leaves_by_itself(store: RedisStore, plain: Any) -> None:
    """Each has a time to live that covers what it holds, and not for ever."""
    day = 86_400_000
    kinds = [kind for kind in Kind if kind is not Kind.UNKNOWN]
    for kind in kinds:
        one = Charge(
            key=f"{{a}}|{kind}",
            metric=Metric.REQUESTS,
            amount=1,
            ceiling=1,
            kind=kind,
            span_ms=day,
        )
        store.reserve(held("r", one))
    said = Observation(metric=Metric.REQUESTS, span=60, limit=7)
    store.observe(charge(), said, 0)
    store.block("b", day, Fault.SERVER)
    store.record_fault("b", day)
    store.lease("b", "me", day)
    found = {key: plain.pttl(key) for key in plain.scan_iter(match=f"{store._keys.prefix}*")}
    assert found.pop(store._keys.schema) == -1
    assert len(found) == len(kinds) + 6
    shortest = {f"{store._keys.prefix}window:{{a}}|{Kind.CONCURRENT}": 120_000}
    for key, lives_ms in found.items():
        assert shortest.get(key, day) < lives_ms < 101 * day


def test_all_of_one_prefix_is_forgotten_and_nothing_else(redis_url: str, plain: Any) -> None:
    """Without keys the tables of this prefix are searched, also if it looks like a pattern."""
    base = uuid4().hex
    mine = open_redis(f"{redis_url}?prefix={base}[*]:")
    other = open_redis(redis_url, prefix=f"{base}x:")
    for each in (mine, other):
        each.reserve(held("r"))
        each.block("b", 60_000, Fault.SERVER)
        each.record_fault("b", 60_000)
        each.lease("b", "me", 60_000)
        each.observe(charge(), Observation(metric=Metric.REQUESTS, span=60, limit=7), 0)
    mine.clear_blocks()
    assert mine.survey([charge()], ["b"]).blocks == {}
    assert mine.survey([charge()]).tallies[0].reserved == 1
    assert mine.lease("b", "you", 1)
    assert mine.record_fault("b", 60_000) == 1
    mine.block("b", 60_000, Fault.SERVER)
    mine.reset_usage()
    left = mine.survey([charge()], ["b"])
    assert left.tallies[0].reserved == 0
    assert left.tallies[0].learned is not None
    assert list(left.blocks) == ["b"]
    untouched = other.survey([charge()], ["b"])
    assert untouched.tallies[0].reserved == 1
    assert list(untouched.blocks) == ["b"]
    assert not other.lease("b", "you", 1)
    mine.close()
    other.close()


def test_a_socket_of_this_machine_will_do(redis_url: str, tmp_path: Path) -> None:
    """`unix://` reaches a server by its file, and `valkey://` by its other name."""
    place = tmp_path / "socket"
    with server(tmp_path, "--unixsocket", str(place)) as local:
        with closing(open_redis(f"unix://{place}?prefix=p:")) as store:
            assert store.reserve(held("r")) == Granted()
            assert repr(store) == f"RedisStore({place})"
        url = local.url.replace("redis://", "valkey://")
        with closing(open_redis(url, prefix="p:")) as store:
            assert store.survey([charge()]).tallies[0].reserved == 1


def test_the_servers_clock_judges(store: RedisStore, plain: Any) -> None:
    """What the store calls now is what the server calls now."""
    seconds, micros = plain.time()
    before = seconds * 1000 + micros // 1000
    now = store.now()
    seconds, micros = plain.time()
    assert before <= now <= seconds * 1000 + micros // 1000


# Secrets


SECRET = "s3cret-w0rd"


def told(error: BaseException) -> str:
    """Return all that an error shows, its chain included."""
    return "".join(traceback.format_exception(error)) + repr(error)


async def test_a_password_is_in_no_text(
    redis_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a repr, nor an error, nor a log shows it: right, wrong, or nobody there."""
    caplog.set_level(logging.DEBUG)
    shown = []
    with server(tmp_path, "--requirepass", SECRET) as locked:
        right = locked.url.replace("redis://", f"redis://:{SECRET}@")
        wrong = locked.url.replace("redis://", f"redis://:not-{SECRET}@")
        with closing(open_redis(right)) as store:
            assert store.reserve(held("r")) == Granted()
            assert (await store.aio().survey([charge()])).tallies[0].reserved == 1
            await store.aio().close()
            shown += [repr(store), repr(store.aio()), repr(store._at), repr(store._link)]
        refused = open_redis(wrong)
        for url_store in (refused, open_redis(right.replace(str(locked.port), "1"))):
            with pytest.raises(StoreUnavailable) as sync_error:
                url_store.reserve(held("r"))
            with pytest.raises(StoreUnavailable) as async_error:
                await url_store.aio().reserve(held("r"))
            await url_store.aio().close()
            url_store.close()
            shown += [told(sync_error.value), told(async_error.value)]
    with pytest.raises(ConfigError) as bad:
        open_redis(f"redis://:{SECRET}@localhost:port-{SECRET}/0")
    shown.append(told(bad.value))
    assert SECRET not in "\n".join([*shown, caplog.text])


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("redis://localhost?prefix={x}", {}),
        ("redis://localhost", {"prefix": "a{b"}),
        ("redis://localhost", {"timeout": 0}),
        ("redis://[::1", {}),
        ("redis://localhost?no_such_option=1", {}),
        ("http://localhost", {}),
    ],
)
def test_what_cannot_be_used_is_said_at_once(url: str, options: dict[str, Any]) -> None:
    """A prefix with braces, no time at all, or a URL that is none."""
    with pytest.raises(ConfigError):
        open_redis(url, **options)
