"""What LangChain reads off a model without calling it, and what making one does not do."""

from __future__ import annotations

import copy
import json
import pickle
import typing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.exceptions import ModelInvalidRequestError
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import ConfigurableField, Runnable
from pydantic import ValidationError

from freetier import ConfigError, Router, __version__
from freetier_langchain import FreeTierChatModel, chat_model
from tests.langchain.stage import (
    ALIAS,
    MODEL,
    NORTH,
    OTHER_MODEL,
    SOUTH,
    configuration,
    offline,
    stage,
    two_providers,
)

SECRET = "canary-7f3a"


def test_a_model_is_made_from_its_name() -> None:
    """The short way in gives the same model."""
    assert chat_model("fast", temperature=0) == FreeTierChatModel(model="fast", temperature=0)


def test_making_a_model_reads_nothing(tmp_path: Path) -> None:
    """A file that is not there is missed by the first call only."""
    model = FreeTierChatModel(model="fast", config=tmp_path / "freetier.yaml")

    with pytest.raises(ModelInvalidRequestError, match=r"freetier\.yaml"):
        model.invoke("hi")


def test_an_unknown_field_is_refused() -> None:
    """LangChain alone would ignore a typing error."""
    with pytest.raises(ValidationError, match="did you mean 'temperature'"):
        FreeTierChatModel(model="fast", temprature=0)


@pytest.mark.parametrize("extra", [{"n": 2}, {"temperature": 1}])
def test_a_parameter_that_has_a_place_of_its_own_is_not_passed_on(extra: dict[str, Any]) -> None:
    """It would be sent twice, or change what an answer is."""
    with pytest.raises(ValidationError, match=r"one answer|argument of its own"):
        FreeTierChatModel(model="fast", model_kwargs=extra)


def test_a_model_that_nobody_has_is_said_with_the_nearest_names() -> None:
    """The error of the core comes through."""
    with pytest.raises(ConfigError, match="fleet"):
        offline(two_providers()).invoke("hi", model="flet")


def test_a_key_without_a_provider_is_warned_about() -> None:
    """Nobody can say whose it would be; it is kept secret all the same."""
    with pytest.warns(UserWarning, match="provider"):
        model = FreeTierChatModel(model="fast", api_key=SECRET)

    assert SECRET not in repr(model)


def test_a_key_with_its_provider_is_that_providers_account() -> None:
    """One account is all there is then, and only it may answer."""
    model = FreeTierChatModel(model="fast", provider="groq", api_key=SECRET)

    assert model.profile is not None
    assert repr(model._live_router()) == "Router(groq)"
    assert SECRET not in repr(model)


def test_a_provider_alone_narrows_who_may_answer() -> None:
    """The router stays the one it was."""
    model = offline(two_providers())
    model.provider = SOUTH

    assert model.invoke("hi").response_metadata["provider"] == SOUTH


async def test_an_awaited_call_finds_its_configuration(tmp_path: Path) -> None:
    """The file is read on the first call, beside the loop that runs."""
    with stage() as scene:
        file = tmp_path / "freetier.json"
        file.write_text(json.dumps(configuration(scene.fleet)), encoding="utf-8")
        model = FreeTierChatModel(model=ALIAS, config=file)

        whole = await model.ainvoke("hi")
        pieces = [chunk async for chunk in model.astream("hi")]
        await model._live_router().aclose()

    assert whole.content
    assert pieces


def test_the_profile_is_looked_up_when_it_is_asked_for() -> None:
    """It says what the router would find somebody for, and sizes only where they are known."""
    model = offline(two_providers())

    assert "profile" not in vars(model)
    assert model.profile == {
        "text_inputs": True,
        "text_outputs": True,
        "image_inputs": True,
        "image_url_inputs": True,
        "audio_inputs": True,
        "video_inputs": False,
        "pdf_inputs": True,
        "tool_calling": True,
        "tool_choice": True,
        "reasoning_output": False,
        "structured_output": True,
    }


def test_a_profile_of_ones_own_is_kept() -> None:
    """What is said at construction is not looked up."""
    assert chat_model("fast", profile={"max_input_tokens": 5}).profile == {"max_input_tokens": 5}


def test_a_profile_that_cannot_be_looked_up_is_none(tmp_path: Path) -> None:
    """Agents ask before they call; the call itself then says what is wrong."""
    assert chat_model("fast", config=tmp_path / "missing.yaml").profile is None


def test_traces_know_the_alias_before_the_call() -> None:
    """A model of the call's own is told instead."""
    model = chat_model("fast", temperature=0, max_tokens=5)
    said = model._get_ls_params(stop=["x"], model="best")

    assert model._get_ls_params()["ls_model_name"] == "fast"
    assert chat_model()._get_ls_params()["ls_model_name"] == "default"
    assert said == {
        "ls_provider": "freetier",
        "ls_model_name": "best",
        "ls_model_type": "chat",
        "ls_temperature": 0,
        "ls_max_tokens": 5,
        "ls_stop": ["x"],
    }


def test_a_cache_goes_by_what_answers_depend_on() -> None:
    """Nothing else, and no key, is part of it."""
    model = chat_model("fast", temperature=0, timeout=5, model_kwargs={"top_k": 1}, only=["groq"])

    assert model._identifying_params == {
        "model": "fast",
        "temperature": 0,
        "only": ["groq"],
        "model_kwargs": {"top_k": 1},
    }


