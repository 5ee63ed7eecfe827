"""Connections for tasks: a set per running loop, which lives and dies with it."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import warnings
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from redis import asyncio as aioredis
from redis.exceptions import RedisError, ResponseError

from freetier.errors import StoreUnavailable
from freetier.stores.redis.address import POOL, Address, Client, Connection
from freetier.stores.redis.calls import Call
from freetier.stores.redis.faults import LOST, checked, may_repeat, ours, unknown_scripts
from freetier.stores.redis.greeting import Greeting, Reply, Talk, Words
from freetier.stores.redis.link import SCANNED


class LoopClient:
    """The client of one loop; closed with the loop's asynchronous generators.

    Attributes:
        asked: Whether the server has said if it is a cluster.
        places: One per connection; who waits for one is not yet waiting for the server.
    """

    def __init__(self, at: Address, greeting: Greeting) -> None:
        self._at = at
        self._greeting = greeting
        self._client: Client = None
        self.asked = False
        self.places = asyncio.Semaphore(POOL)
        self._keeper = self._keep()

    async def start(self) -> None:
        """Register with the loop: `asyncio.run` closes asynchronous generators at its end."""
        await anext(self._keeper)

    async def _keep(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            client, self._client = self._client, None
            if client is not None:
                await client.aclose()

    async def close(self) -> None:
        """Close every connection of this loop."""
        await self._keeper.aclose()

    def drop(self) -> None:
        """Let go of connections whose loop is gone; nobody can await them."""
        self._client = None

    async def reached(self) -> Client:
        """Return the client."""
        if self._client is None:
            self._client = self._plain()
        client = self._client
        if not self.asked:
            await client.ping()
            if self._greeting.is_cluster:
                client = await self._clustered(client)
            self.asked = True
        return client

    def _plain(self) -> Client:
        pool = aioredis.BlockingConnectionPool.from_url(
            self._at.url,
            **self._options(),
            max_connections=POOL,
            timeout=self._at.answer_timeout,
            redis_connect_func=self._greet,
        )
        return aioredis.Redis.from_pool(pool)

    def _options(self) -> dict[str, Any]:
        """Our own time-outs bound every try: the library's lose a cancellation (CPython #86296)."""
        return {**self._at.options(), "socket_timeout": None}

    async def _clustered(self, plain: Client) -> Client:
        """Put a client that knows all nodes in the place of one that knows the first."""
        cluster = aioredis.RedisCluster.from_url(self._at.url, **self._options())
        try:
            await _converse(self._greeting.on_data(), lambda words: cluster.execute_command(*words))
        except BaseException:
            await cluster.aclose()
            raise
        if self._client is not plain:  # another task was faster
            await cluster.aclose()
            return self._client
        self._client = cluster
        await plain.aclose()
        return cluster

    async def _greet(self, connection: Connection) -> None:
        await connection.on_connect()

        async def ask(words: Words) -> Reply:
            await connection.send_command(*words)
            return await connection.read_response()

        await _converse(self._greeting.on_connection(), ask)


async def _converse(talk: Talk, ask: Callable[[Words], Awaitable[Reply]]) -> None:
    """Let a greeting talk to a server."""
    words = next(talk)
    while True:
        try:
            reply: Reply = await ask(words)
        except ResponseError as error:
            reply = error
        try:
            words = talk.send(reply)
        except StopIteration:
            return


class LoopLink:
    """Sends calls and returns replies; safe to share between loops, and after a fork.

    Args:
        at: The server.
        greeting: What is known of it.
    """

    def __init__(self, at: Address, greeting: Greeting) -> None:
        self._at = at
        self._greeting = greeting
        self._forget()

    def _forget(self) -> None:
        """Begin anew: in a forked child the parent's connections are left alone."""
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopClient] = (
            weakref.WeakKeyDictionary()
        )

    async def is_cluster(self) -> bool:
        """Tell whether keys live in slots; the server is asked once per loop.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
        """
        mine = self._loops.get(asyncio.get_running_loop())
        if mine is None or not mine.asked or self._pid != os.getpid():
            await self.run([Call(("PING",))])
        return self._greeting.is_cluster

    async def run(self, calls: Sequence[Call]) -> list[Reply]:
        """Send calls together and return their replies; a script not known is sent in full.

        Who finds all connections in use waits for one, as long as for an answer at most.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
            StoreError: The server refuses a call.
        """
        places = (await self._mine()).places
        try:
            async with asyncio.timeout(self._at.timeout):
                await places.acquire()
        except TimeoutError:
            busy = f"Redis at {self._at.label}: all {POOL} connections are in use"
            raise StoreUnavailable(busy) from None
        try:
            return await self._run(calls)
        finally:
            places.release()

    async def _run(self, calls: Sequence[Call]) -> list[Reply]:
        try:
            async with asyncio.timeout(self._at.timeout):
                replies = await self._sent([call.words for call in calls])
                if unknown := unknown_scripts(replies):
                    anew = await self._sent([calls[at].in_full for at in unknown])
                    for at, reply in zip(unknown, anew, strict=True):
                        replies[at] = reply
        except TimeoutError:
            late = f"Redis at {self._at.label}: no answer within {self._at.timeout:g} s"
            raise StoreUnavailable(late) from None
        return checked(replies, self._at)

    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """Yield the keys that fit a pattern, in heaps.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
        """
        heap: list[str] = []
        try:
            client = await (await self._mine()).reached()
            async for key in client.scan_iter(match=pattern, count=SCANNED):
                heap.append(key)
                if len(heap) == SCANNED:
                    yield heap
                    heap = []
        except (RedisError, OSError) as error:
            raise ours(error, self._at) from None
        if heap:
            yield heap

    async def close(self) -> None:
        """Close the connections of this loop; safe to call twice, and a call opens new ones."""
        if self._pid != os.getpid():
            self._forget()
        with self._lock:
            mine = self._loops.pop(asyncio.get_running_loop(), None)
        if mine is not None:
            await mine.close()

    async def _sent(self, lines: Sequence[tuple[Any, ...]]) -> list[Reply]:
        """Send, and once more if a connection was lost."""
        tries = 0
        while True:
            tries += 1
            try:
                async with asyncio.timeout(self._at.answer_timeout):
                    return await self._once(lines)
            except (RedisError, OSError) as error:
                if tries > 1 or not may_repeat(error):
                    raise ours(error, self._at) from None

    async def _once(self, lines: Sequence[tuple[Any, ...]]) -> list[Reply]:
        client = await (await self._mine()).reached()
        if len(lines) != 1:
            pipeline = client.pipeline(transaction=False)
            for line in lines:
                pipeline.execute_command(*line)
            return list(await pipeline.execute(raise_on_error=False))
        try:
            return [await client.execute_command(*lines[0])]
        except LOST:
            raise
        except ResponseError as error:
            return [error]

    async def _mine(self) -> LoopClient:
        if self._pid != os.getpid():
            self._forget()
        loop = asyncio.get_running_loop()
        mine = self._loops.get(loop)
        if mine is None:
            self._drop_dead_loops()
            mine = LoopClient(self._at, self._greeting)
            with self._lock:
                self._loops[loop] = mine
            await mine.start()
        return mine

    def _drop_dead_loops(self) -> None:
        """Let go of sockets whose loop was closed without its generators; nobody can await them.

        The library's connections are in cycles, so that they close where they are collected:
        here, where their warning is not heard.
        """
        with self._lock:  # loops of several threads that begin at once find the same dead ones
            dead = [self._loops.pop(loop) for loop in list(self._loops) if loop.is_closed()]
        if not dead:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            while dead:
                dead.pop().drop()
            gc.collect()
