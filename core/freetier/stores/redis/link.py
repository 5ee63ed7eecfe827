"""Connections for threads."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import redis
from redis.exceptions import RedisError, ResponseError

from freetier.stores.redis.address import POOL, Address, Client, Connection
from freetier.stores.redis.calls import Call
from freetier.stores.redis.faults import LOST, checked, may_repeat, ours, unknown_scripts
from freetier.stores.redis.greeting import Greeting, Reply, Talk, Words

SCANNED = 500
"""Keys that are looked for, and forgotten, at a time."""


class Link:
    """Sends calls and returns replies; safe to share between threads, and after a fork.

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
        self._client: Client = None
        self._asked = False

    @property
    def is_cluster(self) -> bool:
        """Tell whether keys live in slots; the server is asked once.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
        """
        if not self._asked or self._pid != os.getpid():
            self.run([Call(("PING",))])
        return self._greeting.is_cluster

    def run(self, calls: Sequence[Call]) -> list[Reply]:
        """Send calls together and return their replies; a script not known is sent in full.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
            StoreError: The server refuses a call.
        """
        until = time.monotonic() + self._at.timeout
        replies = self._sent([call.words for call in calls], until)
        if unknown := unknown_scripts(replies):
            anew = self._sent([calls[at].in_full for at in unknown], until)
            for at, reply in zip(unknown, anew, strict=True):
                replies[at] = reply
        return checked(replies, self._at)

    def scan(self, pattern: str) -> Iterator[list[str]]:
        """Yield the keys that fit a pattern, in heaps.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
        """
        heap: list[str] = []
        try:
            for key in self._reached().scan_iter(match=pattern, count=SCANNED):
                heap.append(key)
                if len(heap) == SCANNED:
                    yield heap
                    heap = []
        except (RedisError, OSError) as error:
            raise ours(error, self._at) from None
        if heap:
            yield heap

    def close(self) -> None:
        """Close every connection; safe to call twice, and the next call opens new ones."""
        client, mine = self._client, self._pid == os.getpid()
        self._forget()
        if client is not None and mine:
            client.close()

    def _sent(self, lines: Sequence[tuple[Any, ...]], until: float) -> list[Reply]:
        """Send, and once more if a connection was lost and there is time."""
        tries = 0
        while True:
            tries += 1
            try:
                return self._once(lines)
            except (RedisError, OSError) as error:
                if tries > 1 or not may_repeat(error) or time.monotonic() >= until:
                    raise ours(error, self._at) from None

    def _once(self, lines: Sequence[tuple[Any, ...]]) -> list[Reply]:
        client = self._reached()
        if len(lines) != 1:
            pipeline = client.pipeline(transaction=False)
            for line in lines:
                pipeline.execute_command(*line)
            return list(pipeline.execute(raise_on_error=False))
        try:
            return [client.execute_command(*lines[0])]
        except LOST:
            raise
        except ResponseError as error:
            return [error]

    def _reached(self) -> Client:
        """Return the client; nobody waits for another thread's connection."""
        if self._pid != os.getpid():
            self._forget()
        with self._lock:
            if self._client is None:
                self._client = self._plain()
            client = self._client
        if not self._asked:
            client.ping()
            if self._greeting.is_cluster:
                client = self._clustered(client)
            self._asked = True
        return client

    def _plain(self) -> Client:
        pool = redis.BlockingConnectionPool.from_url(
            self._at.url,
            **self._options(),
            max_connections=POOL,
            timeout=self._at.timeout,
            redis_connect_func=self._greet,
        )
        return redis.Redis.from_pool(pool)

    def _options(self) -> dict[str, Any]:
        return {**self._at.options(), "socket_timeout": self._at.answer_timeout}

    def _clustered(self, plain: Client) -> Client:
        """Put a client that knows all nodes in the place of one that knows the first."""
        cluster: Client = redis.RedisCluster.from_url(self._at.url, **self._options())
        try:
            _converse(self._greeting.on_data(), lambda words: cluster.execute_command(*words))
        except BaseException:
            cluster.close()
            raise
        with self._lock:
            if self._client is plain:
                self._client = cluster
                plain.close()
            else:
                cluster.close()
            return self._client

    def _greet(self, connection: Connection) -> None:
        connection.on_connect()

        def ask(words: Words) -> Reply:
            connection.send_command(*words)
            return connection.read_response()

        _converse(self._greeting.on_connection(), ask)


def _converse(talk: Talk, ask: Callable[[Words], Reply]) -> None:
    """Let a greeting talk to a server."""
    words = next(talk)
    while True:
        try:
            reply: Reply = ask(words)
        except ResponseError as error:
            reply = error
        try:
            words = talk.send(reply)
        except StopIteration:
            return