def test_tokens_are_counted_without_a_download() -> None:
    """About four bytes make a token; whoever has a tokenizer may give it."""
    model = chat_model("fast")
    messages = [HumanMessage("How long is this?")]

    assert model.get_num_tokens("12345678") == 2
    assert model.get_token_ids("12341234")[0] == model.get_token_ids("1234")[0]
    assert model.get_num_tokens_from_messages(messages) > 4
    assert model.get_num_tokens_from_messages(
        messages, tools=[{"name": "f", "description": "d", "parameters": {}}]
    ) > model.get_num_tokens_from_messages(messages)
    assert chat_model("fast", custom_get_token_ids=lambda _: [1]).get_token_ids("long text") == [1]


def test_the_version_is_in_every_trace() -> None:
    """LangChain collects those of all packages."""
    assert chat_model("fast").metadata["lc_versions"]["freetier"] == __version__


@pytest.mark.parametrize("name", ["bind_tools", "with_structured_output"])
def test_what_they_return_can_be_found_out_at_run_time(name: str) -> None:
    """Fallbacks forward a method only if its annotation says that it returns a runnable."""
    hints = typing.get_type_hints(getattr(FreeTierChatModel, name))

    assert issubclass(typing.get_origin(hints["return"]), Runnable)


def test_a_configurable_model_keeps_its_router() -> None:
    """A model is made anew for each call, and still counts with the others."""
    fleet = two_providers()
    model = offline(fleet).configurable_fields(model=ConfigurableField(id="which"))

    first = model.invoke("hi")
    second = model.with_config(configurable={"which": OTHER_MODEL}).invoke("hi")

    assert first.response_metadata["model_name"] == MODEL
    assert second.response_metadata["model_name"] == OTHER_MODEL
    assert len(fleet.books) == 2


def test_a_configurable_model_still_streams() -> None:
    """LangChain passes every field then, also those that nobody set."""
    model = offline(two_providers()).configurable_fields(model=ConfigurableField(id="which"))

    assert len(list(model.stream("hi", config={"configurable": {"which": ALIAS}}))) > 1


def test_a_model_is_one_of_several_alternatives() -> None:
    """Its way to be chosen is LangChain's."""
    other = two_providers()
    model = offline(two_providers()).configurable_alternatives(
        ConfigurableField(id="who"), default_key="us", them=offline(other)
    )
    model.with_config(configurable={"who": "them"}).invoke("hi")

    assert len(other.books) == 1


def test_copies_share_the_router() -> None:
    """Copies count together, however they are made."""
    model = offline(two_providers())

    for twin in (copy.copy(model), copy.deepcopy(model), model.model_copy()):
        assert twin.router is model.router


def test_a_pickled_model_comes_back_with_the_live_router(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one process it is the same router; elsewhere one of the same configuration."""
    monkeypatch.setenv("GROQ_API_KEY", SECRET)
    model = FreeTierChatModel(model="fast", router=Router.from_env())

    pickled = pickle.dumps(model)

    assert SECRET.encode() not in pickled
    assert pickle.loads(pickled).router is model.router  # noqa: S301 - our own


def test_a_model_without_a_router_is_pickled_by_its_configuration() -> None:
    """The file's name travels, and the router is found again where it arrives."""
    model = FreeTierChatModel(model="fast", config=Path("freetier.yaml"), temperature=0)

    twin = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own

    assert (twin.config, twin.temperature, twin.model) == (model.config, 0, "fast")


def test_a_key_that_is_written_out_is_not_pickled() -> None:
    """The error names it; a key that is not used is left behind."""
    model = FreeTierChatModel(model="fast", provider="groq", api_key=SECRET)
    with pytest.raises(ConfigError, match="key"):
        pickle.dumps(model)

    with pytest.warns(UserWarning, match="provider"):
        unused = FreeTierChatModel(model="fast", api_key=SECRET)
    assert SECRET.encode() not in pickle.dumps(unused)


def test_usage_is_grouped_by_the_model_that_answered() -> None:
    """LangChain's own counter agrees with the provider's books to the token."""
    fleet = two_providers()
    counter = UsageMetadataCallbackHandler()
    model = offline(fleet)

    model.invoke("one", config={"callbacks": [counter]})
    for _ in model.stream("two", config={"callbacks": [counter]}):
        pass

    tokens = fleet.books.tokens()
    assert counter.usage_metadata[MODEL]["input_tokens"] == tokens.input
    assert counter.usage_metadata[MODEL]["output_tokens"] == tokens.output


def test_a_model_is_a_member_of_langchains_own_fallbacks() -> None:
    """Tools that are bound to the whole reach ours as well."""
    fleet = two_providers()
    broken = offline(fleet)
    broken.only = "nobody"
    tools = [{"name": "look_up", "description": "d", "parameters": {"type": "object"}}]
    both = broken.with_fallbacks([offline(fleet)])

    message = both.bind_tools(tools, tool_choice="any").invoke("hi")

    assert isinstance(message, AIMessage)
    assert message.tool_calls[0]["name"] == "look_up"
    assert message.response_metadata["provider"] == NORTH
