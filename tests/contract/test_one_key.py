"""A router over the key of one free provider alone, as a new user has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier import Router, catalog
from freetier.testing import VirtualClock
from freetier.values.wire import Answer, HttpRequest, Timeouts

FREE = [
    name
    for name, variables in catalog.key_variables().items()
    if variables and catalog.provider(name).status == "free"
]
SAID = {
    "choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}],
    "candidates": [{"content": {"parts": [{"text": "Hello."}]}, "finishReason": "STOP"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}


class Host:
    """Answers in the words of every language at once, and remembers whom it stood for."""

    def __init__(self) -> None:
        self.asked: list[HttpRequest] = []

    def send(self, request: HttpRequest, _timeouts: Timeouts) -> Answer:
        """Answer."""
        self.asked.append(request)
        return Answer(status=200, headers=(), body=_Body(json.dumps(SAID).encode()))

    def close(self) -> None:
        """Nothing is open."""


class _Body:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, _timeout: float | None) -> bytes:
        data, self.data = self.data, b""
        return data

    def close(self) -> None:
        pass


def made(name: str) -> tuple[Router, Host]:
    """Return a router over the environment of somebody who has one key."""
    variable = catalog.key_variables()[name][0]
    environ: dict[str, Any] = {variable: "key-1234", "CLOUDFLARE_ACCOUNT_ID": "abc"}
    host = Host()
    return Router.from_env(environ, transport=host, clock=VirtualClock()), host


def test_there_are_such_providers() -> None:
    """A guard against an empty table."""
    assert len(FREE) >= 10


@pytest.mark.parametrize("alias", ["best", "fast"])
@pytest.mark.parametrize("name", FREE)
def test_best_and_fast_are_answered(name: str, alias: str) -> None:
    """At the provider's own host, for nothing, with its key alone."""
    router, host = made(name)
    done = router.complete("Hi", model=alias, max_wait=0)
    assert done.text == "Hello."
    assert (done.report.provider, done.report.free) == (name, True)
    origin = "/".join(catalog.provider(name).base_url.split("/")[:3])
    assert host.asked[0].url.startswith(f"{origin}/")
    assert any("key-1234" in value for _, value in host.asked[0].headers)
    assert "key-1234" not in host.asked[0].url
