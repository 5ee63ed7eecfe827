"""Models of one configuration share one router, so that they count together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from freetier_langchain import chat_model
from freetier_langchain._routers import SharedRouters, single

GROQ = single("groq", "made-up")


@pytest.fixture
def shared() -> SharedRouters:
    """A process that has made no router yet."""
    return SharedRouters()


def test_one_environment_is_one_router(
    shared: SharedRouters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when variables change that have nothing to do with it."""
    monkeypatch.setenv("GROQ_API_KEY", "made-up")
    first = shared.router()
    monkeypatch.setenv("SOMETHING_ELSE", "changed")

    assert shared.router() is first


def test_another_key_is_another_router(
    shared: SharedRouters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one stays with those who have it."""
    monkeypatch.setenv("GROQ_API_KEY", "made-up")
    first = shared.router()
    monkeypatch.setenv("GROQ_API_KEY", "changed")

    assert shared.router() is not first


def test_one_file_is_one_router(shared: SharedRouters, tmp_path: Path) -> None:
    """However it is named."""
    file = tmp_path / "freetier.yaml"
    file.write_text("accounts: [{provider: groq, auth: {api_key: made-up}}]", encoding="utf-8")

    assert shared.router(file) is shared.router(str(tmp_path / "." / "freetier.yaml"))


def test_one_mapping_is_one_router(shared: SharedRouters) -> None:
    """Equal is enough; the order of its keys means nothing."""
    again = {"accounts": [dict(reversed(account.items())) for account in GROQ["accounts"]]}

    assert shared.router(GROQ) is shared.router(again)
    assert shared.router(single("cerebras", "made-up")) is not shared.router(GROQ)


def test_threads_that_ask_at_once_get_the_same(shared: SharedRouters) -> None:
    """The first call of many models may come from many threads."""
    with ThreadPoolExecutor(8) as pool:
        routers = set(pool.map(lambda _: shared.router(GROQ), range(32)))

    assert len(routers) == 1


def test_models_without_a_router_share_that_of_the_process() -> None:
    """A second model made the same way is over the same quota."""
    one, other = (chat_model("fast", config=GROQ) for _ in range(2))

    assert one._live_router() is other._live_router()
