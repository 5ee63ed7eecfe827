"""The desk writes everything down, once, whoever asks at the same time."""

from __future__ import annotations

import threading

from freetier.testing import FakeProvider, Limit
from tests.core.testing.kit import T0, incoming


def test_exactly_the_limit_is_admitted_from_many_threads() -> None:
    """32 threads, 640 requests at one moment, 100 of them allowed."""
    provider = FakeProvider("mine", limits=[Limit(100), Limit(200, "day")])
    request = incoming(provider)
    statuses: list[int] = []

    def ask() -> None:
        statuses.extend(provider.reply(request, T0).status for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses.count(200), statuses.count(429)) == (100, 540)
    assert len(provider.books.admitted("mine-1")) == 100
    assert len(provider.books.refused("mine-1")) == 540


def test_an_entry_is_complete_when_its_answer_has_ended() -> None:
    """Everything one can ask of a request stands in one line, and no key."""
    provider = FakeProvider("groq", limits=[Limit(5)], latency=2)
    request = incoming(provider, stream=True)
    provider.reply(request, T0)
    provider.reply(request, T0 + 10)
    first, second = provider.books.entries
    assert (first.at, first.provider, first.account, first.model) == (T0, "groq", "groq-1", "small")
    assert (first.route, first.stream, first.status, first.verdict) == (
        "chat",
        True,
        200,
        "admitted",
    )
    assert first.ended_at == T0 + 2
    assert second.ended_at is None
    assert "fake-key" not in repr(first)
    assert "fake-key" not in repr(request)


def test_books_may_be_cleared_while_answers_run() -> None:
    """What ends afterwards is charged, and writes nothing."""
    provider = FakeProvider("mine", limits=[Limit(1, metric="concurrent")], latency=2)
    provider.reply(incoming(provider), T0)
    provider.books.clear()
    assert provider.reply(incoming(provider), T0 + 2).status == 200
    assert len(provider.books) == 1
