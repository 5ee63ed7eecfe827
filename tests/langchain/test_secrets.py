"""A key appears nowhere but in the request to its own provider."""

from __future__ import annotations

import asyncio
import json
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.exceptions import ModelAuthenticationError
from langchain_core.load import dumpd
from langchain_core.runnables import RunnableConfig
from langchain_core.tracers.base import BaseTracer
from pydantic import ValidationError

from freetier import ConfigError
from freetier.testing import FakeAccount, FakeProvider, Fleet, faults
from freetier_langchain import FreeTierChatModel, FreeTierEmbeddings
from tests.langchain.stage import ALIAS, NORTH, SOUTH, offline

CANARY = "sk-canary-0b5e91"
SAVE = {"title": "save", "type": "object", "properties": {"name": {"type": "string"}}}


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
        pass

    def _end_trace(self, run: Any) -> None:
        self.runs.append(run)
        super()._end_trace(run)


def refusing(*names: str) -> FreeTierChatModel:
    """Return a model of providers that all show the canary; the first repeats it in its error."""
    providers = [
        FakeProvider(name, accounts=[FakeAccount(label=f"{name}-1", key=f"{CANARY}-{name}")])
        for name in names
    ]
    fleet = Fleet(*providers)
    fleet.always(names[0], faults.Status(401, body=f"bad key {CANARY}-{names[0]}"))
    return offline(fleet)


WAYS: dict[str, Callable[[FreeTierChatModel, RunnableConfig], object]] = {
    "invoke": lambda model, config: model.invoke("hi", config),
    "ainvoke": lambda model, config: asyncio.run(model.ainvoke("hi", config)),
    "stream": lambda model, config: list(model.stream("hi", config)),
    "events": lambda model, config: str(model.stream_events("hi", config, version="v3").text),
    "batch": lambda model, config: model.batch(["hi", "ho"], config),
    "tools": lambda model, config: model.bind_tools([SAVE]).invoke("hi", config),
    "structured": lambda model, config: model.with_structured_output(SAVE).invoke("hi", config),
}


def overheard(model: FreeTierChatModel, way: str, **more: Any) -> str:
    """Return all that listeners, traces and the caller get, as one text."""
    recorder, tracer = Recorder(), Tracer()
    said = WAYS[way](model, {"callbacks": [recorder, tracer], **more})  # type: ignore[typeddict-item]
    assert any("on_chat_model_start" in text for text in recorder.heard)
    traced = json.dumps([run.model_dump() for run in tracer.runs], default=repr)
    assert "north-1" in traced
    return "".join([*recorder.heard, traced, repr(said)])


@pytest.mark.parametrize("way", WAYS)
def test_listeners_and_traces_never_see_a_key(way: str) -> None:
    """Also when a provider repeats the key in its error, and through a failover."""
    assert CANARY not in overheard(refusing(NORTH, SOUTH), way)


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_is_leaked_is_found(way: str) -> None:
    """The search would see one: here its owner writes it where listeners look."""
    assert CANARY in overheard(refusing(NORTH, SOUTH), way, metadata={"note": CANARY})


@pytest.mark.parametrize(
    "fields",
    [
        {"api_key": CANARY, "modle": "fast"},
        {"api_key": [CANARY]},
        {"config": [{"auth": {"api_key": CANARY}}]},
        {"router": {"auth": {"api_key": CANARY}}},
    ],
)
def test_what_cannot_be_used_is_not_repeated(fields: dict[str, Any]) -> None:
    """Pydantic shows what it was given, and that may hold a key."""
    for kind in (FreeTierChatModel, FreeTierEmbeddings):
        with pytest.raises(ValidationError) as got:
            kind(**fields)
        assert CANARY not in "".join(traceback.format_exception(got.value))


def test_a_pickle_never_holds_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds the name of its variable; a key that is written out cannot travel at all."""
    monkeypatch.setenv("CANARY_KEY", CANARY)
    account = {"provider": "groq", "auth": {"api_key": "${CANARY_KEY}"}}
    by_name = FreeTierChatModel(model="fast", config={"accounts": [account]})
    assert CANARY not in str(pickle.dumps(by_name))
    assert CANARY in str(pickle.dumps({"key": CANARY}))

    written = FreeTierChatModel(model="fast", provider="groq", api_key=CANARY)
    with pytest.raises(ConfigError, match="written out") as got:
        pickle.dumps(written)
    assert CANARY not in "".join(traceback.format_exception(got.value))


def test_an_error_never_says_a_key() -> None:
    """Neither its text nor its route nor what caused it."""
    with pytest.raises(ModelAuthenticationError) as got:
        refusing(NORTH).invoke("hi")

    error: BaseException | None = got.value
    while error is not None:
        assert CANARY not in f"{error!r} {vars(error)!r} {pickle.dumps(error)!r}"
        error = error.__cause__ or error.__context__
    assert CANARY not in "".join(traceback.format_exception(got.value))


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
