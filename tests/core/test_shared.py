"""Whoever has one configuration shares one router, so that all count together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from freetier import Router
from freetier.shared import SharedRouters


def _single(provider: str) -> dict[str, Any]:
    return {"accounts": [{"provider": provider, "id": provider, "auth": {"api_key": "made-up"}}]}


GROQ = _single("groq")


@pytest.fixture
def shared() -> SharedRouters:
    """A process that has made no router yet."""
    return SharedRouters()


def test_one_environment_is_one_router(
    shared: SharedRouters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when variables change that have nothing to do with it."""
    monkeypatch.setenv("GROQ_API_KEY", "made-up")
    first = shared.router(Router, None)
    monkeypatch.setenv("SOMETHING_ELSE", "changed")

    assert shared.router(Router, None) is first


def test_another_key_is_another_router(
    shared: SharedRouters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one stays with those who have it."""
    monkeypatch.setenv("GROQ_API_KEY", "made-up")
    first = shared.router(Router, None)
    monkeypatch.setenv("GROQ_API_KEY", "changed")

    assert shared.router(Router, None) is not first


def test_one_file_is_one_router(shared: SharedRouters, tmp_path: Path) -> None:
    """However it is named."""
    file = tmp_path / "freetier.yaml"
    file.write_text("accounts: [{provider: groq, auth: {api_key: made-up}}]", encoding="utf-8")

    assert shared.router(Router, file) is shared.router(
        Router, str(tmp_path / "." / "freetier.yaml")
    )


def test_one_mapping_is_one_router(shared: SharedRouters) -> None:
    """Equal is enough; the order of its keys means nothing."""
    again = {"accounts": [dict(reversed(account.items())) for account in GROQ["accounts"]]}

    assert shared.router(Router, GROQ) is shared.router(Router, again)
    assert shared.router(Router, _single("cerebras")) is not shared.router(Router, GROQ)


def test_threads_that_ask_at_once_get_the_same(shared: SharedRouters) -> None:
    """The first call of many models may come from many threads."""
    with ThreadPoolExecutor(8) as pool:
        routers = set(pool.map(lambda _: shared.router(Router, GROQ), range(32)))

    assert len(routers) == 1


def test_a_file_that_was_changed_is_another_router(shared: SharedRouters, tmp_path: Path) -> None:
    """Its accounts may be others now."""
    file = tmp_path / "freetier.yaml"
    file.write_text("accounts: [{provider: groq, auth: {api_key: made-up}}]", encoding="utf-8")
    first = shared.router(Router, file)
    file.write_text("accounts: [{provider: mistral, auth: {api_key: other}}]", encoding="utf-8")

    assert shared.router(Router, file) is not first


def test_the_router_of_the_process_is_shared() -> None:
    """The public way to it."""
    assert Router.shared(GROQ) is Router.shared(GROQ)
