"""Connections for threads."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any

import redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from freetier.stores.redis.address import POOL, Address
from freetier.stores.redis.calls import Call
from freetier.stores.redis.faults import LOST, may_repeat, ours
from freetier.stores.redis.greeting import Greeting, Words


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
        self._client: Any = None

    @property
    def is_cluster(self) -> bool:
        """Tell whether keys live in slots; the server is asked once.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
        """
        if self._client is None:
            self.run([Call(("PING",))])
        return self._greeting.is_cluster

    def run(self, calls: Sequence[Call]) -> list[Any]:
        """Send calls together and return their replies; a script not known is sent in full.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
            StoreError: The server refuses a call.
        """
        until = time.monotonic() + self._at.timeout
        replies = self._sent([call.words for call in calls], until)
        unknown = [at for at, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown:
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
        client, self._client = self._client, None
        if client is not None and self._pid == os.getpid():
            client.close()

    def _sent(self, lines: Sequence[tuple[Any, ...]], until: float) -> list[Any]:
        """Send once, and once more if the connection was lost."""
        try:
            return self._once(lines)
        except (RedisError, OSError) as error:
            if not may_repeat(error) or time.monotonic() >= until:
                raise ours(error, self._at) from None
        try:
            return self._once(lines)
        except (RedisError, OSError) as error:
            raise ours(error, self._at) from None

    def _once(self, lines: Sequence[tuple[Any, ...]]) -> list[Any]:
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

    def _reached(self) -> Any:
        if self._pid != os.getpid():
            self._forget()
        if self._client is None:
            with self._lock:
                if self._client is None:
                    self._client = self._opened()
        return self._client

    def _opened(self) -> Any:
        options = self._at.options()
        pool = redis.BlockingConnectionPool.from_url(
            self._at.url,
            **options,
            max_connections=POOL,
            timeout=self._at.timeout / 2,
            redis_connect_func=self._greet,
        )
        client = redis.Redis(connection_pool=pool)
        client.auto_close_connection_pool = True
        with closing_unless_kept(client) as kept:
            client.ping()
            if not self._greeting.is_cluster:
                return kept(client)
        cluster = redis.RedisCluster.from_url(self._at.url, **options)
        with closing_unless_kept(cluster) as kept:
            _converse(self._greeting.on_data(), lambda words: cluster.execute_command(*words))
            return kept(cluster)

    def _greet(self, connection: Any) -> None:
        connection.on_connect()

        def ask(words: Words) -> Any:
            connection.send_command(*words)
            return connection.read_response()

        _converse(self._greeting.on_connection(), ask)
