"""The servers behind the store tests are real ones, and each says so itself."""

from __future__ import annotations

import psycopg
import pytest
import redis

from tests import servers


def test_redis_runs_a_script_with_its_own_clock(redis_url: str) -> None:
    """A Lua script can read the server's clock, as the store's scripts will."""
    with redis.Redis.from_url(redis_url) as client:
        seconds, _ = client.eval("return redis.call('TIME')", 0)

    assert int(seconds) > 1_700_000_000


def test_postgres_commits_a_row(postgres_url: str) -> None:
    """What one connection commits another one reads."""
    with psycopg.connect(postgres_url) as writer:
        writer.execute("create table commits_a_row (n int)")
        writer.execute("insert into commits_a_row values (7)")

    with psycopg.connect(postgres_url) as reader:
        row = reader.execute("select n from commits_a_row").fetchone()

    assert row == (7,)


def test_the_wheel_stands_in_where_the_system_has_no_redis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A person without system packages gets the same server from the `test` extra."""
    monkeypatch.setenv("PATH", "/nonexistent")

    with servers.redis_server() as url, redis.Redis.from_url(url) as client:
        assert client.ping()
        assert "valkey_version" in client.info("server")


def test_a_server_is_gone_when_it_is_no_longer_wanted() -> None:
    """Nothing is left running behind the tests."""
    with servers.redis_server() as url:
        pass

    with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError):
        client.ping()
