"""A key appears nowhere but in the request to its own provider."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.exceptions import ModelAuthenticationError
from langchain_core.load import dumpd
from langchain_core.tracers.base import BaseTracer

from freetier.testing import FakeAccount, FakeProvider, Fleet, faults
from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import ALIAS, NORTH, SOUTH, offline

CANARY = "sk-canary-0b5e91"


class Recorder(BaseCallbackHandler):
    """Keeps everything it is told, as text."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_"):
            return super().__getattribute__(name)
        heard = self.heard
        return lambda *told, **more: heard.append(f"{name} {told!r} {more!r}")


class Tracer(BaseTracer):
    """Keeps the runs it was told of."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Any] = []

    def _persist_run(self, run: Any) -> None:
        self.runs.append(run)


def refusing(*names: str) -> FreeTierChatModel:
    """Return a model of providers that all show the canary; the first repeats it in its error."""
    providers = [
        FakeProvider(name, accounts=[FakeAccount(label=f"{name}-1", key=f"{CANARY}-{name}")])
        for name in names
    ]
    fleet = Fleet(*providers)
    fleet.always(names[0], faults.Status(401, body=f"bad key {CANARY}-{names[0]}"))
    return offline(fleet)


@pytest.mark.parametrize("way", ["invoke", "stream"])
def test_listeners_and_traces_never_see_a_key(way: str) -> None:
    """Also when a provider repeats the key in its error, and through a failover."""
    model, recorder, tracer = refusing(NORTH, SOUTH), Recorder(), Tracer()

    answer = getattr(model, way)("hi", config={"callbacks": [recorder, tracer]})
    said = [answer] if way == "invoke" else list(answer)

    assert any("on_chat_model_start" in text for text in recorder.heard)
    assert CANARY not in "".join(recorder.heard)
    assert CANARY not in json.dumps([run.model_dump() for run in tracer.runs], default=repr)
    assert CANARY not in repr(said)


def test_an_error_never_says_a_key() -> None:
    """Neither its text nor its route nor what caused it."""
    with pytest.raises(ModelAuthenticationError) as got:
        refusing(NORTH).invoke("hi")

    error: BaseException | None = got.value
    while error is not None:
        assert CANARY not in f"{error!r} {vars(error)!r}"
        error = error.__cause__ or error.__context__


def test_a_model_never_shows_a_key() -> None:
    """In no form that it is printed or written in."""
    model = refusing(NORTH)
    with_key = FreeTierChatModel(model=ALIAS, provider="groq", api_key=CANARY)
    in_config = FreeTierChatModel(
        model=ALIAS, config={"accounts": [{"provider": "groq", "auth": {"api_key": CANARY}}]}
    )
    for one in (model, with_key, in_config):
        assert one.profile is None or one.profile
        shown = [repr(one), str(one), str(dumpd(one)), str(one.model_dump()), str(one.asdict())]
        assert CANARY not in "".join(shown)
        assert CANARY not in one._get_llm_string()
        assert CANARY not in repr(one._live_router())
